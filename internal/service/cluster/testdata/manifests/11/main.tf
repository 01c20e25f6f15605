variable "wait_for" {
  description = "What to wait for: nothing, where it is enough that the cluster is stored."
  type        = list(string)
  default     = []
}

locals {
  # The legacy classes take a list, and the size as an object.
  volumes = [for name in ["containerd", "kubelet"] : {
    name = name, mountPath = "/var/lib/${name}", storageClass = "gold-policy", capacity = { storage = "15Gi" }
  }]
}

resource "vks_cluster" "test" {
  name      = "prod"
  namespace = vks_namespace.test.name
  wait_for  = var.wait_for

  kubernetes_version = "v1.25.7---vmware.3-fips.1-tkg.1"
  cluster_class      = "tanzukubernetescluster"
  vm_class           = "best-effort-small"
  storage_class      = "gold-policy"

  network = {
    pods           = ["192.168.0.0/20"]
    services       = ["192.168.32.0/20"]
    service_domain = "cluster.local"
  }

  control_plane = { replicas = 1 }

  # An override takes the place of the whole variable: it has one volume, in the
  # machine's own storage class.
  node_pools = {
    for name, pool in { node-pool-1 = ["best-effort-medium", "30Gi"], node-pool-2 = ["best-effort-small", "10Gi"] } : name => {
      replicas                      = 1
      vm_class                      = pool[0]
      variables                     = jsonencode({ nodePoolVolumes = [{ name = "containerd", mountPath = "/var/lib/containerd", capacity = { storage = pool[1] } }] })
    }
  }

  variables = jsonencode({
    user = {
      passwordSecret   = { name = "prod-ssh-password-hashed", key = "ssh-passwordkey" }
      sshAuthorizedKey = "ssh-ed25519 AAAAC3test\n"
    }
    ntp                         = "ntp.vmware.com"
    clusterEncryptionConfigYaml = "encrypt: everything\n"
    storageClasses              = ["gold-policy"]
    controlPlaneVolumes         = local.volumes
    nodePoolVolumes             = []
    nodePoolLabels              = []
    nodePoolTaints              = []
  })
}

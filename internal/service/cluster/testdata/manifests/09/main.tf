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
  vm_class           = "best-effort-medium"
  storage_class      = "gold-policy"

  network = {
    pods           = ["192.168.0.0/20"]
    services       = ["192.168.32.0/20"]
    service_domain = "cluster.local"
  }

  control_plane = { replicas = 1 }

  node_pools = {
    for n, min in [1, 0, 0] : "node-pool-${n + 1}" => { autoscaler = { min = min, max = 3 } }
  }

  variables = jsonencode({
    ntp                         = "time.google.com"
    defaultStorageClass         = "gold-policy"
    clusterEncryptionConfigYaml = "encrypt: everything\n"
    nodePoolVolumes             = local.volumes
    controlPlaneVolumes         = local.volumes
  })
}

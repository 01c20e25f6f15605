variable "wait_for" {
  description = "What to wait for: nothing, where it is enough that the cluster is stored."
  type        = list(string)
  default     = []
}

resource "vks_cluster" "test" {
  name      = "prod"
  namespace = vks_namespace.test.name
  wait_for  = var.wait_for

  kubernetes_version = "v1.34.1+vmware.1-vkr.4"
  cluster_class      = "builtin-generic-v3.5.0"
  vm_class           = "best-effort-medium"
  storage_class      = "gold-policy"

  network = {
    pods     = ["192.168.0.0/16"]
    services = ["10.96.0.0/12"]
  }

  control_plane = {
    replicas = 1
    os_image = { name = "ubuntu", version = "24.04" }
  }

  # One pool for each rack.
  node_pools = {
    for n in range(1, 5) : "node-pool-${n}" => {
      replicas    = 1
      vm_class    = "best-effort-2xlarge"
      os_image    = { name = "ubuntu", version = "24.04" }
      node_labels = { "topology.kubernetes.io/region" = "rack${n}" }
      volumes = {
        containerd = { mount_path = "/var/lib/containerd", capacity = "100Gi", storage_class = "gold-policy" }
      }
    }
  }

  variables = jsonencode({
    vsphereOptions = { persistentVolumes = { defaultStorageClass = "gold-policy" } }
    kubernetes     = { security = { podSecurityStandard = { enforce = "baseline" } } }
  })
}

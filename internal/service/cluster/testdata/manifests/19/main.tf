variable "wait_for" {
  description = "What to wait for: nothing, where it is enough that the cluster is stored."
  type        = list(string)
  default     = []
}

locals {
  image = { name = "photon", selector = { content-library = "cl-32ee3681364c701d0" } }
}

resource "vks_cluster" "test" {
  name      = "prod"
  namespace = vks_namespace.test.name
  wait_for  = var.wait_for

  kubernetes_version      = "v1.33.6+vmware.1-fips"
  cluster_class           = "builtin-generic-v3.4.0"
  cluster_class_namespace = "vmware-system-vks-public"
  vm_class                = "best-effort-large"
  storage_class           = "gold-policy"

  # With host bits, as it was typed: the platform keeps it like that.
  network = {
    pods     = ["192.168.156.0/20"]
    services = ["10.96.0.0/12"]
  }

  control_plane = {
    replicas = 1
    os_image = local.image
  }

  node_pools = {
    node-pool-01 = {
      autoscaler = { min = 2, max = 10 }
      os_image   = local.image
    }
  }

  variables = jsonencode({
    volumes = [{ name = "containerd-data", mountPath = "/var/lib/containerd", capacity = "100Gi", storageClass = "gold-policy" }]
  })
}

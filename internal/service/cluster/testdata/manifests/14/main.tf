variable "wait_for" {
  description = "What to wait for: nothing, where it is enough that the cluster is stored."
  type        = list(string)
  default     = []
}

resource "vks_cluster" "test" {
  name      = "prod"
  namespace = vks_namespace.test.name
  wait_for  = var.wait_for

  kubernetes_version      = "v1.34.2"
  cluster_class           = "builtin-generic-v3.6.0"
  cluster_class_namespace = "vmware-system-vks-public"
  vm_class                = "best-effort-small"
  storage_class           = "gold-policy"

  network = {
    pods     = ["100.96.0.0/11"]
    services = ["10.96.0.0/12"]
  }

  # Slow disks: etcd may need more than an hour.
  control_plane = {
    health_check = { node_startup_timeout = "4h" }
  }

  node_pools = { node-pool-1 = { replicas = 1 } }
}

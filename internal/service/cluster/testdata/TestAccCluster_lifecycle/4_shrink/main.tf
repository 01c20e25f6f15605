variable "name" { type = string }

resource "vks_namespace" "test" {
  name             = var.name
  vm_classes       = ["best-effort-small", "best-effort-medium"]
  storage_policies = { gold-policy = {} }
}

resource "vks_cluster" "test" {
  name               = "prod"
  namespace          = vks_namespace.test.name
  kubernetes_version = "v1.34"
  vm_class           = "best-effort-small"
  storage_class      = "gold-policy"

  network = {
    pods     = ["192.168.156.0/18"]
    services = ["10.96.0.0/12"]
  }

  control_plane = { replicas = 3 }

  node_pools = {
    workers = { autoscaler = { min = 1, max = 3 } }
  }
}

variable "name" { type = string }

resource "vks_namespace" "test" {
  name             = var.name
  vm_classes       = ["best-effort-small", "best-effort-medium"]
  storage_policies = { gold-policy = {} }
}

resource "vks_cluster" "test" {
  name                    = "prod"
  namespace               = vks_namespace.test.name
  kubernetes_version      = "v1.33"
  cluster_class_namespace = var.name
  vm_class                = "best-effort-small"
  storage_class           = "gold-policy"
  wait_for                = []

  network = {
    pods            = ["192.168.0.0/16"]
    services        = ["10.96.0.0/12"]
    api_server_port = 6444
  }

  control_plane = {}

  node_pools = {
    db   = { autoscaler = { min = 1, max = 2 } }
    auto = { replicas = 1 }
  }
}

variable "name" { type = string }

resource "vks_namespace" "test" {
  name             = var.name
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
}

resource "vks_cluster" "test" {
  name               = "prod"
  namespace          = vks_namespace.test.name
  kubernetes_version = "v1.33"
  vm_class           = "best-effort-small"
  storage_class      = "gold-policy"
  wait_for           = []

  network = {
    pods     = ["192.168.0.0/16"]
    services = ["10.96.0.0/12"]
  }

  control_plane = {}

  node_pools = {
    np = {
      replicas        = 1
      health_check    = { node_startup_timeout = "4h" }
      readiness_gates = [{ condition_type = "example.com/Z" }]
      machine_taints  = [{ key = "example.com/z", effect = "NoSchedule", propagation = "Always" }]
    }
  }
}

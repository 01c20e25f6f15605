variable "name" { type = string }

resource "vks_namespace" "test" {
  name             = var.name
  vm_classes       = ["best-effort-small", "best-effort-medium"]
  storage_policies = { gold-policy = {} }
}

resource "vks_cluster" "test" {
  name               = "prod"
  namespace          = vks_namespace.test.name
  kubernetes_version = "v1.33"
  vm_class           = "best-effort-small"
  storage_class      = "gold-policy"
  wait_for           = ["addons"]

  network = {
    pods     = ["192.168.156.0/18"]
    services = ["10.96.0.0/12"]
  }

  control_plane = { replicas = 3 }

  node_pools = {
    workers = { replicas = 1 }
    gone    = { replicas = 1 }
  }

  variables = jsonencode({
    osConfiguration = { ntp = { servers = ["ntp.example.com"] } }
    kubernetes      = { security = { podSecurityStandard = { enforce = "baseline", warn = null } } }
  })
  labels      = { tier = "test" }
  annotations = { "example.com/owner" = "team a" }
}

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

  network = {
    pods     = ["192.168.156.0/18"]
    services = ["10.96.0.0/12"]
  }

  control_plane = {
    replicas           = 3
    node_drain_timeout = "600s"
  }

  node_pools = {
    workers = {
      replicas          = 2
      min_ready_seconds = 0
    }
    extra = {
      replicas    = 1
      vm_class    = "best-effort-medium"
      node_labels = { role = "extra" }
      taints      = [{ key = "dedicated", effect = "NoSchedule" }]
      volumes     = { containerd = { mount_path = "/var/lib/containerd", capacity = "20Gi" } }
      labels      = { pool = "extra" }
      os_image    = { name = "ubuntu", version = "24.04" }
      rollout     = { type = "RollingUpdate", max_surge = 1, max_unavailable = "0" }

      deletion_order        = "Oldest"
      node_deletion_timeout = "5m"
      variables = jsonencode({
        kubernetes = { kubeletConfiguration = { maxPods = 50 } }
      })
    }
  }

  variables = jsonencode({
    osConfiguration = { ntp = { servers = ["ntp.example.com"] } }
    kubernetes      = { security = { podSecurityStandard = { enforce = "baseline", warn = null } } }
  })
  labels      = { tier = "test", more = "yes" }
  annotations = { "example.com/owner" = "team a" }
}

resource "vks_namespace" "team_a" {
  name             = "team-a"
  vm_classes       = ["best-effort-small", "best-effort-large", "guaranteed-medium"]
  storage_policies = { "vSAN Default Storage Policy" = {} }
}

resource "vks_cluster" "prod" {
  name      = "prod"
  namespace = vks_namespace.team_a.name

  # A prefix: the newest 1.33 when the cluster is made. live_version says which.
  kubernetes_version = "v1.33"

  vm_class      = "best-effort-small"
  storage_class = vks_namespace.team_a.storage_classes["vSAN Default Storage Policy"]

  # The network cannot be changed later: leave room for nodes (a /24 each).
  network = {
    pods     = ["192.168.0.0/16"]
    services = ["10.96.0.0/12"]
  }

  control_plane = {
    replicas = 3
    vm_class = "guaranteed-medium"
  }

  node_pools = {
    general = {
      replicas = 3

      # Replaces machines that fail: all of the class' own rules are left out then.
      health_check = {
        node_startup_timeout = "2h"
        unhealthy_node_conditions = [
          { type = "Ready", status = "Unknown", timeout = "5m" },
          { type = "Ready", status = "False", timeout = "12m" },
        ]
        max_unhealthy = "40%"
        max_in_flight = "1"
      }

      rollout            = { max_surge = "25%" }
      node_drain_timeout = "15m"
      deletion_order     = "Oldest"
    }
    data = {
      autoscaler  = { min = 1, max = 5 }
      vm_class    = "best-effort-large"
      node_labels = { workload = "data" }
      taints      = [{ key = "workload", value = "data", effect = "NoSchedule" }]
      volumes = {
        containerd = { mount_path = "/var/lib/containerd", capacity = "50Gi" }
      }
    }
  }

  # Everything else that the ClusterClass knows.
  variables = jsonencode({
    kubernetes = {
      security = { podSecurityStandard = { enforce = "baseline" } }
    }
    osConfiguration = {
      ntp = { servers = ["ntp.example.com"] }
    }
  })

  deletion_protection = true

  timeouts = {
    create = "1h"
    update = "3h"
  }
}

output "prod_nodes" {
  value = vks_cluster.prod.node_counts
}

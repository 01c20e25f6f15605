variable "name" { type = string }

resource "vks_namespace" "test" {
  name             = var.name
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
}

import {
  to = vks_cluster.test
  id = "${var.name}/prod"
}

resource "vks_cluster" "test" {
  name               = "prod"
  namespace          = vks_namespace.test.name
  kubernetes_version = "v1.33"
  vm_class           = "best-effort-small"
  storage_class      = "gold-policy"

  network = {
    pods     = ["192.168.0.0/16"]
    services = ["10.96.0.0/12"]
  }

  control_plane = {
    os_image = { name = "photon", selector = { content-library = "cl-32ee3681364c701d0" } }
  }

  node_pools = {
    np = {
      replicas           = 1
      node_labels        = { role = "db" }
      taints             = [{ key = "dedicated", value = "db", effect = "NoSchedule" }]
      node_drain_timeout = "600s"
      health_check = {
        node_startup_timeout      = "4h"
        unhealthy_node_conditions = [{ type = "Ready", status = "Unknown", timeout = "300s" }]
        max_in_flight             = "1"
        max_unhealthy             = "40%"
      }
      readiness_gates = [{ condition_type = "example.com/A", polarity = "Positive" }, { condition_type = "example.com/Z" }]
      machine_taints = [
        { key = "example.com/z", effect = "NoExecute", propagation = "OnInitialization" },
        { key = "example.com/z", effect = "NoSchedule", propagation = "Always" },
      ]
      rollout_after = "2020-03-09T10:00:00+01:00"
      volumes = {
        a = { mount_path = "/a", capacity = "1Gi" }
        b = { mount_path = "/b", capacity = "2Gi", storage_class = "gold-policy" }
      }
    }
  }

  variables = jsonencode({ osConfiguration = { sshd = { banner = "hello" } } })
  labels    = { team = "a" }

  availability_gates = [{ condition_type = "example.com/Backed" }]
}

variable "name" { type = string }

variable "detach_timeout" {
  type    = string
  default = "10m"
}

variable "rollout_after" {
  type    = string
  default = "2020-03-09T09:00:00Z"
}

resource "vks_namespace" "test" {
  name             = var.name
  vm_classes       = ["best-effort-small", "best-effort-medium"]
  storage_policies = { gold-policy = {} }
}

# Elements of which nothing is known before the first apply.
resource "terraform_data" "taint" {
  input = { key = "dedicated", value = "db", effect = "NoSchedule" }
}

resource "terraform_data" "volume" {
  input = { mount_path = "/var/lib/containerd", capacity = "20Gi", storage_class = "gold-policy" }
}

resource "terraform_data" "gate" {
  input = { condition_type = "example.com/Burned", polarity = "Negative" }
}

resource "terraform_data" "unhealthy" {
  input = { type = "Ready", status = "Unknown", timeout = "5m" }
}

resource "vks_cluster" "test" {
  name                    = "prod"
  namespace               = vks_namespace.test.name
  kubernetes_version      = "v1.33"
  cluster_class           = "builtin-generic-v3.4.0"
  cluster_class_namespace = var.name
  pin_cluster_class       = true
  vm_class                = "best-effort-small"
  storage_class           = "gold-policy"
  wait_for                = []
  availability_gates      = [{ condition_type = "example.com/Backed" }]

  network = {
    pods            = ["192.168.0.0/16"]
    services        = ["10.96.0.0/12"]
    api_server_port = 6444
  }

  control_plane = {
    os_image                   = { name = "ubuntu", version = "24.04" }
    volumes                    = { etcd = { mount_path = "/var/lib/etcd", capacity = "10Gi" } }
    variables                  = jsonencode({ osConfiguration = { ntp = { servers = ["cp.example.com"] } } })
    labels                     = { part = "control-plane" }
    node_volume_detach_timeout = var.detach_timeout
    health_check               = { node_startup_timeout = "4h", max_unhealthy = "100%" }
    rollout_after              = var.rollout_after
    readiness_gates            = [{ condition_type = "example.com/Checked" }]
    machine_taints             = [{ key = "example.com/cp", value = "x", effect = "NoExecute", propagation = "Always" }]
  }

  node_pools = {
    db = {
      replicas       = 1
      zone           = "zone-1"
      node_labels    = { role = "db" }
      taints         = [terraform_data.taint.output, { key = "second", effect = "NoExecute" }]
      volumes        = { containerd = terraform_data.volume.output, data = { mount_path = "/data", capacity = "5Gi" } }
      os_image       = { name = "ubuntu", version = "22.04" }
      rollout        = { type = "RollingUpdate", max_surge = "25%", max_unavailable = "0" }
      deletion_order = "Oldest"
      health_check = {
        enabled                      = true
        node_startup_timeout         = "90m"
        unhealthy_node_conditions    = [terraform_data.unhealthy.output, { type = "Ready", status = "False", timeout = "720s" }]
        unhealthy_machine_conditions = [{ type = "NodeReady", status = "False", timeout = "1h" }]
        unhealthy_range              = "[1-3]"
        max_unhealthy                = "2"
        max_in_flight                = "50%"
        remediation_template         = { api_version = "example.com/v1", kind = "Mend", name = "mend" }
      }
      rollout_after   = "2020-03-09T10:00:00+01:00"
      readiness_gates = [terraform_data.gate.output, { condition_type = "example.com/Checked" }]
      machine_taints = [
        { key = "example.com/new", effect = "NoSchedule", propagation = "OnInitialization" },
        { key = "example.com/db", value = "x", effect = "NoSchedule", propagation = "Always" },
      ]
      variables = jsonencode({ osConfiguration = { ntp = { servers = ["db.example.com"] } } })
    }
    auto = { autoscaler = { min = 1, max = 2 } }
  }
}

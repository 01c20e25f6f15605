variable "name" { type = string }

variable "detach_timeout" {
  type    = string
  default = "10m"
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
      variables      = jsonencode({ osConfiguration = { ntp = { servers = ["db.example.com"] } } })
    }
    auto = { autoscaler = { min = 1, max = 2 } }
  }
}

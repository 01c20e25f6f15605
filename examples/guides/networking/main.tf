resource "vks_namespace" "net" {
  name             = "networking"
  vm_classes       = ["best-effort-medium", "guaranteed-large"]
  storage_policies = { "vSAN Default Storage Policy" = {} }
}

# Room for 512 nodes. This cluster takes 3 (control plane), up to 40 (workers),
# and 3 more while everything rolls.
resource "vks_cluster" "roomy" {
  name               = "roomy"
  namespace          = vks_namespace.net.name
  kubernetes_version = "v1.34"
  vm_class           = "best-effort-medium"
  storage_class      = vks_namespace.net.storage_classes["vSAN Default Storage Policy"]

  network = {
    pods     = ["240.0.0.0/15"]
    services = ["240.4.0.0/20"]
  }

  # Antrea is the default: only its settings are said. Before Kubernetes 1.35
  # this is the spec of the AntreaConfig, from then on the values of the AddonConfig.
  cni = {
    name = "antrea"
    config = jsonencode({
      antrea = { config = { featureGates = { FlowExporter = true } } }
    })
  }

  control_plane = {
    replicas = 3
    vm_class = "guaranteed-large" # up to 100 workers
  }

  node_pools = {
    general = {
      replicas = 20
      rollout  = { max_surge = "2" }
    }
    # Rolls in place, without a node more than it has: no spare block is needed.
    burst = {
      autoscaler = { min = 0, max = 20 }
      rollout    = { max_surge = "0", max_unavailable = "1" }
    }
  }
}

# From Kubernetes 1.35 on there is Cilium, too, for clusters without Windows.
resource "vks_cluster" "cilium" {
  name               = "cilium"
  namespace          = vks_namespace.net.name
  kubernetes_version = "v1.35"
  vm_class           = "best-effort-medium"
  storage_class      = vks_namespace.net.storage_classes["vSAN Default Storage Policy"]

  network = {
    pods     = ["192.168.0.0/20"]
    services = ["10.112.0.0/16"]
  }

  cni           = { name = "cilium" }
  control_plane = {}
  node_pools    = { general = { replicas = 3 } }
}

# A cluster with another network plugin, and with settings of its own.
resource "vks_cluster" "calico" {
  name               = "calico"
  namespace          = vks_namespace.team_a.name
  kubernetes_version = "v1.34"
  vm_class           = "best-effort-small"
  storage_class      = vks_namespace.team_a.storage_classes["vSAN Default Storage Policy"]

  network = {
    pods     = ["192.168.0.0/16"]
    services = ["10.96.0.0/12"]
  }

  cni = {
    name = "calico"
    # The spec of the CalicoConfig; from Kubernetes 1.35 on the values of the AddonConfig.
    config = jsonencode({
      calico = { config = { vethMTU = 1400 } }
    })
  }

  control_plane = {}
  node_pools    = { general = { replicas = 2 } }
}

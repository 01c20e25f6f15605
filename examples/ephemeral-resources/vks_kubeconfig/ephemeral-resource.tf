resource "vks_cluster" "prod" {
  name               = "prod"
  namespace          = "team-a"
  kubernetes_version = "v1.33"
  vm_class           = "best-effort-small"
  storage_class      = "vsan-default-storage-policy"
  network            = { pods = ["172.20.0.0/16"], services = ["10.96.0.0/16"] }
  control_plane      = { replicas = 1 }
  node_pools         = { workers = { replicas = 2 } }
}

# Credentials of the cluster, for this run only: nothing of them is in plan or state.
ephemeral "vks_kubeconfig" "prod" {
  cluster_id = vks_cluster.prod.id
}

# Credentials of a cluster, for this run only: nothing of them is in plan or state.
ephemeral "vks_kubeconfig" "prod" {
  cluster_id = vks_cluster.prod.id
}

provider "kubernetes" {
  host                   = ephemeral.vks_kubeconfig.prod.host
  cluster_ca_certificate = ephemeral.vks_kubeconfig.prod.cluster_ca_certificate
  token                  = ephemeral.vks_kubeconfig.prod.token
}

# Another provider works in the cluster with them.
provider "kubernetes" {
  host                   = ephemeral.vks_kubeconfig.prod.host
  cluster_ca_certificate = ephemeral.vks_kubeconfig.prod.cluster_ca_certificate
  token                  = ephemeral.vks_kubeconfig.prod.token
}

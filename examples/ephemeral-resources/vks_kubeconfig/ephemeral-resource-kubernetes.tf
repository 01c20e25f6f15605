# Other providers work in the cluster with them. A token or a certificate, one of
# them is null: the same lines serve both. In the first apply, which makes the
# cluster, what these providers manage has to wait for it: resources do so by
# themselves, kubernetes_manifest cannot, since it asks the cluster at plan.
provider "kubernetes" {
  host                   = ephemeral.vks_kubeconfig.prod.host
  cluster_ca_certificate = ephemeral.vks_kubeconfig.prod.cluster_ca_certificate
  token                  = ephemeral.vks_kubeconfig.prod.token
  client_certificate     = ephemeral.vks_kubeconfig.prod.client_certificate
  client_key             = ephemeral.vks_kubeconfig.prod.client_key
}

# Helm provider 3; in version 2, kubernetes is a block.
provider "helm" {
  kubernetes = {
    host                   = ephemeral.vks_kubeconfig.prod.host
    cluster_ca_certificate = ephemeral.vks_kubeconfig.prod.cluster_ca_certificate
    token                  = ephemeral.vks_kubeconfig.prod.token
    client_certificate     = ephemeral.vks_kubeconfig.prod.client_certificate
    client_key             = ephemeral.vks_kubeconfig.prod.client_key
  }
}

# It is made when the cluster is there, and destroyed before it.
resource "kubernetes_namespace_v1" "shop" {
  metadata {
    name = "shop"
  }
  depends_on = [vks_cluster.prod]
}

# Velero on a cluster: installed, or adopted where the add-on is there already.
resource "vks_data_protection" "prod" {
  cluster_id = "team-a/prod"

  default_snapshot_move_data = true
  node_agent_resources       = { memory_limit = "2Gi" }

  # "keep", the default, leaves Velero running when this resource is destroyed.
  on_destroy = "remove"
}

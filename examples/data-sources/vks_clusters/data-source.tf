# All clusters of the Supervisor: for an account with a role on the whole of it.
data "vks_clusters" "all" {}

# Which are still on an old minor version.
output "to_upgrade" {
  value = [
    for id, cluster in data.vks_clusters.all.clusters : id
    if can(regex("^v1\\.(2[0-9]|3[0-2])\\.", cluster.live_version))
  ]
}

# Those of one tenant, by label. A VIEW role in the namespace is enough.
resource "vks_namespace" "team_a" {
  name = "team-a"
}

data "vks_clusters" "team_a" {
  namespace      = vks_namespace.team_a.name
  label_selector = "stage in (prod, test)"
}

output "team_a" {
  value = { for id in data.vks_clusters.team_a.ids : id => data.vks_clusters.team_a.clusters[id].available }
}

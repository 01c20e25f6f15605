import {
  to = vks_cluster.prod
  id = "team-a/prod"
}

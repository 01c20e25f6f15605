import {
  to = vks_cluster.prod
  identity = {
    namespace = "team-a"
    name      = "prod"
  }
}

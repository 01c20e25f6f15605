import {
  to = vks_data_protection.prod
  identity = {
    cluster_id = "team-a/prod"
    namespace  = "velero"
  }
}

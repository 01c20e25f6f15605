import {
  to = vks_backup_schedule.nightly
  identity = {
    cluster_id = "team-a/prod"
    namespace  = "velero"
    name       = "nightly"
  }
}

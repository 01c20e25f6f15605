import {
  to = vks_backup_schedule.nightly
  id = "team-a/prod/velero/nightly"
}

import {
  to = vks_storage_location.s3
  id = "team-a/prod/velero/s3"
}

import {
  to = vks_storage_location.s3
  identity = {
    cluster_id = "team-a/prod"
    namespace  = "velero"
    name       = "s3"
  }
}

import {
  to = vks_data_protection.prod
  id = "team-a/prod/velero"
}

variable "name" { type = string }

resource "terraform_data" "namespaces" {
  input = ["team-a", "team-b"]
}

resource "vks_backup_schedule" "test" {
  name             = var.name
  schedule         = "CRON_TZ=Europe/Berlin 30 */6 * * *"
  retention        = "336h"
  skip_immediately = true
  storage_location = "default"

  included_namespaces                 = terraform_data.namespaces.output
  excluded_namespaces                 = []
  included_namespace_scoped_resources = ["*"]
  excluded_cluster_scoped_resources   = ["storageclasses.storage.k8s.io"]

  or_label_selectors = [
    { match_labels = { app = "shop" } },
    { match_expressions = [{ key = "tier", operator = "In", values = ["db", "cache"] }, { key = "tmp", operator = "DoesNotExist" }] },
  ]
  ordered_resources         = { pods = "team-a/db-0,team-a/db-1" }
  backup_labels             = { team = "a" }
  volume_snapshot_locations = ["default"]

  volumes = {
    snapshot               = true
    snapshot_move_data     = true
    fs_backup_by_default   = false
    csi_snapshot_timeout   = "20m"
    item_operation_timeout = "2h"
    data_mover             = "velero"
    parallel_files_upload  = 4
    resource_policy        = { name = "policies" }
  }

  hooks = [{
    name           = "freeze"
    namespaces     = ["team-a"]
    resources      = ["pods"]
    label_selector = { match_labels = { app = "db" } }
    pre            = [{ container = "db", command = ["/sbin/fsfreeze", "--freeze", "/data"], on_error = "Fail", timeout = "90s" }]
    post           = [{ command = ["/sbin/fsfreeze", "--unfreeze", "/data"] }]
  }]
}

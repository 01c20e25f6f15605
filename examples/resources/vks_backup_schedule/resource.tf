# No more than four hours of data may be lost; the provider derives the schedule.
resource "vks_backup_schedule" "shop" {
  cluster_id       = "team-a/prod"
  name             = "shop"
  rpo              = "4h"
  retention        = "336h"
  storage_location = "s3"

  included_namespaces = ["shop"]

  volumes = {
    snapshot_move_data = true
  }

  hooks = [{
    name           = "freeze-database"
    namespaces     = ["shop"]
    label_selector = { match_labels = { app = "postgres" } }
    pre            = [{ container = "postgres", command = ["/bin/sh", "-c", "psql -c CHECKPOINT"], timeout = "30s" }]
  }]
}

# All of the cluster, every night at two o'clock in Berlin.
resource "vks_backup_schedule" "nightly" {
  cluster_id          = "team-a/prod"
  name                = "nightly"
  schedule            = "CRON_TZ=Europe/Berlin 0 2 * * *"
  excluded_namespaces = ["kube-system"]
}

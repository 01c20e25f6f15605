variable "name" { type = string }

resource "vks_backup_schedule" "test" {
  name             = var.name
  schedule         = "0 2 * * *"
  storage_location = "default"

  included_namespaces = ["team-b", "team-a"]
}

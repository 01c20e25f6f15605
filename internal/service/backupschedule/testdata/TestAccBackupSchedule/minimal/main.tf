variable "name" { type = string }

resource "vks_backup_schedule" "test" {
  name     = var.name
  schedule = "@daily"
}

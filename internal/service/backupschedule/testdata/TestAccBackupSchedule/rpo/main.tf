variable "name" { type = string }

resource "vks_backup_schedule" "test" {
  name = var.name
  rpo  = "4h"
}

variable "name" { type = string }

resource "terraform_data" "rpo" {
  input = "90m"
}

resource "vks_backup_schedule" "test" {
  name      = var.name
  rpo       = terraform_data.rpo.output
  retention = terraform_data.rpo.output
}

variable "name" { type = string }
variable "url" { type = string }
variable "bucket" { type = string }
variable "access_key" {
  type      = string
  ephemeral = true
}
variable "secret_key" {
  type      = string
  ephemeral = true
}

resource "terraform_data" "period" {
  input = "10m"
}

resource "vks_storage_location" "test" {
  name         = var.name
  object_store = "aws"
  bucket       = var.bucket
  prefix       = "${var.name}/inner"

  s3 = {
    region             = "us-east-1"
    url                = var.url
    force_path_style   = true
    checksum_algorithm = ""
    tagging            = "team=a&purpose=backup"
  }
  config = {
    signatureVersion = "4"
  }

  access_key_id_wo       = var.access_key
  secret_access_key_wo   = var.secret_key
  credentials_wo_version = 1

  access_mode          = "ReadOnly"
  backup_sync_period   = terraform_data.period.output
  validation_frequency = "30s"
  timeouts             = { update = "3m" }
}

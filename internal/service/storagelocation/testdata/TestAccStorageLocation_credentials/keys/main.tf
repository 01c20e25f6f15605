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

variable "credentials_version" { type = number }

resource "vks_storage_location" "test" {
  name         = var.name
  object_store = "aws"
  bucket       = var.bucket
  prefix       = var.name

  s3 = {
    region           = "us-east-1"
    url              = var.url
    force_path_style = true
    profile          = "backup"
  }

  access_key_id_wo       = var.access_key
  secret_access_key_wo   = var.secret_key
  credentials_wo_version = var.credentials_version
  validation_frequency   = "0s"
}

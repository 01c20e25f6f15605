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
  }

  credentials_wo         = "[default]\naws_access_key_id=${var.access_key}\naws_secret_access_key=${var.secret_key}\n"
  credentials_wo_version = var.credentials_version
}

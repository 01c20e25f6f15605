variable "access_key_id" {
  type      = string
  ephemeral = true
}

variable "secret_access_key" {
  type      = string
  ephemeral = true
}

resource "vks_storage_location" "s3" {
  cluster_id   = "team-a/prod"
  name         = "s3"
  object_store = "aws"
  bucket       = "velero"
  prefix       = "team-a-prod"

  s3 = {
    region           = "us-east-1"
    url              = "https://s3.example.com"
    force_path_style = true
  }

  # Write-only: never in state or plan. Raise the version to send new keys.
  access_key_id_wo       = var.access_key_id
  secret_access_key_wo   = var.secret_access_key
  credentials_wo_version = 1
}

# The same bucket on another cluster, to restore from.
resource "vks_storage_location" "restore" {
  cluster_id   = "team-a/restore"
  name         = "prod"
  object_store = "aws"
  bucket       = "velero"
  prefix       = "team-a-prod"
  access_mode  = "ReadOnly"

  s3 = {
    region           = "us-east-1"
    url              = "https://s3.example.com"
    force_path_style = true
  }

  credential = {
    name = "cloud-credentials"
    key  = "cloud"
  }
}

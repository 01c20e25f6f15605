variable "name" { type = string }

resource "terraform_data" "uploader" {
  input = "kopia"
}

resource "vks_data_protection" "test" {
  namespace  = var.name
  on_destroy = "remove"

  node_agent                   = false
  csi_snapshots                = false
  default_snapshot_move_data   = true
  default_volumes_to_fs_backup = true
  uploader                     = terraform_data.uploader.output
  resources                    = { cpu_request = "1000m", memory_limit = "1Gi" }
  node_agent_resources         = { memory_limit = "2Gi" }
  features                     = ["EnableAPIGroupVersions"]
  image_pull_secrets           = ["registry"]
  pod_labels                   = { team = "a" }
  pod_annotations              = { note = "x" }
  timeouts                     = { update = "5m" }
}

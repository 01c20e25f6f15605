variable "name" { type = string }

resource "vks_data_protection" "test" {
  namespace    = var.name
  velero_image = "registry.example.com/velero:other"
  node_agent   = false
  on_destroy   = "remove"
}

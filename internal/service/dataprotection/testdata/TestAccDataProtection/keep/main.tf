variable "name" { type = string }

resource "vks_data_protection" "test" {
  namespace  = var.name
  on_destroy = "remove"
}

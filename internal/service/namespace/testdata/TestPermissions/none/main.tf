variable "name" { type = string }

resource "vks_namespace" "test" {
  name          = var.name
  force_destroy = true
}

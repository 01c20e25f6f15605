variable "name" { type = string }
variable "policies" { type = list(string) }
variable "classes" { type = list(string) }

resource "vks_namespace" "test" {
  name          = var.name
  force_destroy = true
}

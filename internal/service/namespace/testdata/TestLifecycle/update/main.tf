variable "name" { type = string }
variable "policies" { type = list(string) }
variable "classes" { type = list(string) }

resource "vks_namespace" "test" {
  name        = var.name
  description = "second"

  cpu_limit_mhz     = 9000
  storage_limit_mib = 2048

  container_defaults = {
    cpu_limit_mhz = 600
  }

  storage_policies = {
    (var.policies[0]) = {}
    (var.policies[1]) = { limit_mib = 0 }
  }
  vm_classes = [var.classes[0], var.classes[1]]

  permissions = [
    { principal = "Administrator", domain = "vsphere.local", type = "USER", role = "VIEW" },
  ]

  force_destroy = true

  timeouts = { update = "5m" }
}

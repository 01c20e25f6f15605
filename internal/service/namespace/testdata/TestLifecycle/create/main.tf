variable "name" { type = string }
variable "policies" { type = list(string) }
variable "classes" { type = list(string) }

resource "vks_namespace" "test" {
  name        = var.name
  description = "first"

  cpu_limit_mhz     = 8000
  memory_limit_mib  = 16384
  storage_limit_mib = 0

  container_defaults = {
    cpu_request_mhz = 100
    cpu_limit_mhz   = 500
  }

  object_limits = {
    pods    = 50
    secrets = 0
  }

  storage_policies = {
    (var.policies[0]) = { limit_mib = 10240 }
    (var.policies[1]) = {}
  }
  vm_classes = [var.classes[0]]

  permissions = [
    { principal = "Administrator", domain = "vsphere.local", type = "USER", role = "EDIT" },
  ]

  force_destroy = true
}

output "storage_class" {
  value = vks_namespace.test.storage_classes[var.policies[0]]
}

variable "name" { type = string }
variable "policies" { type = list(string) }
variable "classes" { type = list(string) }

resource "vks_namespace" "test" {
  name             = var.name
  description      = "known after apply"
  memory_limit_mib = 4096
  storage_policies = { (var.policies[0]) = { limit_mib = 512 } }
  vm_classes       = [var.classes[0]]
  object_limits    = { pods = 4096 }
  permissions = [
    { principal = "anna", domain = "vsphere.local", type = "USER", role = "VIEW" },
  ]
  force_destroy = true
}

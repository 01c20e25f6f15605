variable "name" { type = string }

resource "vks_namespace" "test" {
  name = var.name
  permissions = [
    { principal = "anna", domain = "vsphere.local", type = "USER", role = "EDIT" },
    { principal = "Developers", domain = "vsphere.local", type = "GROUP", role = "VIEW" },
  ]
  exclusive_permissions = true
  force_destroy         = true
}

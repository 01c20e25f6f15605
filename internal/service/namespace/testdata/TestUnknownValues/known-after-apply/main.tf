variable "name" { type = string }
variable "policies" { type = list(string) }
variable "classes" { type = list(string) }

# The values of this resource are not known at plan.
resource "terraform_data" "later" {
  input = {
    name      = var.name
    text      = "known after apply"
    number    = 4096
    policies  = { (var.policies[0]) = 512 }
    class     = var.classes[0]
    principal = "anna"
  }
}

resource "vks_namespace" "test" {
  name             = terraform_data.later.output.name
  description      = terraform_data.later.output.text
  memory_limit_mib = terraform_data.later.output.number
  storage_policies = { for name, limit in terraform_data.later.output.policies : name => { limit_mib = limit } }
  vm_classes       = [terraform_data.later.output.class]
  object_limits    = { pods = terraform_data.later.output.number }
  permissions = [
    { principal = terraform_data.later.output.principal, domain = "vsphere.local", type = "USER", role = "VIEW" },
  ]
  force_destroy = true
}

variable "name" {
  description = "Name of the vSphere Namespace."
  type        = string
}

resource "vks_namespace" "test" {
  name             = var.name
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
}

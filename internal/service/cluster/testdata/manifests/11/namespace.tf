variable "name" {
  description = "Name of the vSphere Namespace."
  type        = string
}

resource "vks_namespace" "test" {
  name             = var.name
  vm_classes       = ["best-effort-small", "best-effort-medium"]
  storage_policies = { gold-policy = {} }
}

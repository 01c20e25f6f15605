terraform {
  required_providers {
    vsphere = { source = "vmware/vsphere" }
  }
}

variable "server" { type = string }
variable "user" { type = string }
variable "password" {
  type      = string
  sensitive = true
}
variable "name" {
  type    = string
  default = "team-a"
}
variable "supervisor" { type = string }
variable "policies" { type = list(string) }
variable "policy_ids" { type = map(string) }
variable "classes" { type = list(string) }

provider "vsphere" {
  vsphere_server       = var.server
  user                 = var.user
  password             = var.password
  allow_unverified_ssl = true
}

resource "vsphere_namespace" "test" {
  name             = var.name
  supervisor       = var.supervisor
  storage_policies = [for name in var.policies : var.policy_ids[name]]

  vm_service {
    vm_classes = var.classes
  }
}

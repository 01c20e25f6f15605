terraform {
  required_providers {
    vks = { source = "vksops/vks" }
  }
}

variable "server" { type = string }
variable "user" { type = string }
variable "password" {
  type      = string
  sensitive = true
}
variable "ca_file" { type = string }
variable "name" {
  type    = string
  default = "team-a"
}
variable "supervisor" { type = string }
variable "policies" { type = list(string) }
variable "classes" { type = list(string) }
variable "description" {
  type    = string
  default = null
}
variable "limit_mib" {
  type    = number
  default = null
}
variable "create" {
  type    = string
  default = "5m"
}

provider "vks" {
  vcenter = {
    server   = var.server
    username = var.user
    password = var.password
    ca_file  = var.ca_file
  }
}

resource "vks_namespace" "test" {
  name             = var.name
  supervisor       = var.supervisor
  description      = var.description
  storage_policies = { for name in var.policies : name => { limit_mib = var.limit_mib } }
  vm_classes       = var.classes
  force_destroy    = true

  timeouts = {
    create = var.create
  }
}

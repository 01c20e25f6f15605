variable "access_key_id" {
  type      = string
  ephemeral = true
}

variable "secret_access_key" {
  type      = string
  ephemeral = true
}

# The same product three times. What differs is written here and nowhere else.
locals {
  environments = {
    dev  = { cpu_limit_mhz = 24000, memory_limit_mib = 65536, vm_class = "best-effort-small", nodes = 2, control_plane = 1, role = "EDIT", protected = false, rpo = null }
    test = { cpu_limit_mhz = 24000, memory_limit_mib = 65536, vm_class = "best-effort-small", nodes = 2, control_plane = 1, role = "EDIT", protected = false, rpo = null }
    prod = { cpu_limit_mhz = 96000, memory_limit_mib = 262144, vm_class = "guaranteed-medium", nodes = 5, control_plane = 3, role = "VIEW", protected = true, rpo = "1h" }
  }
  backed_up = { for name, environment in local.environments : name => environment if environment.rpo != null }
}

# Developers may do everything in dev and test, and look at prod.
resource "vks_namespace" "environment" {
  for_each = local.environments

  name             = "shop-${each.key}"
  cpu_limit_mhz    = each.value.cpu_limit_mhz
  memory_limit_mib = each.value.memory_limit_mib
  storage_policies = { "vSAN Default Storage Policy" = {} }
  vm_classes       = [each.value.vm_class]

  permissions = [
    { principal = "shop-developers", domain = "vsphere.local", type = "GROUP", role = each.value.role },
    { principal = "operations", domain = "vsphere.local", type = "GROUP", role = "OWNER" },
  ]

  deletion_protection = each.value.protected
}

resource "vks_cluster" "environment" {
  for_each = local.environments

  name               = "shop"
  namespace          = vks_namespace.environment[each.key].name
  kubernetes_version = "v1.33"
  vm_class           = each.value.vm_class
  storage_class      = vks_namespace.environment[each.key].storage_classes["vSAN Default Storage Policy"]
  network            = { pods = ["172.20.0.0/16"], services = ["10.96.0.0/16"] }
  control_plane      = { replicas = each.value.control_plane }
  node_pools         = { workers = { replicas = each.value.nodes } }

  deletion_protection = each.value.protected
}

# Only what has an RPO is backed up.
resource "vks_data_protection" "environment" {
  for_each = local.backed_up

  cluster_id = vks_cluster.environment[each.key].id
  plugins    = ["velero/velero-plugin-for-aws:v1.14.3"]
}

resource "vks_storage_location" "environment" {
  for_each = local.backed_up

  cluster_id             = vks_data_protection.environment[each.key].cluster_id
  name                   = "offsite"
  object_store           = "aws"
  bucket                 = "shop-backups"
  prefix                 = each.key
  s3                     = { region = "eu-central-1" }
  access_key_id_wo       = var.access_key_id
  secret_access_key_wo   = var.secret_access_key
  credentials_wo_version = 1
}

resource "vks_backup_schedule" "environment" {
  for_each = local.backed_up

  cluster_id          = vks_storage_location.environment[each.key].cluster_id
  name                = "all"
  rpo                 = each.value.rpo
  retention           = "720h"
  excluded_namespaces = ["kube-system"]
  storage_location    = vks_storage_location.environment[each.key].name
}

data "vks_quota_usage" "prod" {
  namespace = vks_namespace.environment["prod"].id
}

check "prod_quota" {
  assert {
    condition     = data.vks_quota_usage.prod.status == "ok"
    error_message = join("\n", data.vks_quota_usage.prod.reasons)
  }
}

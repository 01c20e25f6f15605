# Keys of each tenant's own bucket: a tenant's keys open no other bucket.
variable "backup_keys" {
  type      = map(object({ access_key_id = string, secret_access_key = string }))
  ephemeral = true
}

locals {
  tenants = {
    acme   = { nodes = 3, rpo = "1h", retention = "2160h" }
    globex = { nodes = 2, rpo = "24h", retention = "720h" }
  }
}

resource "vks_namespace" "tenant" {
  for_each = local.tenants

  name              = "tenant-${each.key}"
  cpu_limit_mhz     = 48000
  memory_limit_mib  = 131072
  storage_limit_mib = 1048576
  storage_policies  = { "vSAN Default Storage Policy" = { limit_mib = 524288 } }
  vm_classes        = ["guaranteed-medium"]

  # The tenant is administrator of its cluster, and of nothing else.
  permissions = [
    { principal = "${each.key}-admins", domain = "vsphere.local", type = "GROUP", role = "EDIT" },
  ]
  exclusive_permissions = true

  deletion_protection = true
}

resource "vks_cluster" "tenant" {
  for_each = local.tenants

  name               = each.key
  namespace          = vks_namespace.tenant[each.key].name
  kubernetes_version = "v1.33"
  vm_class           = "guaranteed-medium"
  storage_class      = vks_namespace.tenant[each.key].storage_classes["vSAN Default Storage Policy"]
  network            = { pods = ["172.20.0.0/16"], services = ["10.96.0.0/16"] }
  control_plane      = { replicas = 3 }
  node_pools         = { workers = { replicas = each.value.nodes } }

  deletion_protection = true
}

resource "vks_data_protection" "tenant" {
  for_each = local.tenants

  cluster_id = vks_cluster.tenant[each.key].id
  plugins    = ["velero/velero-plugin-for-aws:v1.14.3"]
}

resource "vks_storage_location" "tenant" {
  for_each = local.tenants

  cluster_id             = vks_data_protection.tenant[each.key].cluster_id
  name                   = "offsite"
  object_store           = "aws"
  bucket                 = "backups-${each.key}"
  s3                     = { region = "eu-central-1" }
  access_key_id_wo       = var.backup_keys[each.key].access_key_id
  secret_access_key_wo   = var.backup_keys[each.key].secret_access_key
  credentials_wo_version = 1
}

resource "vks_backup_schedule" "tenant" {
  for_each = local.tenants

  cluster_id          = vks_storage_location.tenant[each.key].cluster_id
  name                = "all"
  rpo                 = each.value.rpo
  retention           = each.value.retention
  excluded_namespaces = ["kube-system"]
  storage_location    = vks_storage_location.tenant[each.key].name
}

# One reading for all tenants, however many they are.
data "vks_quota_usage" "tenants" {
  namespace_names = [for tenant in vks_namespace.tenant : tenant.id]
}

check "quota" {
  assert {
    condition     = data.vks_quota_usage.tenants.status != "critical"
    error_message = join("\n", data.vks_quota_usage.tenants.reasons)
  }
}

output "usage" {
  value = { for name, usage in data.vks_quota_usage.tenants.namespaces : name => usage.status }
}

locals {
  # Workload class → RPO → retention → what.
  protection = {
    critical = { rpo = "1h", retention = "720h", namespaces = ["payments", "orders"] }
    standard = { rpo = "24h", retention = "2160h", namespaces = ["web"] }
    archive  = { rpo = "168h", retention = "8760h", namespaces = ["reports"] }
  }
}

module "tenant" {
  source = "../modules/tenant"

  name           = var.tenant
  storage_policy = var.storage_policy
  permissions    = var.permissions

  quota = {
    cpu_mhz     = 48000
    memory_mib  = 65536
    storage_mib = 1048576
  }

  cluster = {
    kubernetes_version = var.kubernetes_version
    node_pools         = { workers = 2 }
  }

  backup_target = {
    bucket = var.backup_bucket
    url    = var.backup_url
  }
  backup_access_key_id     = var.backup_access_key_id
  backup_secret_access_key = var.backup_secret_access_key

  protection = local.protection
}

# Leading indicators: said on every plan and by scheduled health assessments,
# long before a tenant is at its limit or a host failure cannot be absorbed.
# The data sources stand outside of the check blocks: inside, every plan would
# announce to read them again, and no plan would be empty.
data "vks_quota_usage" "tenant" {
  namespace = module.tenant.namespace
}

data "vks_host_headroom" "hosts" {
  vm_class                  = "best-effort-small"
  host_failures_to_tolerate = 1
  warning_percent           = 75
  critical_percent          = 90
}

check "quota" {
  assert {
    condition     = data.vks_quota_usage.tenant.status != "critical"
    error_message = "Tenant ${module.tenant.namespace} is at its quota: ${join("; ", data.vks_quota_usage.tenant.reasons)}"
  }
}

check "headroom" {
  assert {
    condition     = data.vks_host_headroom.hosts.status != "critical"
    error_message = "The hosts have no headroom: ${join("; ", data.vks_host_headroom.hosts.reasons)}"
  }
}

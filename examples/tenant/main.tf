module "tenant" {
  source = "../modules/tenant"

  name       = var.tenant
  supervisor = var.supervisor

  quota                    = var.quota
  storage_policy           = var.storage_policy
  storage_policy_limit_mib = var.storage_policy_limit_mib
  vm_classes               = var.vm_classes
  permissions              = var.permissions

  cluster = merge(var.cluster, { kubernetes_version = var.kubernetes_version })

  backup_target = {
    bucket           = var.backup_bucket
    url              = var.backup_url
    region           = var.backup_region
    force_path_style = var.backup_force_path_style
  }
  backup_access_key_id       = var.backup_access_key_id
  backup_secret_access_key   = var.backup_secret_access_key
  backup_credentials_version = var.backup_credentials_version

  velero_image        = var.velero_image
  velero_plugin_image = var.velero_plugin_image
  protection          = var.protection
  deletion_protection = var.deletion_protection
}

# Leading indicators: said on every plan and by scheduled health assessments,
# long before a tenant is at its limit or a host failure cannot be absorbed.
# The data sources stand outside of the check blocks: inside, every plan would
# announce to read them again, and no plan would be empty.
data "vks_quota_usage" "tenant" {
  namespace = module.tenant.namespace
}

data "vks_host_headroom" "hosts" {
  supervisor                = var.supervisor
  vm_class                  = coalesce(var.headroom.vm_class, module.tenant.vm_class)
  host_failures_to_tolerate = var.headroom.host_failures_to_tolerate
  warning_percent           = var.headroom.warning_percent
  critical_percent          = var.headroom.critical_percent
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

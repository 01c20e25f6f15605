# What each department may use, and who speaks for it.
locals {
  departments = {
    finance = {
      cpu_limit_mhz = 48000, memory_limit_mib = 131072, storage_limit_mib = 1048576
      group         = "finance-admins"
      vm_classes    = ["guaranteed-medium"]
    }
    engineering = {
      cpu_limit_mhz = 192000, memory_limit_mib = 524288, storage_limit_mib = 4194304
      group         = "engineering-admins"
      vm_classes    = ["best-effort-small", "best-effort-large"]
    }
  }
}

# A department makes its own clusters within its quota: EDIT is enough for that,
# and reaches no other department.
resource "vks_namespace" "department" {
  for_each = local.departments

  name        = "dept-${each.key}"
  description = "Department ${each.key}"

  cpu_limit_mhz     = each.value.cpu_limit_mhz
  memory_limit_mib  = each.value.memory_limit_mib
  storage_limit_mib = each.value.storage_limit_mib

  storage_policies = {
    "vSAN Default Storage Policy" = { limit_mib = each.value.storage_limit_mib }
  }
  vm_classes = each.value.vm_classes

  permissions = [
    { principal = each.value.group, domain = "vsphere.local", type = "GROUP", role = "EDIT" },
  ]
  exclusive_permissions = true

  deletion_protection = true
}

# What each department costs in a month, and which of them needs more.
data "vks_quota_usage" "departments" {
  namespace_names = [for department in vks_namespace.department : department.id]

  rates = {
    cpu_ghz_hour      = 0.012
    memory_gib_hour   = 0.004
    storage_gib_month = 0.09
  }
}

check "quota" {
  assert {
    condition     = data.vks_quota_usage.departments.status != "critical"
    error_message = join("\n", data.vks_quota_usage.departments.reasons)
  }
}

output "monthly_cost" {
  value = { for name, usage in data.vks_quota_usage.departments.namespaces : name => usage.cost.total }
}

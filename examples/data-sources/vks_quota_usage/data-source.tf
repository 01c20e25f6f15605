# All namespaces of the Supervisor, priced for a month.
data "vks_quota_usage" "all" {
  warning_percent  = 80
  critical_percent = 95
  rates = {
    cpu_ghz_hour      = 0.012
    memory_gib_hour   = 0.004
    storage_gib_month = 0.09
  }
}

# Warn while there is still time to act.
check "quota" {
  assert {
    condition     = data.vks_quota_usage.all.status != "critical"
    error_message = join("\n", data.vks_quota_usage.all.reasons)
  }
}

# Autoscalers that cannot reach their maximum within the quota.
output "blocked_autoscalers" {
  value = [for name, usage in data.vks_quota_usage.all.namespaces : name if usage.autoscaler_headroom_blocked == true]
}

# For chargeback.
output "monthly_cost" {
  value = { for name, usage in data.vks_quota_usage.all.namespaces : name => usage.cost.total }
}

resource "vks_namespace" "team_a" {
  name        = "team-a"
  description = "Team A: web shop"

  # Quota. A limit that is left out does not exist.
  cpu_limit_mhz     = 48000
  memory_limit_mib  = 131072
  storage_limit_mib = 2097152

  # By the names that vCenter shows. Without limit_mib a policy is unlimited.
  storage_policies = {
    "gold-policy"   = { limit_mib = 524288 }
    "silver-policy" = {}
  }

  vm_classes = ["best-effort-small", "best-effort-medium", "guaranteed-large"]

  object_limits = {
    services                 = 50
    persistent_volume_claims = 200
  }

  permissions = [
    { principal = "team-a-admins", domain = "vsphere.local", type = "GROUP", role = "OWNER" },
    { principal = "auditor", domain = "vsphere.local", type = "USER", role = "VIEW" },
  ]

  deletion_protection = true

  timeouts = {
    create = "15m"
  }
}

# The StorageClass that a policy became, for clusters in the namespace.
output "team_a_storage_class" {
  value = vks_namespace.team_a.storage_classes["gold-policy"]
}

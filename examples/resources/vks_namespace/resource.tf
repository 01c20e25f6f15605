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

  # By name or by id.
  content_libraries = ["team-images"]

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

# A namespace in two of the Supervisor's zones, with its part of each, and with a
# workload network that is chosen when it is created.
resource "vks_namespace" "team_b" {
  name             = "team-b"
  description      = "Team B: two zones"
  storage_policies = { "silver-policy" = { limit_mib = 1048576 } }
  vm_classes       = ["guaranteed-large"]

  zones = {
    "zone-1" = {
      cpu_limit_mhz          = 32000
      cpu_reservation_mhz    = 8000
      memory_limit_mib       = 65536
      memory_reservation_mib = 16384
      vm_reservations        = { "guaranteed-large" = 2 }
    }
    "zone-2" = {
      memory_limit_mib = 32768
    }
  }

  network = {
    provider = "VSPHERE_NETWORK"
    networks = ["primary-workload"]
  }
}

# Managed object ids of its resource pools, by zone: for permissions or reports in vCenter.
output "team_b_resource_pools" {
  value = vks_namespace.team_b.resource_pools
}

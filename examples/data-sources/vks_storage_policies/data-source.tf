data "vks_storage_policies" "all" {}

# Each tenant gets all policies but those for backups, with a limit.
resource "vks_namespace" "team_a" {
  name = "team-a"
  storage_policies = {
    for name in data.vks_storage_policies.all.names : name => { limit_mib = 524288 } if !startswith(name, "backup")
  }
}

# The StorageClass that a policy becomes is known before any namespace has it.
output "storage_classes" {
  value = { for name, policy in data.vks_storage_policies.all.storage_policies : name => policy.storage_class }
}

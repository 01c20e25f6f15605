# The Supervisor of the provider block, or the only one of the vCenter.
data "vks_supervisor" "this" {}

# Its zones and compute clusters, without an id in the configuration.
output "zones" {
  value = { for name, zone in data.vks_supervisor.this.zones : name => zone.clusters }
}

data "vks_host_headroom" "this" {
  compute_clusters = data.vks_supervisor.this.compute_clusters
}

check "supervisor" {
  assert {
    condition     = data.vks_supervisor.this.kubernetes_status == "READY"
    error_message = join("\n", [for m in coalesce(data.vks_supervisor.this.messages, []) : "${m.severity}: ${m.message}"])
  }
}

output "memory_used_percent" {
  value = floor(100 * data.vks_supervisor.this.memory_used_mib / data.vks_supervisor.this.memory_capacity_mib)
}

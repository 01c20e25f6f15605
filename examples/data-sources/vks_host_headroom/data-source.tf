# Is there room for three more large workers, also after a host has failed?
data "vks_host_headroom" "workers" {
  vm_class                  = "best-effort-large"
  host_failures_to_tolerate = 1
  cpu_overcommit            = 4.0
  memory_overcommit         = 1.0
}

# A check warns. Put the same condition into a precondition of the cluster to
# stop the plan instead.
check "room_for_workers" {
  assert {
    condition = data.vks_host_headroom.workers.placeable_after_failures >= 3
    error_message = join("\n", concat(
      ["After a host failure there is room for ${data.vks_host_headroom.workers.placeable_after_failures} more workers, 3 are wanted."],
      data.vks_host_headroom.workers.reasons,
    ))
  }
}

# A machine of any size, other thresholds, and every host.
data "vks_host_headroom" "hosts" {
  vm = {
    cpus                   = 16
    memory_mib             = 65536
    memory_reservation_mib = 65536
  }
  warning_percent  = 70
  critical_percent = 85
  include_hosts    = true
}

output "hosts_without_use" {
  description = "Hosts that take no machines, and why."
  value = {
    for host in data.vks_host_headroom.hosts.hosts : host.name => host.unusable_reason if !host.usable
  }
}

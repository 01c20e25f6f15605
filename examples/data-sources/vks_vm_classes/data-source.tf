# The smallest class that reserves what it has, for machines of this size.
data "vks_vm_classes" "workers" {
  name_prefix    = "guaranteed-"
  min_cpus       = 4
  min_memory_mib = 16384
}

# All sizes that only get what is left over.
data "vks_vm_classes" "best_effort" {
  name_prefix = "best-effort-"
}

resource "vks_namespace" "team_a" {
  name       = "team-a"
  vm_classes = concat(data.vks_vm_classes.best_effort.names, [data.vks_vm_classes.workers.names[0]])
}

# What a namespace has, once it is there.
data "vks_vm_classes" "team_a" {
  namespace = vks_namespace.team_a.name
}

output "largest" {
  value = reverse(data.vks_vm_classes.team_a.names)[0]
}

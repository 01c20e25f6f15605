# All tenants of one Supervisor, by their naming convention.
data "vks_supervisor" "this" {}

data "vks_namespaces" "tenants" {
  supervisor  = data.vks_supervisor.this.name
  name_prefix = "team-"
}

# Warn about those that vCenter could not set up.
check "tenants" {
  assert {
    condition = alltrue([for tenant in data.vks_namespaces.tenants.namespaces : tenant.config_status != "ERROR"])
    error_message = join(", ", [
      for name, tenant in data.vks_namespaces.tenants.namespaces : name if tenant.config_status == "ERROR"
    ])
  }
}

output "tenants" {
  value = data.vks_namespaces.tenants.names
}

# Namespaces that somebody else manages: their names are all that is known.
data "vks_namespaces" "shared" {
  name_prefix = "shared-"
}

data "vks_namespace" "shared" {
  for_each = toset(data.vks_namespaces.shared.names)

  name = each.value
}

# What a cluster in them can be made of.
output "storage_classes" {
  value = { for name, namespace in data.vks_namespace.shared : name => values(namespace.storage_classes) }
}

output "owners" {
  value = {
    for name, namespace in data.vks_namespace.shared : name => [
      for permission in namespace.permissions : "${permission.principal}@${permission.domain}" if permission.role == "OWNER"
    ]
  }
}

# In a check a namespace that is not there is a warning, and no error.
check "registry" {
  data "vks_namespace" "registry" {
    name = "registry"
  }
  assert {
    condition     = data.vks_namespace.registry.memory_limit_mib != null
    error_message = "The namespace registry has no memory limit."
  }
}

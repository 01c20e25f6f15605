resource "vks_namespace" "team_a" {
  name             = "team-a"
  vm_classes       = ["best-effort-small"]
  storage_policies = { "vSAN Default Storage Policy" = {} }
}

resource "vks_cluster" "prod" {
  name               = "prod"
  namespace          = vks_namespace.team_a.name
  kubernetes_version = "v1.33"
  vm_class           = "best-effort-small"
  storage_class      = "vsan-default-storage-policy"
  network            = { pods = ["172.20.0.0/16"], services = ["10.96.0.0/16"] }
  control_plane      = { replicas = 1 }
  node_pools         = { workers = { replicas = 2 } }
}

# The cluster with all that the platform added. One that another configuration,
# or kubectl, made is read the same way: by namespace and name.
data "vks_cluster" "prod" {
  id = vks_cluster.prod.id
}

# What the platform set by itself is among the variables.
output "certificate_rotation" {
  value = jsondecode(data.vks_cluster.prod.variables).kubernetes.certificateRotation
}

# Warn about each condition that is not as it should be.
check "prod" {
  assert {
    condition     = data.vks_cluster.prod.available
    error_message = join("\n", [for c in data.vks_cluster.prod.conditions : "${c.type}: ${c.message}" if c.status != "True" && c.message != ""])
  }
}

variable "access_key_id" {
  type      = string
  ephemeral = true
}

variable "secret_access_key" {
  type      = string
  ephemeral = true
}

# Teams are Kubernetes namespaces of one cluster. Each has an RPO of its own.
locals {
  teams = {
    shop    = { rpo = "4h", retention = "720h" }
    reports = { rpo = "24h", retention = "336h" }
  }
}

# One quota for all. EDIT makes somebody an administrator of every cluster in
# the namespace, so only the platform team has it.
resource "vks_namespace" "shared" {
  name              = "shared"
  cpu_limit_mhz     = 96000
  memory_limit_mib  = 262144
  storage_limit_mib = 2097152
  storage_policies  = { "vSAN Default Storage Policy" = {} }
  vm_classes        = ["best-effort-medium"]

  permissions = [
    { principal = "platform", domain = "vsphere.local", type = "GROUP", role = "EDIT" },
    { principal = "developers", domain = "vsphere.local", type = "GROUP", role = "VIEW" },
  ]

  deletion_protection = true
}

resource "vks_cluster" "shared" {
  name               = "shared"
  namespace          = vks_namespace.shared.name
  kubernetes_version = "v1.33"
  vm_class           = "best-effort-medium"
  storage_class      = vks_namespace.shared.storage_classes["vSAN Default Storage Policy"]
  network            = { pods = ["172.20.0.0/16"], services = ["10.96.0.0/16"] }
  control_plane      = { replicas = 3 }
  node_pools         = { workers = { autoscaler = { min = 3, max = 9 } } }

  deletion_protection = true
}

resource "vks_data_protection" "shared" {
  cluster_id = vks_cluster.shared.id
  plugins    = ["velero/velero-plugin-for-aws:v1.14.3"]
}

resource "vks_storage_location" "offsite" {
  cluster_id             = vks_data_protection.shared.cluster_id
  name                   = "offsite"
  object_store           = "aws"
  bucket                 = "backups"
  prefix                 = "shared/shared"
  s3                     = { region = "eu-central-1" }
  access_key_id_wo       = var.access_key_id
  secret_access_key_wo   = var.secret_access_key
  credentials_wo_version = 1
}

resource "vks_backup_schedule" "team" {
  for_each = local.teams

  cluster_id          = vks_storage_location.offsite.cluster_id
  name                = each.key
  rpo                 = each.value.rpo
  retention           = each.value.retention
  included_namespaces = [each.key]
  storage_location    = vks_storage_location.offsite.name
}

# One quota means one number to watch: here it also says whether the
# autoscaler can still reach its maximum.
data "vks_quota_usage" "shared" {
  namespace = vks_namespace.shared.id
}

check "quota" {
  assert {
    condition     = data.vks_quota_usage.shared.status == "ok"
    error_message = join("\n", data.vks_quota_usage.shared.reasons)
  }
}

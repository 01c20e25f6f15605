# The boundary: who may run what, and how much of it.
resource "vks_namespace" "this" {
  name        = var.name
  supervisor  = var.supervisor
  description = "Tenant ${var.name}"

  cpu_limit_mhz     = var.quota.cpu_mhz
  memory_limit_mib  = var.quota.memory_mib
  storage_limit_mib = var.quota.storage_mib

  storage_policies = {
    (var.storage_policy) = { limit_mib = var.storage_policy_limit_mib }
  }
  vm_classes  = var.vm_classes
  permissions = var.permissions

  deletion_protection = var.deletion_protection
}

# The cluster that the tenant's applications run on.
resource "vks_cluster" "this" {
  name      = var.cluster.name
  namespace = vks_namespace.this.name

  kubernetes_version = var.cluster.kubernetes_version
  vm_class           = var.cluster.vm_class
  storage_class      = vks_namespace.this.storage_classes[var.storage_policy]

  network = {
    pods     = [var.cluster.pods]
    services = [var.cluster.services]
  }

  control_plane = {
    replicas = var.cluster.control_plane_replicas
    vm_class = var.cluster.control_plane_vm_class
  }

  node_pools = {
    for name, replicas in var.cluster.node_pools : name => { replicas = replicas }
  }

  deletion_protection = var.deletion_protection
}

# Velero, and where it puts backups.
resource "vks_data_protection" "this" {
  cluster_id   = vks_cluster.this.id
  velero_image = var.velero_image
  plugins      = [var.velero_plugin_image]
  on_destroy   = "remove"
}

resource "vks_storage_location" "offsite" {
  cluster_id       = vks_data_protection.this.cluster_id
  velero_namespace = vks_data_protection.this.namespace
  name             = "offsite"

  object_store = "aws"
  bucket       = var.backup_target.bucket
  prefix       = "${var.name}/${var.cluster.name}"
  s3 = {
    region           = var.backup_target.region
    url              = var.backup_target.url
    force_path_style = var.backup_target.force_path_style
  }

  access_key_id_wo       = var.backup_access_key_id
  secret_access_key_wo   = var.backup_secret_access_key
  credentials_wo_version = var.backup_credentials_version

  default = true
}

# One schedule for each class of workload: the RPO gives how often, the
# retention how long.
resource "vks_backup_schedule" "tier" {
  for_each = var.protection

  cluster_id       = vks_storage_location.offsite.cluster_id
  velero_namespace = vks_storage_location.offsite.velero_namespace
  name             = "${var.name}-${each.key}"

  rpo                 = each.value.rpo
  retention           = each.value.retention
  included_namespaces = each.value.namespaces
  storage_location    = vks_storage_location.offsite.name

  backup_labels = {
    tenant           = var.name
    "workload-class" = each.key
  }
}

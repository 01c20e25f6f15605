output "namespace" {
  description = "Name of the vSphere Namespace."
  value       = vks_namespace.this.id
}

output "cluster_id" {
  description = "Id of the cluster, for resources that take cluster_id."
  value       = vks_cluster.this.id
}

output "cluster" {
  description = "Where the cluster is and what runs."
  value = {
    api_endpoint = vks_cluster.this.api_endpoint
    version      = vks_cluster.this.live_version
    release      = vks_cluster.this.kubernetes_release
  }
}

output "vm_class" {
  description = "VM class of the cluster's machines."
  value       = vks_cluster.this.vm_class
}

output "protection" {
  description = "Workload class → RPO asked for, what runs, largest gap, retention, target."
  value = {
    for tier, s in vks_backup_schedule.tier : tier => {
      rpo                 = s.rpo
      schedule            = s.effective_schedule
      longest_gap_seconds = s.longest_gap_seconds
      retention           = s.retention
      target              = "${vks_storage_location.offsite.bucket}/${vks_storage_location.offsite.prefix}"
    }
  }
}

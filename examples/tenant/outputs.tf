output "cluster" {
  description = "Where the tenant's cluster is and what runs."
  value       = module.tenant.cluster
}

output "protection" {
  description = "Workload class → RPO, schedule, largest gap, retention, target."
  value       = module.tenant.protection
}

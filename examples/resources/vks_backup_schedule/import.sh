# CLUSTER_ID/VELERO_NAMESPACE/NAME; - is the cluster of the provider's workload block.
terraform import vks_backup_schedule.nightly team-a/prod/velero/nightly

# CLUSTER_ID/VELERO_NAMESPACE/NAME; - is the cluster of the provider's workload block.
terraform import vks_storage_location.s3 team-a/prod/velero/s3

# CLUSTER_ID/VELERO_NAMESPACE; - is the cluster of the provider's workload block.
terraform import vks_data_protection.prod team-a/prod/velero

# The id is NAMESPACE/NAME.
terraform import vks_cluster.prod team-a/prod

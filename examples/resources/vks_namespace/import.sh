# The id is the name of the namespace.
terraform import vks_namespace.team_a team-a

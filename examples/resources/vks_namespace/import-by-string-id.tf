import {
  to = vks_namespace.team_a
  id = "team-a"
}

import {
  to = vks_namespace.team_a
  identity = {
    name = "team-a"
  }
}

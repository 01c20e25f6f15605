# The built-in classes that take a version, the newest first.
data "vks_cluster_classes" "v1_33" {
  kubernetes_version = "v1.33"
}

output "class" {
  value = data.vks_cluster_classes.v1_33.newest
}

# What the variables of each class have to say.
output "required_variables" {
  value = { for c in data.vks_cluster_classes.v1_33.classes : c.name => [for name, v in c.variables : name if v.required] }
}

# And what one of them can say, in the newest class.
output "kubernetes_variable" {
  value = [for c in data.vks_cluster_classes.v1_33.classes : keys(jsondecode(c.variables["kubernetes"].schema).properties) if c.name == data.vks_cluster_classes.v1_33.newest]
}

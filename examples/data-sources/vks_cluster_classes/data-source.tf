# The built-in classes that take a version, the newest first.
data "vks_cluster_classes" "v1_33" {
  kubernetes_version = "v1.33"
}

output "class" {
  value = data.vks_cluster_classes.v1_33.newest
}

# What the variables of one class can say.
data "vks_cluster_classes" "one" {
  name = data.vks_cluster_classes.v1_33.newest
}

output "required_variables" {
  value = [for name, v in data.vks_cluster_classes.one.classes[0].variables : name if v.required]
}

output "kubernetes_variable" {
  value = keys(jsondecode(data.vks_cluster_classes.one.classes[0].variables["kubernetes"].schema).properties)
}

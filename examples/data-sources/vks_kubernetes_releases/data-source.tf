# The newest release of a minor version that clusters can be of.
data "vks_kubernetes_releases" "v1_33" {
  version = "v1.33"
}

# A prefix in kubernetes_version gets the newest patch when the cluster is made,
# and no later one by itself. With the name of the newest release here, each new
# patch is an upgrade that the next plan shows.
output "newest_patch" {
  value = data.vks_kubernetes_releases.v1_33.latest
}

# Which images os_image can select: Ubuntu alone is two of them from 1.33 on.
output "images" {
  value = distinct(flatten([
    for r in data.vks_kubernetes_releases.v1_33.releases : [for i in r.os_images : "${r.name}: ${coalesce(i.os_name, "?")} ${coalesce(i.os_version, "?")}"]
  ]))
}

# What the VKS service is too old for, and why.
data "vks_kubernetes_releases" "all" {
  compatible_only = false
}

output "not_usable" {
  value = { for r in data.vks_kubernetes_releases.all.releases : r.name => r.message if !r.compatible }
}

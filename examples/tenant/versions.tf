terraform {
  required_version = ">= 1.11"

  required_providers {
    vks = {
      source = "vksops/vks"
    }
  }
}

# Everything is read from the environment: VKS_VCENTER_SERVER, VKS_USERNAME,
# VKS_PASSWORD, VKS_VCENTER_CA_FILE, VKS_SUPERVISOR_CA_FILE, ...
provider "vks" {}

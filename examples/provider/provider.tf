terraform {
  required_providers {
    vks = {
      source = "vksops/vks"
    }
  }
}

# Every attribute can also come from the environment, see below.
provider "vks" {
  vcenter = {
    server   = "vcenter.example.com"
    username = "terraform@vsphere.local"
    # password: VKS_PASSWORD
    ca_file = "vcenter-ca.pem"
  }
  supervisor = {
    name    = "supervisor-1"
    ca_file = "supervisor-ca.pem"
  }
}

terraform {
  required_version = ">= 1.11"

  required_providers {
    vks = {
      source = "vksops/vks"
    }
  }
}

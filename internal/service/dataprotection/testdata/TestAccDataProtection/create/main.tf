variable "name" { type = string }

resource "vks_data_protection" "test" {
  namespace  = var.name
  on_destroy = "remove"
}

# A location in what was just installed, in the same apply.
resource "vks_storage_location" "test" {
  velero_namespace   = vks_data_protection.test.namespace
  name               = "first"
  object_store       = "aws"
  bucket             = "anything"
  wait_for_available = false
}

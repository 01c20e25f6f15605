variable "tenant" {
  description = "Name of the tenant."
  type        = string
  default     = "team-a"
}

variable "storage_policy" {
  description = "Name of a storage policy in vCenter."
  type        = string
  default     = "vSAN Default Storage Policy"
}

variable "kubernetes_version" {
  description = "Kubernetes version, or a prefix of one."
  type        = string
  default     = "v1.33"
}

variable "permissions" {
  description = "Who may do what in the namespace."
  type = set(object({
    principal = string
    domain    = string
    type      = string
    role      = string
  }))
  default = [
    { principal = "devs", domain = "vsphere.local", type = "GROUP", role = "EDIT" },
  ]
}

variable "backup_bucket" {
  description = "Bucket for backups; it must exist."
  type        = string
}

variable "backup_url" {
  description = "URL of the S3 service; null for AWS."
  type        = string
  default     = null
}

variable "backup_access_key_id" {
  description = "Access key of the bucket."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "backup_secret_access_key" {
  description = "Secret key of the bucket."
  type        = string
  sensitive   = true
  ephemeral   = true
}

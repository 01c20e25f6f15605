variable "name" {
  description = "Name of the tenant: of its vSphere Namespace, and the prefix of what protects it."
  type        = string
}

variable "supervisor" {
  description = "Name or id of the Supervisor; not needed where vCenter has just one."
  type        = string
  default     = null
}

variable "quota" {
  description = "Limits of the namespace. A limit that is left out is no limit."
  type = object({
    cpu_mhz     = optional(number)
    memory_mib  = optional(number)
    storage_mib = optional(number)
  })
  default = {}
}

variable "storage_policy" {
  description = "Name of the vCenter storage policy that the tenant's machines and volumes use."
  type        = string
}

variable "storage_policy_limit_mib" {
  description = "Most MiB of that policy; null is no limit."
  type        = number
  default     = null
}

variable "vm_classes" {
  description = "VM classes that the tenant may use."
  type        = set(string)
  default     = ["best-effort-small", "best-effort-medium", "guaranteed-small"]
  nullable    = false
}

variable "permissions" {
  description = "Who may do what in the namespace."
  type = set(object({
    principal = string
    domain    = string
    type      = string
    role      = string
  }))
  default = []
}

variable "cluster" {
  description = "The production cluster."
  type = object({
    name                   = optional(string, "prod")
    kubernetes_version     = string
    control_plane_replicas = optional(number, 1)
    control_plane_vm_class = optional(string)
    vm_class               = optional(string, "best-effort-small")
    pods                   = optional(string, "172.20.0.0/16")
    services               = optional(string, "10.96.0.0/16")
    node_pools             = optional(map(number), { workers = 2 })
  })
}

variable "backup_target" {
  description = "Where backups go: an S3 bucket outside the cluster and outside what it can take down with it."
  type = object({
    bucket           = string
    url              = optional(string)
    region           = optional(string, "us-east-1")
    force_path_style = optional(bool, true)
  })
}

variable "backup_access_key_id" {
  description = "Access key of the bucket. Never stored in state."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "backup_secret_access_key" {
  description = "Secret key of the bucket. Never stored in state."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "backup_credentials_version" {
  description = "Raise it when the keys change."
  type        = number
  default     = 1
  nullable    = false
}

variable "velero_image" {
  description = "Image of Velero, where the cluster can pull it; null is the release that the provider knows."
  type        = string
  default     = null
}

variable "velero_plugin_image" {
  description = "Image of the Velero plugin for AWS (S3), where the cluster can pull it."
  type        = string
  default     = "velero/velero-plugin-for-aws:v1.14.3"
  nullable    = false
}

variable "protection" {
  description = "The matrix: workload class → most data that may be lost (RPO), how long backups are kept, which namespaces."
  type = map(object({
    rpo        = string
    retention  = string
    namespaces = list(string)
  }))
}

variable "deletion_protection" {
  description = "Refuse to destroy namespace and cluster; null is what the provider says."
  type        = bool
  default     = null
}

# Everything that differs between platforms and tenants. A variable that is null
# here has the default of the module, ../modules/tenant/variables.tf.

variable "tenant" {
  description = "Name of the tenant."
  type        = string
  default     = "team-a"
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
  default = { cpu_mhz = 48000, memory_mib = 65536, storage_mib = 1048576 }
}

variable "storage_policy" {
  description = "Name of a storage policy in vCenter."
  type        = string
  default     = "vSAN Default Storage Policy"
}

variable "storage_policy_limit_mib" {
  description = "Most MiB of that policy; null is no limit."
  type        = number
  default     = null
}

variable "vm_classes" {
  description = "VM classes that the tenant may use; those of its cluster must be among them."
  type        = set(string)
  default     = null
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

variable "kubernetes_version" {
  description = "Kubernetes version, or a prefix of one."
  type        = string
  default     = "v1.33"
}

variable "cluster" {
  description = "Name, sizes and networks of the cluster. The networks (CIDRs) must not overlap any that its machines have to reach."
  type = object({
    name                   = optional(string)
    control_plane_replicas = optional(number)
    control_plane_vm_class = optional(string)
    vm_class               = optional(string)
    pods                   = optional(string)
    services               = optional(string)
    node_pools             = optional(map(number))
  })
  default = {}
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

variable "backup_region" {
  description = "Region of the bucket. S3 that is not Amazon's wants some value, too."
  type        = string
  default     = null
}

variable "backup_force_path_style" {
  description = "Put the bucket into the path, not into the host name. Most stores that are not Amazon's need true."
  type        = bool
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

variable "backup_credentials_version" {
  description = "Raise it when the keys change."
  type        = number
  default     = null
}

variable "velero_image" {
  description = "Image of Velero, where the cluster can pull it."
  type        = string
  default     = null
}

variable "velero_plugin_image" {
  description = "Image of the Velero plugin for AWS (S3), where the cluster can pull it."
  type        = string
  default     = null
}

variable "protection" {
  description = "The matrix: workload class → most data that may be lost (RPO), how long backups are kept, which namespaces."
  type = map(object({
    rpo        = string
    retention  = string
    namespaces = list(string)
  }))
  default = {
    critical = { rpo = "1h", retention = "720h", namespaces = ["payments", "orders"] }
    standard = { rpo = "24h", retention = "2160h", namespaces = ["web"] }
    archive  = { rpo = "168h", retention = "8760h", namespaces = ["reports"] }
  }
}

variable "headroom" {
  description = "What the hosts must have room for, and when to say that it gets short. vm_class: by default that of the cluster's machines."
  type = object({
    vm_class                  = optional(string)
    host_failures_to_tolerate = optional(number, 1)
    warning_percent           = optional(number, 75)
    critical_percent          = optional(number, 90)
  })
  default = {}
}

variable "deletion_protection" {
  description = "Refuse to destroy namespace and cluster; null is what the provider says."
  type        = bool
  default     = null
}

variable "wait_for" {
  description = "What to wait for: nothing, where it is enough that the cluster is stored."
  type        = list(string)
  default     = []
}

resource "vks_cluster" "test" {
  name      = "prod"
  namespace = vks_namespace.test.name
  wait_for  = var.wait_for

  kubernetes_version      = "v1.36.1---vmware.4-vkr.5"
  cluster_class           = "builtin-generic-v3.7.0"
  cluster_class_namespace = "vmware-system-vks-public"
  vm_class                = "best-effort-medium"
  storage_class           = "gold-policy"

  network = {
    pods           = ["240.0.0.0/20"]
    services       = ["240.1.0.0/20"]
    service_domain = "cluster.local"
  }

  cni = { name = "antrea" }

  control_plane = {
    replicas = 1
    vm_class = "best-effort-large"
    os_image = { name = "ubuntu", version = "24.04" }
  }

  node_pools = {
    node-pool-1 = {
      autoscaler = { min = 1, max = 5 }
      os_image   = { name = "ubuntu", version = "24.04" }
    }
  }

  variables = jsonencode({
    volumes = [
      { name = "containerd", mountPath = "/var/lib/containerd", capacity = "30Gi", storageClass = "gold-policy" },
      { name = "kubelet", mountPath = "/var/lib/kubelet", capacity = "30Gi", storageClass = "gold-policy" },
    ]
    kubernetes = {
      certificateRotation = { enabled = true, renewalDaysBeforeExpiry = 90 }
      etcdConfiguration   = { maximumDBSizeGiB = 4 }
      security = {
        podSecurityStandard = {
          deactivated = false
          audit       = "privileged", auditVersion = "latest"
          enforce     = "privileged", enforceVersion = "latest"
          warn        = "privileged", warnVersion = "latest"
        }
        resourceQuotaConfiguration = { enabled = true }
      }
      apiServerConfiguration = {
        logs = { format = "json" }
        extraAuthentication = {
          jwt = [{
            issuer = { url = "https://idp.example.com", audiences = ["console"] }
            claimMappings = {
              username = { claim = "email", prefix = "oidc:" }
              groups   = { claim = "groups", prefix = "oidc-groups:" }
            }
            claimValidationRules = [{
              expression = "claims.?email_verified.orValue(false) == true"
              message    = "email must be verified"
            }]
          }]
        }
      }
      kubeletConfiguration = { logging = { format = "json" } }
    }
    vsphereOptions = {
      persistentVolumes = { availableStorageClasses = ["gold-policy"], defaultStorageClass = "gold-policy" }
    }
    osConfiguration = {
      ntp  = { servers = ["ntp.example.com"] }
      sshd = { banner = "Authorized use only." }
    }
  })
}

package vcenter

// NamespaceNetwork is the network of a namespace as vCenter reports it, since
// 9.0 (NetworkConfigInfo). What was asked for at creation with NSX is not told.
type NamespaceNetwork struct {
	// Provider is VSPHERE_NETWORK, NSXT_CONTAINER_PLUGIN or NSX_VPC.
	Provider string `json:"network_provider"`
	// VPC is nil with another provider than NSX_VPC.
	VPC *NamespaceVPC `json:"vpc_network"`
	// VSphere is nil with another provider than VSPHERE_NETWORK, and before 9.1.
	VSphere *NamespaceVSphereNetwork `json:"vsphere_network"`
}

// NamespaceVPC is the VPC of a namespace.
type NamespaceVPC struct {
	Path              string         `json:"vpc"`
	AutoCreated       bool           `json:"auto_created"`
	DefaultSubnetSize int64          `json:"default_subnet_size"`
	Config            VPCConfig      `json:"vpc_config"`
	SharedSubnets     []SharedSubnet `json:"shared_subnets"` // nil before 9.1
}

// VPCConfig is what a VPC was made with.
type VPCConfig struct {
	PrivateCIDRs []CIDR `json:"private_cidrs"`
}

// CIDR is a range of IPv4 addresses.
type CIDR struct {
	Address string `json:"address"`
	Prefix  int64  `json:"prefix"`
}

// SharedSubnet is a subnet of somebody else that the namespace may use.
type SharedSubnet struct {
	Path string `json:"path"`
}

// NamespaceVSphereNetwork are the workload networks of a namespace.
type NamespaceVSphereNetwork struct {
	Default  string                 `json:"default_workload_network"`
	Networks []NamespaceNetworkItem `json:"networks"`
}

// NamespaceNetworkItem is one workload network of a namespace.
type NamespaceNetworkItem struct {
	Name string `json:"network"`
	// Status is ACTIVE or REMOVING.
	Status string `json:"config_status"`
}

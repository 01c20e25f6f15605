package vcenter

import "net/netip"

// Network providers of Supervisors.
const (
	// ProviderNCP is NSX with a network for each namespace (NSX Container Plugin).
	ProviderNCP = "NSXT_CONTAINER_PLUGIN"
	// ProviderVDS is distributed switches: namespaces share workload networks.
	ProviderVDS = "VSPHERE_NETWORK"
	// ProviderVPC is NSX with virtual private clouds, since 9.0.
	ProviderVPC = "NSX_VPC"
)

// NetworkSpec says what networks a new namespace gets. Of the parts only that of
// the provider is used.
type NetworkSpec struct {
	Provider string
	NSX      *NSXNetwork
	VPC      *VPCNetwork
	// Networks are workload networks; the first is where machines go that name none.
	Networks []string
}

// NSXNetwork overrides the Supervisor's network for one namespace.
type NSXNetwork struct {
	NamespaceCIDRs     []CIDR `json:"namespace_network_cidrs,omitempty"`
	IngressCIDRs       []CIDR `json:"ingress_cidrs,omitempty"`
	EgressCIDRs        []CIDR `json:"egress_cidrs,omitempty"`
	Tier0Gateway       string `json:"nsx_tier0_gateway,omitempty"`
	SubnetPrefixLength *int64 `json:"subnet_prefix_length,omitempty"`
	RoutedMode         *bool  `json:"routed_mode,omitempty"`
	LoadBalancerSize   string `json:"load_balancer_size,omitempty"`
}

// VPCNetwork is the VPC of a namespace: an existing one (VPC), or one that is
// made for it.
type VPCNetwork struct {
	VPC               string
	PrivateCIDRs      []CIDR
	SharedSubnets     []string
	DefaultSubnetSize *int64
}

// CIDROf makes a CIDR of a prefix.
func CIDROf(p netip.Prefix) CIDR { return CIDR{Address: p.Addr().String(), Prefix: int64(p.Bits())} }

// String gives the usual form: "10.0.0.0/16".
func (c CIDR) String() string {
	address, err := netip.ParseAddr(c.Address)
	if err != nil {
		return c.Address
	}
	return netip.PrefixFrom(address, int(c.Prefix)).String()
}

// The shapes on the wire.

type networkSpecWire struct {
	Provider string              `json:"network_provider"`
	VPC      *vpcNetworkWire     `json:"vpc_network,omitempty"`
	VSphere  *vsphereNetworkWire `json:"vsphere_network,omitempty"`
}

type vpcNetworkWire struct {
	VPCConfig         *VPCConfig     `json:"vpc_config,omitempty"`
	VPC               string         `json:"vpc,omitempty"`
	SharedSubnets     []SharedSubnet `json:"shared_subnets,omitempty"`
	DefaultSubnetSize *int64         `json:"default_subnet_size,omitempty"`
}

type vsphereNetworkWire struct {
	Default string `json:"default_workload_network,omitempty"`
}

type nsxNetworkWire struct {
	Provider string      `json:"network_provider"`
	Network  *NSXNetwork `json:"network,omitempty"`
}

// setNetwork chooses the fields that this version has for the provider.
func (w *createWire) setNetwork(n NetworkSpec, version Version) {
	switch n.Provider {
	case ProviderNCP:
		w.NamespaceNetwork = &nsxNetworkWire{Provider: n.Provider, Network: n.NSX}
	case ProviderVPC:
		w.NetworkSpec = &networkSpecWire{Provider: n.Provider}
		if n.VPC != nil {
			w.NetworkSpec.VPC = n.VPC.wire()
		}
	default:
		w.Networks = n.Networks
		if version.AtLeast(Version9) {
			w.NetworkSpec = &networkSpecWire{Provider: n.Provider}
		}
		if version.AtLeast(Version91) && len(n.Networks) > 0 {
			// The default one has to be among networks.
			w.NetworkSpec.VSphere = &vsphereNetworkWire{Default: n.Networks[0]}
		}
	}
}

func (n VPCNetwork) wire() *vpcNetworkWire {
	w := &vpcNetworkWire{VPC: n.VPC, DefaultSubnetSize: n.DefaultSubnetSize}
	if n.VPC == "" {
		// Without it vCenter expects the path of a VPC that is there.
		w.VPCConfig = &VPCConfig{PrivateCIDRs: n.PrivateCIDRs}
	}
	for _, path := range n.SharedSubnets {
		w.SharedSubnets = append(w.SharedSubnets, SharedSubnet{path})
	}
	return w
}

// NetworkNow is the network as one would ask for it, as far as vCenter tells:
// nothing of NSXNetwork, and before 9.0 only workload networks. The default one
// is the first, where that is known.
func (n *Namespace) NetworkNow() NetworkSpec {
	now := NetworkSpec{Networks: n.Networks}
	if n.Network == nil {
		return now
	}
	now.Provider = n.Network.Provider
	if v := n.Network.VPC; v != nil {
		now.VPC = &VPCNetwork{VPC: v.Path, PrivateCIDRs: v.Config.PrivateCIDRs, DefaultSubnetSize: &v.DefaultSubnetSize}
		for _, s := range v.SharedSubnets {
			now.VPC.SharedSubnets = append(now.VPC.SharedSubnets, s.Path)
		}
	}
	if v := n.Network.VSphere; v != nil {
		now.Networks = []string{v.Default}
		for _, other := range v.Networks {
			if other.Name != v.Default && other.Status != StatusRemoving {
				now.Networks = append(now.Networks, other.Name)
			}
		}
	}
	return now
}

package vcenter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
)

const defaultSubnetSize = 32

// fillNetworks gives a new namespace its networks, which only NSX-free Supervisors let a client choose by name.
func (v *VCenter) fillNetworks(r *record, spec *createSpec) error {
	provider := r.sup.NetworkProvider
	if provider != NetworkVDS && len(spec.Networks) > 0 {
		return unsupported("The network provider %s manages the networks of namespaces: networks must be left out.", provider)
	}
	if n := spec.NamespaceNetwork; n != nil && (provider != NetworkNCP || n.NetworkProvider != provider) {
		return unsupported("The network provider %s takes no namespace_network.", provider)
	} else if n != nil {
		if err := n.check(); err != nil {
			return err
		}
	}
	if len(spec.Networks) > 1 && !v.version.atLeast(v91) {
		return invalid("A namespace has one network in version %s.", v.version)
	}
	for _, name := range spec.Networks {
		if !slices.Contains(r.sup.Networks, name) {
			return invalid("The network %s does not exist.", name)
		}
	}
	r.spec.networks = compact(spec.Networks)
	if provider == NetworkVDS && len(r.spec.networks) == 0 {
		r.spec.networks = []string{r.sup.Networks[0]}
	}
	r.spec.vpc = vpcNetworkInfo{
		VPC: "/orgs/default/projects/default/vpcs/" + r.name, AutoCreated: true, DefaultSubnetSize: defaultSubnetSize,
		VPCConfig: vpcConfig{PrivateCIDRs: []ipv4CIDR{{Address: "172.26.0.0", Prefix: 16}}},
	}
	if spec.NetworkSpec == nil {
		return nil
	}
	return r.fillNetworkSpec(spec.NetworkSpec, spec.Networks)
}

// check: the blocks of addresses come together, and a routed network has no egress.
func (n *nsxNetworkSpec) check() error {
	if len(n.Network) == 0 || string(n.Network) == "null" {
		return nil
	}
	var s struct {
		NamespaceCIDRs     []ipv4CIDR `json:"namespace_network_cidrs"`
		IngressCIDRs       []ipv4CIDR `json:"ingress_cidrs"`
		EgressCIDRs        []ipv4CIDR `json:"egress_cidrs"`
		Tier0Gateway       string     `json:"nsx_tier0_gateway"`
		SubnetPrefixLength *int64     `json:"subnet_prefix_length"`
		RoutedMode         bool       `json:"routed_mode"`
		LoadBalancerSize   string     `json:"load_balancer_size"`
	}
	d := json.NewDecoder(bytes.NewReader(n.Network))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return invalid("namespace_network: %v", err)
	}
	own := s.Tier0Gateway != "" || len(s.NamespaceCIDRs)+len(s.IngressCIDRs)+len(s.EgressCIDRs) > 0
	switch {
	case own && (len(s.NamespaceCIDRs) == 0 || len(s.IngressCIDRs) == 0):
		return invalid("namespace_network: namespace_network_cidrs and ingress_cidrs are required.")
	case own && !s.RoutedMode && len(s.EgressCIDRs) == 0:
		return invalid("namespace_network: egress_cidrs is required without routed_mode.")
	case s.RoutedMode && len(s.EgressCIDRs) > 0:
		return invalid("namespace_network: egress_cidrs is not allowed with routed_mode.")
	case s.LoadBalancerSize != "" && !slices.Contains([]string{"SMALL", "MEDIUM", "LARGE"}, s.LoadBalancerSize):
		return invalid("namespace_network: load_balancer_size %q is none of SMALL, MEDIUM, LARGE.", s.LoadBalancerSize)
	}
	return checkCIDRs(slices.Concat(s.NamespaceCIDRs, s.IngressCIDRs, s.EgressCIDRs))
}

// checkCIDRs wants addresses of networks, not of hosts in them.
func checkCIDRs(list []ipv4CIDR) error {
	for _, c := range list {
		p, err := netip.ParsePrefix(fmt.Sprintf("%s/%d", c.Address, c.Prefix))
		if err != nil || !p.Addr().Is4() || p != p.Masked() {
			return invalid("%s/%d is not a block of IPv4 addresses.", c.Address, c.Prefix)
		}
	}
	return nil
}

func (r *record) fillNetworkSpec(n *networkCreateSpec, given []string) error {
	if err := r.checkProvider(n.NetworkProvider, n.VPCNetwork != nil, n.VsphereNetwork != nil); err != nil {
		return err
	}
	if s := n.VsphereNetwork; s != nil && s.DefaultWorkloadNetwork != "" {
		if !slices.Contains(given, s.DefaultWorkloadNetwork) {
			return invalid("The default workload network %s is not among networks.", s.DefaultWorkloadNetwork)
		}
		r.spec.networks = compact(append([]string{s.DefaultWorkloadNetwork}, r.spec.networks...))
	}
	s := n.VPCNetwork
	if s == nil {
		return nil
	}
	if s.VPC != "" && s.VPCConfig != nil {
		return invalid("vpc and vpc_config exclude each other.")
	}
	if s.VPC != "" {
		r.spec.vpc.VPC, r.spec.vpc.AutoCreated = s.VPC, false
	}
	if s.VPCConfig != nil && s.VPCConfig.PrivateCIDRs != nil {
		if err := checkCIDRs(s.VPCConfig.PrivateCIDRs); err != nil {
			return err
		}
		r.spec.vpc.VPCConfig = *s.VPCConfig
	}
	if s.DefaultSubnetSize != nil {
		r.spec.vpc.DefaultSubnetSize = *s.DefaultSubnetSize
	}
	r.spec.vpc.SharedSubnets = slices.Clone(s.SharedSubnets)
	return nil
}

func (r *record) checkProvider(provider string, vpc, vsphere bool) error {
	own := r.sup.NetworkProvider
	switch {
	case provider != own:
		return invalid("The network provider of the Supervisor is %s, not %s.", own, provider)
	case vpc && own != NetworkVPC, vsphere && own != NetworkVDS:
		return invalid("The network specification does not fit the network provider %s.", own)
	}
	return nil
}

// changeNetworks is the one way to change networks after creation, since 9.0.
func (v *VCenter) changeNetworks(r *record, n *networkChangeSpec, kind changeKind) error {
	if n == nil {
		return nil
	}
	if err := r.checkProvider(n.NetworkProvider, n.VPCConfig != nil, n.VsphereNetworkConfig != nil); err != nil {
		return err
	}
	if s := n.VPCConfig; s != nil {
		if s.DefaultSubnetSize != nil {
			r.spec.vpc.DefaultSubnetSize = *s.DefaultSubnetSize
		}
		if s.PrivateCIDRs != nil {
			r.spec.vpc.VPCConfig.PrivateCIDRs = slices.Clone(*s.PrivateCIDRs)
		}
		if s.SharedSubnets != nil || kind == setChange {
			r.spec.vpc.SharedSubnets = slices.Clone(deref(s.SharedSubnets))
		}
	}
	if s := n.VsphereNetworkConfig; s != nil {
		networks := slices.Concat(r.spec.networks, s.NetworksToAdd)
		if kind == setChange {
			networks = append([]string{r.spec.networks[0]}, deref(s.Networks)...)
		}
		return r.setNetworks(networks, s.NetworksToRemove)
	}
	return nil
}

func (r *record) setNetworks(networks, remove []string) error {
	for _, name := range networks {
		if !slices.Contains(r.sup.Networks, name) {
			return invalid("The network %s does not exist.", name)
		}
	}
	if slices.Contains(remove, r.spec.networks[0]) {
		return invalid("The default workload network %s cannot be removed.", r.spec.networks[0])
	}
	r.spec.networks = slices.DeleteFunc(compact(networks), func(n string) bool { return slices.Contains(remove, n) })
	return nil
}

func (v *VCenter) networkInfo(r *record) *networkConfigInfo {
	out := &networkConfigInfo{NetworkProvider: r.sup.NetworkProvider}
	switch {
	case r.sup.NetworkProvider == NetworkVPC:
		vpc := r.spec.vpc
		if !v.version.atLeast(v91) {
			vpc.SharedSubnets = nil
		}
		out.VPCNetwork = &vpc
	case r.sup.NetworkProvider == NetworkVDS && v.version.atLeast(v91):
		out.VsphereNetwork = &vsphereNetworkInfo{DefaultWorkloadNetwork: r.spec.networks[0]}
		for _, n := range r.spec.networks {
			out.VsphereNetwork.Networks = append(out.VsphereNetwork.Networks, networkInfo{Network: n, ConfigStatus: "ACTIVE"})
		}
	}
	return out
}

package namespace

import (
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// networkValues is the attribute network. It is settled with the creation.
type networkValues struct {
	Provider types.String
	NSX, VPC types.Object
	Networks types.List
}

// vpcValues is the attribute network.vpc.
type vpcValues struct {
	VPC                         types.String
	PrivateCIDRs, SharedSubnets types.List
	DefaultSubnetSize           types.Int64
}

var (
	stringList = types.ListType{ElemType: types.StringType}
	nsxType    = types.ObjectType{AttrTypes: map[string]attr.Type{
		"namespace_network_cidrs": stringList, "ingress_cidrs": stringList, "egress_cidrs": stringList,
		"nsx_tier0_gateway": types.StringType, "subnet_prefix_length": types.Int64Type, "routed_mode": types.BoolType,
		"load_balancer_size": types.StringType,
	}}
	vpcType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"vpc": types.StringType, "private_cidrs": stringList, "shared_subnets": stringList, "default_subnet_size": types.Int64Type,
	}}
	networkType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"provider": types.StringType, "nsx": nsxType, "vpc": vpcType, "networks": stringList,
	}}
)

// networkOf reads the attribute. Of one that is null or unknown, so is all in it.
func networkOf(o types.Object) networkValues {
	if o.IsNull() {
		return networkValues{NSX: types.ObjectNull(nsxType.AttrTypes), VPC: types.ObjectNull(vpcType.AttrTypes), Networks: types.ListNull(types.StringType)}
	}
	if o.IsUnknown() {
		return networkValues{
			Provider: types.StringUnknown(), NSX: types.ObjectUnknown(nsxType.AttrTypes),
			VPC: types.ObjectUnknown(vpcType.AttrTypes), Networks: types.ListUnknown(types.StringType),
		}
	}
	var n networkValues
	values := o.Attributes()
	n.Provider, _ = values["provider"].(types.String)
	n.NSX, _ = values["nsx"].(types.Object)
	n.VPC, _ = values["vpc"].(types.Object)
	n.Networks, _ = values["networks"].(types.List)
	return n
}

func (n networkValues) object() types.Object {
	return types.ObjectValueMust(networkType.AttrTypes, map[string]attr.Value{
		"provider": n.Provider, "nsx": n.NSX, "vpc": n.VPC, "networks": n.Networks,
	})
}

func vpcOf(o types.Object) vpcValues {
	if o.IsNull() {
		return vpcValues{PrivateCIDRs: types.ListNull(types.StringType), SharedSubnets: types.ListNull(types.StringType)}
	}
	if o.IsUnknown() {
		return vpcValues{
			VPC: types.StringUnknown(), PrivateCIDRs: types.ListUnknown(types.StringType),
			SharedSubnets: types.ListUnknown(types.StringType), DefaultSubnetSize: types.Int64Unknown(),
		}
	}
	var v vpcValues
	values := o.Attributes()
	v.VPC, _ = values["vpc"].(types.String)
	v.PrivateCIDRs, _ = values["private_cidrs"].(types.List)
	v.SharedSubnets, _ = values["shared_subnets"].(types.List)
	v.DefaultSubnetSize, _ = values["default_subnet_size"].(types.Int64)
	return v
}

func (v vpcValues) object() types.Object {
	return types.ObjectValueMust(vpcType.AttrTypes, map[string]attr.Value{
		"vpc": v.VPC, "private_cidrs": v.PrivateCIDRs, "shared_subnets": v.SharedSubnets, "default_subnet_size": v.DefaultSubnetSize,
	})
}

// spec leaves out what is unknown.
func (v vpcValues) spec() *vcenter.VPCNetwork {
	return &vcenter.VPCNetwork{
		VPC: v.VPC.ValueString(), PrivateCIDRs: cidrs(v.PrivateCIDRs), SharedSubnets: inOrder(v.SharedSubnets),
		DefaultSubnetSize: pointer(v.DefaultSubnetSize),
	}
}

// networkSpec is what a creation asks for; nil leaves the choice to the Supervisor.
func (m *model) networkSpec() *vcenter.NetworkSpec {
	if m.Network.IsNull() || m.Network.IsUnknown() {
		return nil
	}
	n := networkOf(m.Network)
	spec := &vcenter.NetworkSpec{Provider: n.Provider.ValueString(), Networks: inOrder(n.Networks)}
	if values := n.NSX.Attributes(); len(values) > 0 {
		spec.NSX = nsxOf(values)
	}
	if !n.VPC.IsNull() && !n.VPC.IsUnknown() {
		spec.VPC = vpcOf(n.VPC).spec()
	}
	return spec
}

func nsxOf(values map[string]attr.Value) *vcenter.NSXNetwork {
	list := func(name string) []vcenter.CIDR {
		l, _ := values[name].(types.List)
		return cidrs(l)
	}
	gateway, _ := values["nsx_tier0_gateway"].(types.String)
	size, _ := values["load_balancer_size"].(types.String)
	prefix, _ := values["subnet_prefix_length"].(types.Int64)
	routed, _ := values["routed_mode"].(types.Bool)
	return &vcenter.NSXNetwork{
		NamespaceCIDRs: list("namespace_network_cidrs"), IngressCIDRs: list("ingress_cidrs"), EgressCIDRs: list("egress_cidrs"),
		Tier0Gateway: gateway.ValueString(), SubnetPrefixLength: pointer(prefix), RoutedMode: routed.ValueBoolPointer(),
		LoadBalancerSize: size.ValueString(),
	}
}

// pointer is nil for what is unknown, too.
func pointer(n types.Int64) *int64 {
	if n.IsUnknown() {
		return nil
	}
	return n.ValueInt64Pointer()
}

func cidrs(from types.List) []vcenter.CIDR {
	var list []vcenter.CIDR
	for _, text := range inOrder(from) {
		if block, err := netip.ParsePrefix(text); err == nil { // as the schema has made sure
			list = append(list, vcenter.CIDROf(block))
		}
	}
	return list
}

// inOrder gives the known strings of a list.
func inOrder(from types.List) []string {
	var all []string
	for _, element := range from.Elements() {
		if text, ok := element.(types.String); ok && !text.IsNull() && !text.IsUnknown() {
			all = append(all, text.ValueString())
		}
	}
	return all
}

// flattenNetwork takes what vCenter tells of what is not settled yet: all of it
// for an import, and what a creation left open. Without a word from vCenter that
// becomes null.
func (m *model) flattenNetwork(live vcenter.NetworkSpec) {
	was, now := networkOf(m.Network), networkValues{}
	now.Provider, now.NSX = settled(was.Provider), was.NSX
	switch {
	case !now.Provider.IsNull():
	case live.Provider != "":
		now.Provider = types.StringValue(live.Provider)
	case len(live.Networks) > 0:
		// Before 9.0 vCenter does not say it, but only this one has networks to tell of.
		now.Provider = types.StringValue(vcenter.ProviderVDS)
	}
	if now.NSX.IsUnknown() {
		now.NSX = types.ObjectNull(nsxType.AttrTypes)
	}
	now.Networks = keptNetworks(was.Networks, live.Networks)
	now.VPC = keptVPC(was.VPC, live.VPC)
	if now.Provider.IsNull() && (m.Network.IsNull() || m.Network.IsUnknown()) {
		m.Network = types.ObjectNull(networkType.AttrTypes)
		return
	}
	m.Network = now.object()
}

func settled(text types.String) types.String {
	if text.IsUnknown() {
		return types.StringNull()
	}
	return text
}

// keptNetworks adds nothing to what was settled, and takes nothing away: see
// keptVPC.
func keptNetworks(was types.List, live []string) types.List {
	if was.IsUnknown() || was.IsNull() {
		return listOf(live)
	}
	return was
}

// keptVPC fills in what is not known yet. What is settled stays, also where
// somebody has changed it by hand since: a difference between the configuration
// and the state is a reason to replace the namespace, and drift must never be
// one. tellNetwork reports it instead.
func keptVPC(was types.Object, live *vcenter.VPCNetwork) types.Object {
	switch {
	case live == nil && (was.IsNull() || was.IsUnknown()):
		return types.ObjectNull(vpcType.AttrTypes)
	case live == nil: // not told
		live = vpcOf(was).spec()
	}
	before, told := vpcOf(was), vpcFrom(live)
	return vpcValues{
		VPC:               kept(before.VPC, told.VPC),
		PrivateCIDRs:      kept(before.PrivateCIDRs, told.PrivateCIDRs),
		SharedSubnets:     kept(before.SharedSubnets, told.SharedSubnets),
		DefaultSubnetSize: kept(before.DefaultSubnetSize, told.DefaultSubnetSize),
	}.object()
}

func kept[T attr.Value](was, told T) T {
	if was.IsNull() || was.IsUnknown() {
		return told
	}
	return was
}

// vpcFrom makes the attribute of what vCenter tells.
func vpcFrom(live *vcenter.VPCNetwork) vpcValues {
	v := vpcValues{SharedSubnets: listOf(live.SharedSubnets), DefaultSubnetSize: types.Int64PointerValue(live.DefaultSubnetSize)}
	if live.VPC != "" {
		v.VPC = types.StringValue(live.VPC)
	}
	blocks := make([]string, 0, len(live.PrivateCIDRs))
	for _, block := range live.PrivateCIDRs {
		blocks = append(blocks, block.String())
	}
	v.PrivateCIDRs = listOf(blocks)
	return v
}

// listOf gives null for an empty list.
func listOf(list []string) types.List {
	if len(list) == 0 {
		return types.ListNull(types.StringType)
	}
	values := make([]attr.Value, 0, len(list))
	for _, text := range list {
		values = append(values, types.StringValue(text))
	}
	return types.ListValueMust(types.StringType, values)
}

package namespace

import (
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// validateNetwork finds what does not fit together.
func (m *model) validateNetwork(to *diag.Diagnostics) {
	if m.Network.IsNull() || m.Network.IsUnknown() {
		return
	}
	at, n := path.Root("network"), networkOf(m.Network)
	if n.Provider.IsNull() {
		to.AddAttributeError(at, "Incomplete network", "The network has no provider. Set it to that of the Supervisor: NSXT_CONTAINER_PLUGIN, VSPHERE_NETWORK or NSX_VPC.")
		return
	}
	for _, part := range []struct {
		name, provider string
		value          attr.Value
	}{{"nsx", vcenter.ProviderNCP, n.NSX}, {"vpc", vcenter.ProviderVPC, n.VPC}, {"networks", vcenter.ProviderVDS, n.Networks}} {
		if !n.Provider.IsUnknown() && present(part.value) && n.Provider.ValueString() != part.provider {
			to.AddAttributeError(at.AtName(part.name), "Network does not fit its provider", fmt.Sprintf(
				"%s belongs to the provider %s, and the provider is %s. Leave %s out, or correct the provider.",
				part.name, part.provider, n.Provider.ValueString(), part.name))
		}
	}
	if !n.VPC.IsUnknown() {
		validateVPC(vpcOf(n.VPC), to)
	}
	validateNSX(n.NSX, to)
}

// present: what is unknown may become null.
func present(value attr.Value) bool { return !value.IsNull() && !value.IsUnknown() }

func validateVPC(v vpcValues, to *diag.Diagnostics) {
	if present(v.VPC) && present(v.PrivateCIDRs) {
		to.AddAttributeError(path.Root("network").AtName("vpc").AtName("private_cidrs"), "VPC that exists has its own CIDRs",
			"private_cidrs are for a VPC that is made for the namespace. Leave out either vpc, which names one that exists, or private_cidrs.")
	}
}

// validateNSX: vCenter wants the blocks of addresses together or not at all.
func validateNSX(nsx types.Object, to *diag.Diagnostics) {
	if nsx.IsNull() || nsx.IsUnknown() {
		return
	}
	values := nsx.Attributes()
	at := path.Root("network").AtName("nsx")
	routed, _ := values["routed_mode"].(types.Bool)
	isSet := func(name string) bool { return present(values[name]) }
	own := isSet("nsx_tier0_gateway") || isSet("namespace_network_cidrs") || isSet("ingress_cidrs") || isSet("egress_cidrs")
	for _, name := range []string{"namespace_network_cidrs", "ingress_cidrs"} {
		if own && values[name].IsNull() {
			to.AddAttributeError(at, "Incomplete NSX network", fmt.Sprintf(
				"%s is missing: with a gateway or any block of addresses of its own, a namespace needs namespace_network_cidrs and ingress_cidrs.", name))
		}
	}
	switch {
	case routed.IsUnknown():
	case routed.ValueBool() && isSet("egress_cidrs"):
		to.AddAttributeError(at.AtName("egress_cidrs"), "Egress CIDRs of a routed network",
			"With routed_mode nothing is translated on its way out, so there are no egress_cidrs. Leave them out.")
	case own && !routed.ValueBool() && values["egress_cidrs"].IsNull():
		to.AddAttributeError(at, "Incomplete NSX network", "egress_cidrs is missing: a network that is not in routed_mode needs it.")
	}
}

// network plans the attribute: what the configuration leaves open stays as it is,
// and is known after the creation. Another network is another namespace, and so
// is one that may be another.
func (p *planner) network() {
	state := types.ObjectNull(networkType.AttrTypes)
	if p.state != nil {
		state = p.state.Network
		p.replaceNetwork = otherNetwork(p.config.Network, state, seenNetwork(state, p.seen))
		p.nsx(state)
	}
	p.plan.Network = plannedNetwork(p.config.Network, state, p.state != nil)
}

func plannedNetwork(config, state types.Object, exists bool) types.Object {
	switch {
	case config.IsUnknown():
		return config
	case config.IsNull() && exists:
		return state
	case config.IsNull():
		return types.ObjectUnknown(networkType.AttrTypes)
	}
	want, have := networkOf(config), networkOf(state)
	mayBe := func(provider string) bool {
		return !exists && (want.Provider.IsUnknown() || want.Provider.ValueString() == provider)
	}
	want.Networks = open(want.Networks, have.Networks, types.ListUnknown(types.StringType), mayBe(vcenter.ProviderVDS))
	if want.VPC.IsNull() {
		want.VPC = open(want.VPC, have.VPC, types.ObjectUnknown(vpcType.AttrTypes), mayBe(vcenter.ProviderVPC))
		return want.object()
	}
	if want.VPC.IsUnknown() {
		return want.object()
	}
	v, was := vpcOf(want.VPC), vpcOf(have.VPC)
	v.VPC = open(v.VPC, was.VPC, types.StringUnknown(), !exists)
	v.PrivateCIDRs = open(v.PrivateCIDRs, was.PrivateCIDRs, types.ListUnknown(types.StringType), !exists)
	v.SharedSubnets = open(v.SharedSubnets, was.SharedSubnets, types.ListUnknown(types.StringType), !exists)
	v.DefaultSubnetSize = open(v.DefaultSubnetSize, was.DefaultSubnetSize, types.Int64Unknown(), !exists)
	want.VPC = v.object()
	return want.object()
}

// open gives what a value will be that is computed where the configuration does
// not have it.
func open[T attr.Value](config, state, unknown T, later bool) T {
	switch {
	case !config.IsNull():
		return config
	case later:
		return unknown
	}
	return state
}

// otherNetwork tells whether the configuration wants something else than what
// was settled. What vCenter did not tell cannot differ, and to write down what
// was changed by hand since, and is seen there now, is no wish for another one.
func otherNetwork(config, state, seen types.Object) bool {
	if config.IsNull() || state.IsNull() {
		return false
	}
	had, has := networkSettings(state), networkSettings(seen)
	for name, want := range networkSettings(config) {
		if different(name, want, had[name]) && different(name, want, has[name]) {
			return true
		}
	}
	return false
}

// networkSettings are the values inside of the attribute by name.
func networkSettings(o types.Object) map[string]attr.Value {
	n := networkOf(o)
	all := map[string]attr.Value{settingProvider: n.Provider, settingNetworks: n.Networks}
	for name, value := range n.NSX.Attributes() {
		all["nsx."+name] = value
	}
	v := vpcOf(n.VPC)
	all[settingVPC], all[settingSize] = v.VPC, v.DefaultSubnetSize
	all[settingCIDRs], all[settingSubnets] = v.PrivateCIDRs, v.SharedSubnets
	return all
}

// Names of settings, as in messages.
const (
	settingProvider = "provider"
	settingNetworks = "networks"
	settingVPC      = "vpc.vpc"
	settingSize     = "vpc.default_subnet_size"
	settingCIDRs    = "vpc.private_cidrs"
	settingSubnets  = "vpc.shared_subnets"
)

func different(name string, want, have attr.Value) bool {
	if have == nil {
		return false
	}
	wanted, isList := want.(types.List)
	had, alsoList := have.(types.List)
	switch {
	case !isList || !alsoList:
		return differs(want, have)
	case name == settingNetworks:
		return differentNetworks(wanted, had)
	}
	return differentSet(wanted, had)
}

func differs(want, have attr.Value) bool {
	return !want.IsNull() && !have.IsNull() && !want.Equal(have)
}

func differentSet(want, have types.List) bool {
	return differs(want, have) && (want.IsUnknown() || !slices.Equal(texts(want), texts(have)))
}

// differentNetworks: the first one is the default, the order of the others means nothing.
func differentNetworks(want, have types.List) bool {
	if differentSet(want, have) {
		return true
	}
	wanted, had := inOrder(want), inOrder(have)
	return len(wanted) > 0 && len(had) > 0 && wanted[0] != had[0]
}

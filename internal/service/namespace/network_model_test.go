package namespace

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

func workloadNetworks(names ...string) types.Object {
	n := networkOf(types.ObjectNull(networkType.AttrTypes))
	n.Provider, n.Networks = types.StringValue(vcenter.ProviderVDS), listOf(names)
	return n.object()
}

func vpcNetwork(v *vpcValues) types.Object {
	n := networkOf(types.ObjectNull(networkType.AttrTypes))
	n.Provider = types.StringValue(vcenter.ProviderVPC)
	if v != nil {
		n.VPC = v.object()
	}
	return n.object()
}

func vpc(path string, blocks ...string) *vpcValues {
	v := vpcOf(types.ObjectNull(vpcType.AttrTypes))
	if path != "" {
		v.VPC = types.StringValue(path)
	}
	v.PrivateCIDRs = listOf(blocks)
	return &v
}

func nsxNetwork(gateway string) types.Object {
	n := networkOf(types.ObjectNull(networkType.AttrTypes))
	n.Provider = types.StringValue(vcenter.ProviderNCP)
	n.NSX = types.ObjectValueMust(nsxType.AttrTypes, map[string]attr.Value{
		"namespace_network_cidrs": types.ListNull(types.StringType), "ingress_cidrs": types.ListNull(types.StringType),
		"egress_cidrs": types.ListNull(types.StringType), "nsx_tier0_gateway": types.StringValue(gateway),
		"subnet_prefix_length": types.Int64Null(), "routed_mode": types.BoolNull(), "load_balancer_size": types.StringNull(),
	})
	return n.object()
}

// Only what is known to be different is another namespace.
func TestOtherNetwork(t *testing.T) {
	t.Parallel()
	none, unknown := types.ObjectNull(networkType.AttrTypes), types.ObjectUnknown(networkType.AttrTypes)
	ncp := networkOf(none)
	ncp.Provider = types.StringValue(vcenter.ProviderNCP)
	for name, c := range map[string]struct {
		config, state types.Object
		want          bool
	}{
		"not written":             {none, workloadNetworks("a"), false},
		"not known before":        {workloadNetworks("a"), none, false},
		"the same":                {workloadNetworks("a", "b"), workloadNetworks("a", "b"), false},
		"order behind the first":  {workloadNetworks("a", "c", "b"), workloadNetworks("a", "b", "c"), false},
		"another default":         {workloadNetworks("b", "a"), workloadNetworks("a", "b"), true},
		"one more":                {workloadNetworks("a", "b"), workloadNetworks("a"), true},
		"only the provider":       {workloadNetworks(), workloadNetworks("a"), false},
		"another provider":        {vpcNetwork(nil), workloadNetworks("a"), true},
		"unknown":                 {unknown, workloadNetworks("a"), true},
		"NSX that was not told":   {nsxNetwork("t0"), ncp.object(), false},
		"another NSX":             {nsxNetwork("t0"), nsxNetwork("t1"), true},
		"blocks in another order": {vpcNetwork(vpc("", "10.0.0.0/8", "11.0.0.0/8")), vpcNetwork(vpc("/made", "11.0.0.0/8", "10.0.0.0/8")), false},
		"other blocks":            {vpcNetwork(vpc("", "10.0.0.0/8")), vpcNetwork(vpc("/made", "11.0.0.0/8")), true},
		"another VPC":             {vpcNetwork(vpc("/mine")), vpcNetwork(vpc("/made")), true},
	} {
		if got := otherNetwork(c.config, c.state, c.state); got != c.want {
			t.Errorf("%s: replaced %v, want %v", name, got, c.want)
		}
	}
}

// To write down what somebody changed by hand is no wish for another network,
// whatever else the configuration leaves as it was settled.
func TestAdoptedNetwork(t *testing.T) {
	t.Parallel()
	sized := func(size int64, blocks ...string) types.Object {
		v := vpc("/made", blocks...)
		v.DefaultSubnetSize = types.Int64Value(size)
		return vpcNetwork(v)
	}
	settled, size := sized(32, "10.0.0.0/8"), int64(64)
	live := vcenter.NetworkSpec{Provider: vcenter.ProviderVPC, VPC: &vcenter.VPCNetwork{
		VPC: "/made", DefaultSubnetSize: &size, PrivateCIDRs: []vcenter.CIDR{{Address: "10.0.0.0", Prefix: 8}, {Address: "11.0.0.0", Prefix: 8}},
	}}
	for name, c := range map[string]struct {
		config types.Object
		want   bool
	}{
		"as before":        {sized(32, "10.0.0.0/8"), false},
		"the size":         {sized(64, "10.0.0.0/8"), false},
		"the blocks":       {sized(32, "11.0.0.0/8", "10.0.0.0/8"), false},
		"something else":   {sized(16, "10.0.0.0/8"), true},
		"only the new one": {sized(32, "11.0.0.0/8"), true},
	} {
		if got := otherNetwork(c.config, settled, seenNetwork(settled, live)); got != c.want {
			t.Errorf("%s: replaced %v, want %v", name, got, c.want)
		}
	}
}

// Only what is gone or different is told, and additions are not.
func TestTellNetwork(t *testing.T) {
	t.Parallel()
	size, less := int64(64), vpc("/made", "10.0.0.0/8")
	less.DefaultSubnetSize, less.SharedSubnets = types.Int64Value(32), listOf([]string{"/s"})
	for name, c := range map[string]struct {
		state types.Object
		live  vcenter.NetworkSpec
		want  string
	}{
		"nothing is told":  {workloadNetworks("a"), vcenter.NetworkSpec{}, ""},
		"one was added":    {workloadNetworks("a"), vcenter.NetworkSpec{Provider: vcenter.ProviderVDS, Networks: []string{"a", "b"}}, ""},
		"one is gone":      {workloadNetworks("a", "b"), vcenter.NetworkSpec{Provider: vcenter.ProviderVDS, Networks: []string{"a"}}, "network.networks: without b\n"},
		"size and subnets": {vpcNetwork(less), vcenter.NetworkSpec{Provider: vcenter.ProviderVPC, VPC: &vcenter.VPCNetwork{VPC: "/made", DefaultSubnetSize: &size, PrivateCIDRs: []vcenter.CIDR{{Address: "10.0.0.0", Prefix: 8}}}}, "network.vpc.default_subnet_size: 64, and was 32\n  network.vpc.shared_subnets: without /s\n"},
	} {
		m, problems := blank(), diag.Diagnostics{}
		m.Network = c.state
		m.tellNetwork(c.live, "vCenter vc", &problems)
		switch {
		case c.want == "" && len(problems) > 0:
			t.Errorf("%s: %v", name, problems)
		case c.want != "" && (len(problems) != 1 || !strings.Contains(problems[0].Detail(), c.want)):
			t.Errorf("%s: got %v, want %s", name, problems, c.want)
		}
	}
}

func TestPlannedNetwork(t *testing.T) {
	t.Parallel()
	none := types.ObjectNull(networkType.AttrTypes)
	open := networkOf(none)
	open.Provider, open.Networks = types.StringValue(vcenter.ProviderVDS), types.ListUnknown(types.StringType)
	made := vpcOf(types.ObjectUnknown(vpcType.AttrTypes))
	made.PrivateCIDRs = listOf([]string{"10.0.0.0/8"})
	for name, c := range map[string]struct {
		config, state, want types.Object
		exists              bool
	}{
		"new, not written":      {none, none, types.ObjectUnknown(networkType.AttrTypes), false},
		"new, only a provider":  {workloadNetworks(), none, open.object(), false},
		"new, a VPC to be made": {vpcNetwork(vpc("", "10.0.0.0/8")), none, vpcNetwork(&made), false},
		"new, NSX":              {nsxNetwork("t0"), none, nsxNetwork("t0"), false},
		"not written":           {none, workloadNetworks("a"), workloadNetworks("a"), true},
		"only a provider":       {workloadNetworks(), workloadNetworks("a"), workloadNetworks("a"), true},
		"a VPC that was made":   {vpcNetwork(vpc("", "10.0.0.0/8")), vpcNetwork(vpc("/made", "10.0.0.0/8")), vpcNetwork(vpc("/made", "10.0.0.0/8")), true},
		"written down later":    {vpcNetwork(vpc("/mine")), none, vpcNetwork(vpc("/mine")), true},
	} {
		if got := plannedNetwork(c.config, c.state, c.exists); !got.Equal(c.want) {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestFlattenNetwork(t *testing.T) {
	t.Parallel()
	none, unknown := types.ObjectNull(networkType.AttrTypes), types.ObjectUnknown(networkType.AttrTypes)
	told := func(networks ...string) vcenter.NetworkSpec {
		return vcenter.NetworkSpec{Provider: vcenter.ProviderVDS, Networks: networks}
	}
	for name, c := range map[string]struct {
		was  types.Object
		live vcenter.NetworkSpec
		want types.Object
	}{
		"nothing is told":              {unknown, vcenter.NetworkSpec{}, none},
		"nothing is told of NSX":       {nsxNetwork("t0"), vcenter.NetworkSpec{}, nsxNetwork("t0")},
		"nothing is told of a network": {workloadNetworks("a"), vcenter.NetworkSpec{}, workloadNetworks("a")},
		"before 9.0":                   {unknown, vcenter.NetworkSpec{Networks: []string{"a"}}, workloadNetworks("a")},
		"for the first time":           {none, told("a", "b"), workloadNetworks("a", "b")},
		"others were added":            {workloadNetworks("b"), told("a", "b"), workloadNetworks("b")},
		"one is gone":                  {workloadNetworks("a", "b"), told("a"), workloadNetworks("a", "b")},
		"all are others":               {workloadNetworks("x"), told("a"), workloadNetworks("x")},
		"the blocks as written":        {vpcNetwork(vpc("", "10.0.0.0/8", "11.0.0.0/8")), vcenter.NetworkSpec{Provider: vcenter.ProviderVPC, VPC: &vcenter.VPCNetwork{VPC: "/made", PrivateCIDRs: []vcenter.CIDR{{Address: "11.0.0.0", Prefix: 8}, {Address: "10.0.0.0", Prefix: 8}}}}, vpcNetwork(vpc("/made", "10.0.0.0/8", "11.0.0.0/8"))},
		"a VPC is not told":            {vpcNetwork(vpc("/mine", "10.0.0.0/8")), vcenter.NetworkSpec{}, vpcNetwork(vpc("/mine", "10.0.0.0/8"))},
	} {
		m := blank()
		m.Network = c.was
		if m.flattenNetwork(c.live); !m.Network.Equal(c.want) {
			t.Errorf("%s: got %s, want %s", name, m.Network, c.want)
		}
	}
}

// Only of an imported namespace nobody knows how its NSX network was made.
func TestNSXThatComesOrGoes(t *testing.T) {
	t.Parallel()
	ncp := networkOf(types.ObjectNull(networkType.AttrTypes))
	ncp.Provider = types.StringValue(vcenter.ProviderNCP)
	none := ncp.object()
	ncp.Provider, ncp.NSX = types.StringValue(vcenter.ProviderVDS), types.ObjectUnknown(nsxType.AttrTypes)
	for name, c := range map[string]struct {
		config, state    types.Object
		created          bool
		replaced, warned bool
	}{
		"comes":              {nsxNetwork("t0"), none, true, true, false},
		"comes, not told":    {nsxNetwork("t0"), types.ObjectNull(networkType.AttrTypes), true, true, false},
		"goes":               {none, nsxNetwork("t0"), true, true, false},
		"stays":              {nsxNetwork("t0"), nsxNetwork("t0"), true, false, false},
		"not written":        {types.ObjectNull(networkType.AttrTypes), nsxNetwork("t0"), true, false, false},
		"unknown on VDS":     {ncp.object(), workloadNetworks("a"), true, false, false},
		"imported and comes": {nsxNetwork("t0"), none, false, false, true},
		"imported and goes":  {none, nsxNetwork("t0"), false, false, true},
		"imported and stays": {nsxNetwork("t0"), nsxNetwork("t0"), false, false, false},
	} {
		problems := diag.Diagnostics{}
		p := planner{config: model{Network: c.config}, created: c.created, diags: &problems}
		p.nsx(c.state)
		if p.replaceNetwork != c.replaced || (len(problems) > 0) != c.warned || problems.HasError() {
			t.Errorf("%s: replaced %v, told %v", name, p.replaceNetwork, problems)
		}
	}
}

package namespace_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	lab "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

func networkLab(t *testing.T, version, provider string, networks ...string) *ownLab {
	t.Helper()
	return newLab(t, lab.Options{Version: version, Supervisors: []lab.Supervisor{{
		Name: "supervisor-1", ID: "sv", NetworkProvider: provider, Networks: networks,
	}}})
}

func networkValue(want knownvalue.Check, path ...string) statecheck.StateCheck {
	at := tfjsonpath.New("network")
	for _, key := range path {
		at = at.AtMapKey(key)
	}
	return statecheck.ExpectKnownValue(address, at, want)
}

func textList(all ...string) knownvalue.Check {
	var checks []knownvalue.Check
	for _, text := range all {
		checks = append(checks, knownvalue.StringExact(text))
	}
	return knownvalue.ListExact(checks)
}

// Without the attribute a namespace gets the Supervisor's network, and shows it.
// To write down what is there is no change; something else is another namespace.
func TestNetworkOfSupervisor(t *testing.T) {
	l := networkLab(t, "", lab.NetworkVDS, "a", "b")
	vds := func(networks string) string {
		return l.config(admin, `network = { provider = "VSPHERE_NETWORK", networks = [`+networks+`] }`)
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: l.config(admin, ""), ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{networkValue(textList("a"), "networks")},
		},
		importStep(l.config(admin, "")),
		{Config: vds(`"a"`), ConfigPlanChecks: expectAction(plancheck.ResourceActionNoop)},
		importStep(vds(`"a"`)),
		{Config: vds(`"a", "b"`), PlanOnly: true, ExpectNonEmptyPlan: true},
		{Config: vds(`"b"`), ConfigPlanChecks: expectAction(plancheck.ResourceActionDestroyBeforeCreate)},
		{Config: l.config(admin, ""), ConfigPlanChecks: expectAction(plancheck.ResourceActionNoop)},
		{
			Config:           l.config(admin, `network = { provider = "VSPHERE_NETWORK" }`),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionNoop),
		},
		{Config: l.config(admin, "deletion_protection = true")},
		{
			Config:      l.config(admin, "deletion_protection = true\n"+`network = { provider = "VSPHERE_NETWORK", networks = ["a"] }`),
			ExpectError: regexp.MustCompile(`deletion_protection = false`),
		},
		{Config: vds(`"b"`)},
	}})
}

// Workload networks: the first is the default. One that somebody adds is left alone.
func TestWorkloadNetworks(t *testing.T) {
	l := networkLab(t, "", lab.NetworkVDS, "a", "b", "c")
	config := l.config(admin, `network = { provider = "VSPHERE_NETWORK", networks = ["c", "b"] }`)
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: config, ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{networkValue(textList("c", "b"), "networks"), networkValue(knownvalue.Null(), "vpc")},
		},
		{
			PreConfig: func() {
				l.expectSent(t, 0, "POST", instances+"/v2", `{"supervisor":"sv","namespace":"team-a","networks":["c","b"],
				  "network_spec":{"network_provider":"VSPHERE_NETWORK","vsphere_network":{"default_workload_network":"c"}}}`)
				l.patch(t, `{"network_spec":{"network_provider":"VSPHERE_NETWORK","vsphere_network_config":{"networks_to_add":["a"]}}}`)
			},
			Config: config, ConfigPlanChecks: expectAction(plancheck.ResourceActionNoop),
		},
		{
			PreConfig: func() {
				l.patch(t, `{"network_spec":{"network_provider":"VSPHERE_NETWORK","vsphere_network_config":{"networks_to_remove":["b"]}}}`)
			},
			// It is told, and no reason for another namespace.
			Config: config, ConfigPlanChecks: expectAction(plancheck.ResourceActionNoop),
		},
		{
			Config:           l.config(admin, `network = { provider = "VSPHERE_NETWORK", networks = ["c", "a"] }`),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
		},
	}})
}

// A VPC that somebody changes by hand is no reason for another namespace, and
// neither is it to write that down.
func TestVPCChangedByHand(t *testing.T) {
	l := networkLab(t, "", lab.NetworkVPC)
	config := func(blocks, more string) string {
		return l.config(admin, `network = { provider = "NSX_VPC", vpc = { private_cidrs = [`+blocks+`]`+more+` } }`)
	}
	asBefore := config(`"172.30.0.0/16"`, `, shared_subnets = ["/orgs/default/s1"], default_subnet_size = 32`)
	byHand := func(vpc string) func() {
		return func() { l.patch(t, `{"network_spec":{"network_provider":"NSX_VPC","vpc_config":`+vpc+`}}`) }
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: asBefore},
		{
			PreConfig: byHand(`{"default_subnet_size":32,"private_cidrs":[{"address":"172.30.0.0","prefix":16},{"address":"172.31.0.0","prefix":16}],
			  "shared_subnets":[{"path":"/orgs/default/s1"},{"path":"/orgs/default/s2"}]}`),
			Config: asBefore, ConfigPlanChecks: expectAction(plancheck.ResourceActionNoop),
		},
		{PreConfig: byHand(`{"default_subnet_size":64,"shared_subnets":[]}`), Config: asBefore, ConfigPlanChecks: expectAction(plancheck.ResourceActionNoop)},
		{
			Config:           config(`"172.30.0.0/16", "172.31.0.0/16"`, `, default_subnet_size = 64`),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
		},
		{Config: config(`"172.20.0.0/16"`, ""), ConfigPlanChecks: expectAction(plancheck.ResourceActionDestroyBeforeCreate)},
	}})
}

// Before 9.1 there is one network, and before 9.0 no network_spec.
func TestWorkloadNetworkOfOlderVCenter(t *testing.T) {
	for version, sent := range map[string]string{
		"9.0.0.0": `{"supervisor":"sv","namespace":"team-a","networks":["b"],"network_spec":{"network_provider":"VSPHERE_NETWORK"}}`,
		"8.0.2.0": `{"supervisor":"sv","namespace":"team-a","networks":["b"]}`,
	} {
		t.Run(version, func(t *testing.T) {
			l := networkLab(t, version, lab.NetworkVDS, "a", "b")
			config := l.config(admin, `network = { provider = "VSPHERE_NETWORK", networks = ["b"] }`)
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
				{Config: config, ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate)},
				importStep(config),
			}})
			l.expectSent(t, 0, "POST", instances+"/v2", sent)
		})
	}
}

// A VPC that is made for the namespace, or one that exists.
func TestVPC(t *testing.T) {
	l := networkLab(t, "", lab.NetworkVPC)
	config := func(vpc string) string {
		return l.config(admin, `network = { provider = "NSX_VPC", vpc = {`+vpc+`} }`)
	}
	made := config(`private_cidrs = ["172.30.0.0/16", "172.29.0.0/16"], shared_subnets = ["/orgs/default/s1"]`)
	path := "/orgs/default/projects/default/vpcs/team-a"
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: made,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{
					plancheck.ExpectUnknownValue(address, tfjsonpath.New("network").AtMapKey("vpc").AtMapKey("vpc")),
				},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				networkValue(knownvalue.StringExact(path), "vpc", "vpc"), networkValue(knownvalue.Int64Exact(32), "vpc", "default_subnet_size"),
			},
		},
		importStep(made),
		{
			PreConfig: func() {
				l.expectSent(t, 0, "POST", instances+"/v2", `{"supervisor":"sv","namespace":"team-a","network_spec":{"network_provider":"NSX_VPC","vpc_network":{
				  "vpc_config":{"private_cidrs":[{"address":"172.30.0.0","prefix":16},{"address":"172.29.0.0","prefix":16}]},
				  "shared_subnets":[{"path":"/orgs/default/s1"}]}}}`)
			},
			// The order means nothing.
			Config:           config(`private_cidrs = ["172.29.0.0/16", "172.30.0.0/16"], shared_subnets = ["/orgs/default/s1"]`),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
		},
		{
			Config: config(`vpc = "/orgs/default/projects/p1/vpcs/mine", default_subnet_size = 64`), ConfigPlanChecks: expectAction(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: []statecheck.StateCheck{networkValue(knownvalue.StringExact("/orgs/default/projects/p1/vpcs/mine"), "vpc", "vpc")},
		},
		{Config: l.config(admin, `network = { provider = "NSX_VPC" }`), ConfigPlanChecks: expectAction(plancheck.ResourceActionNoop)},
	}})
}

// vCenter does not tell what an NSX network was made of: it is believed. To write
// it down for a namespace that was imported is no reason for another one.
func TestNSX(t *testing.T) {
	for _, version := range []string{"7.0.3.0", "8.0.2.0", "9.1.0.0"} {
		t.Run(version, func(t *testing.T) {
			l := networkLab(t, version, lab.NetworkNCP)
			c := l.client(t)
			supervisor, err := c.ResolveSupervisor(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			if err := c.CreateNamespace(t.Context(), vcenter.NamespaceSpec{Name: "team-a", Supervisor: supervisor.ID}); err != nil {
				t.Fatal(err)
			}
			awaitStatus(t, c, vcenter.StatusRunning)
			config := func(ingress, more string) string {
				return l.config(admin, `network = { provider = "NSXT_CONTAINER_PLUGIN", nsx = {
				  namespace_network_cidrs = ["10.244.0.0/20"]
				  ingress_cidrs           = ["`+ingress+`"]
				  egress_cidrs            = ["10.1.0.0/24"]
				  nsx_tier0_gateway       = "t0-1"
				  subnet_prefix_length    = 28
				  load_balancer_size      = "MEDIUM"
				} }`+more)
			}
			const nsx = `"namespace_network":{"network_provider":"NSXT_CONTAINER_PLUGIN","network":{
			  "namespace_network_cidrs":[{"address":"10.244.0.0","prefix":20}],"ingress_cidrs":[{"address":"10.9.0.0","prefix":24}],
			  "egress_cidrs":[{"address":"10.1.0.0","prefix":24}],"nsx_tier0_gateway":"t0-1","subnet_prefix_length":28,"load_balancer_size":"MEDIUM"}}`
			since := l.mark()
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
				{
					Config:           config("10.0.0.0/24", "\n}\nimport {\n  to = vks_namespace.test\n  id = \"team-a\"\n"),
					ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
				},
				{Config: config("10.9.0.0/24", ""), ConfigPlanChecks: expectAction(plancheck.ResourceActionDestroyBeforeCreate)},
			}})
			if version == "7.0.3.0" {
				l.expectSent(t, since, "POST", instances, `{"cluster":"`+supervisor.ID+`","namespace":"team-a",`+nsx+`}`)
			} else {
				l.expectSent(t, since, "POST", instances+"/v2", `{"supervisor":"sv","namespace":"team-a",`+nsx+`}`)
			}
		})
	}
}

// A namespace that was created here has no NSX network but that of its creation:
// what comes or goes is another one. To write a default down is nothing.
func TestNSXOfCreatedNamespace(t *testing.T) {
	for _, version := range []string{"8.0.2.0", "9.1.0.0"} {
		t.Run(version, func(t *testing.T) {
			l := networkLab(t, version, lab.NetworkNCP)
			config := func(nsx string) string {
				return l.config(admin, `network = { provider = "NSXT_CONTAINER_PLUGIN"`+nsx+` }`)
			}
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
				{Config: l.config(admin, "")},
				{Config: config(`, nsx = { subnet_prefix_length = 28 }`), ConfigPlanChecks: expectAction(plancheck.ResourceActionDestroyBeforeCreate)},
				{
					Config:           config(`, nsx = { subnet_prefix_length = 28, load_balancer_size = "SMALL", routed_mode = false }`),
					ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
				},
				{
					Config:           config(`, nsx = { subnet_prefix_length = 28, load_balancer_size = "LARGE" }`),
					ConfigPlanChecks: expectAction(plancheck.ResourceActionDestroyBeforeCreate),
				},
				{Config: l.config(admin, ""), ConfigPlanChecks: expectAction(plancheck.ResourceActionNoop)},
				{Config: config(""), ConfigPlanChecks: expectAction(plancheck.ResourceActionDestroyBeforeCreate)},
			}})
		})
	}
}

// A network of which nothing, or not all, is known at plan.
func TestUnknownNetwork(t *testing.T) {
	for name, network := range map[string]string{
		"all":      `terraform_data.all.output`,
		"part":     `{ provider = "VSPHERE_NETWORK", networks = terraform_data.list.output }`,
		"provider": `{ provider = terraform_data.provider.output }`,
	} {
		t.Run(name, func(t *testing.T) {
			l := networkLab(t, "", lab.NetworkVDS, "a", "b")
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
				Config: l.config(admin, `network = `+network+`
				}
				resource "terraform_data" "all" {
				  input = { provider = "VSPHERE_NETWORK", networks = ["a"] }
				}
				resource "terraform_data" "list" {
				  input = ["a"]
				}
				resource "terraform_data" "provider" {
				  input = "VSPHERE_NETWORK"`),
				ConfigPlanChecks:  expectAction(plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{networkValue(textList("a"), "networks")},
			}}})
		})
	}
}

// What is not known at plan may be null, as is the usual default of a variable.
func TestUnknownIsNotSet(t *testing.T) {
	later := func(value string) string { return `terraform_data.later.id == "" ? ` + value + ` : null` }
	const cidr = `["10.9.0.0/24"]`
	for name, c := range map[string]struct{ provider, part string }{
		"CIDRs of a VPC": {lab.NetworkVPC, `vpc = { vpc = "/orgs/default/projects/p1/vpcs/mine", private_cidrs = ` + later(cidr) + ` }`},
		"path of a VPC":  {lab.NetworkVPC, `vpc = { vpc = ` + later(`"/x"`) + `, private_cidrs = ` + cidr + ` }`},
		"NSX on VDS":     {lab.NetworkVDS, `nsx = ` + later(`{ routed_mode = true }`)},
		"only a gateway": {lab.NetworkNCP, `nsx = { nsx_tier0_gateway = ` + later(`"t0"`) + ` }`},
		"egress that is routed": {lab.NetworkNCP, `nsx = { namespace_network_cidrs = ["10.244.0.0/20"], ingress_cidrs = ` + cidr + `, routed_mode = true
		  egress_cidrs = ` + later(cidr) + ` }`},
	} {
		t.Run(name, func(t *testing.T) {
			l := networkLab(t, "", c.provider, "a")
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
				Config: l.config(admin, `network = {
				    provider = "`+c.provider+`"
				    `+c.part+`
				  }
				}
				resource "terraform_data" "later" {`),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate),
			}}})
		})
	}
}

func TestBadNetwork(t *testing.T) {
	l, old, nine := networkLab(t, "", lab.NetworkVDS, "a"), networkLab(t, "8.0.2.0", lab.NetworkVDS, "a"), networkLab(t, "9.0.0.0", lab.NetworkVPC)
	for name, c := range map[string]struct {
		on         *ownLab
		body, want string
	}{
		"no provider":    {l, `networks = ["a"]`, `has no provider`},
		"mismatch":       {l, `provider = "NSX_VPC", networks = ["a"]`, `networks belongs to the provider VSPHERE_NETWORK, and the provider is NSX_VPC`},
		"nsx on VDS":     {l, `provider = "VSPHERE_NETWORK", nsx = { routed_mode = true }`, `nsx belongs to the provider NSXT_CONTAINER_PLUGIN`},
		"host bits":      {l, `provider = "NSX_VPC", vpc = { private_cidrs = ["172.30.1.5/16"] }`, `"172.30.1.5/16" is an address inside of a block. The block itself is "172.30.0.0/16"`},
		"no CIDR":        {l, `provider = "NSX_VPC", vpc = { private_cidrs = ["fd00::/64"] }`, `is not a block of IPv4 addresses`},
		"both":           {l, `provider = "NSX_VPC", vpc = { vpc = "/x", private_cidrs = ["10.0.0.0/8"] }`, `Leave out either vpc`},
		"half an NSX":    {l, `provider = "NSXT_CONTAINER_PLUGIN", nsx = { ingress_cidrs = ["10.0.0.0/24"], routed_mode = true }`, `namespace_network_cidrs is missing`},
		"egress":         {l, `provider = "NSXT_CONTAINER_PLUGIN", nsx = { egress_cidrs = ["10.0.0.0/24"], routed_mode = true }`, `With routed_mode nothing is translated`},
		"VPC too early":  {old, `provider = "NSX_VPC"`, `the provider NSX_VPC needs vCenter 9.0 or later; this one is 8.0.2.0`},
		"two too early":  {old, `provider = "VSPHERE_NETWORK", networks = ["a", "b"]`, `needs vCenter 9.1 or later; this one is 8.0.2.0`},
		"subnets":        {nine, `provider = "NSX_VPC", vpc = { shared_subnets = ["/x"] }`, `shared_subnets needs vCenter 9.1 or later`},
		"other provider": {l, `provider = "NSX_VPC"`, `network provider of the Supervisor is VSPHERE_NETWORK, not NSX_VPC`},
	} {
		t.Run(name, func(t *testing.T) {
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
				Config: c.on.config(admin, fmt.Sprintf("network = { %s }", c.body)), ExpectError: wrapped(c.want),
			}}})
			if len(c.on.Namespaces()) > 0 {
				t.Error("something was made")
			}
		})
	}
}

package namespace_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
	lab "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
)

// A namespace on the second of two Supervisors, by its name and by its id, is in
// the zones of that one.
func TestSecondSupervisor(t *testing.T) {
	for _, supervisor := range []string{"west", "id-west"} {
		t.Run(supervisor, func(t *testing.T) {
			l := newLab(t, lab.Options{Clusters: 3, Supervisors: []lab.Supervisor{
				{Name: "east", ID: "id-east", Zones: []lab.SupervisorZone{{Name: "zone-e", Clusters: []string{"DC0_C0"}}}},
				{Name: "west", ID: "id-west", Zones: []lab.SupervisorZone{{Name: "zone-w", Clusters: []string{"DC0_C1"}}, {Name: "zone-x", Clusters: []string{"DC0_C2"}}}},
			}})
			config := func(body string) string { return l.config(admin, "supervisor = \""+supervisor+"\"\n"+body) }
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
				{
					Config: config(`zones = { "zone-e" = {} }`), PlanOnly: true,
					ExpectError: regexp.MustCompile(`has no zone "zone-e". It has:\s+zone-w,\s+zone-x`),
				},
				{
					Config: config(""), ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(address, tfjsonpath.New("supervisor"), knownvalue.StringExact(supervisor)),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("supervisor_id"), knownvalue.StringExact("id-west")),
						poolsOf("zone-w", "zone-x"),
					},
				},
				{
					Config: config(`zones = { "zone-x" = {} }`), ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
					ConfigStateChecks: []statecheck.StateCheck{poolsOf("zone-x")},
				},
			}})
		})
	}
}

// vCenter 7 has compute clusters in place of zones.
func TestPoolsOfOldVCenter(t *testing.T) {
	l := newLab(t, lab.Options{Version: "7.0.3.0"})
	supervisor, err := l.client(t).ResolveSupervisor(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: l.config(admin, ""), ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate),
		ConfigStateChecks: []statecheck.StateCheck{poolsOf(supervisor.ID)},
	}}})
}

// The pools of all namespaces are one reading, and where the inventory cannot be
// read there are none, and no error.
func TestPoolsCostNoRequestPerNamespace(t *testing.T) {
	l := newLab(t, threeZones(lab.Options{}))
	more := `}
	resource "vks_namespace" "more" {
	  count         = 6
	  name          = "more-${count.index}"
	  force_destroy = true`
	inventory := func(since int64) int {
		return len(l.seam.Requests(func(r traffic.Request) bool {
			return r.Seq > since && r.Path == "/sdk" && r.Method == "POST"
		}))
	}
	var since int64
	var one int
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: l.config(admin, ""), ConfigStateChecks: []statecheck.StateCheck{poolsOf("zone-1", "zone-2", "zone-3")}},
		{PreConfig: func() { since = l.mark() }, Config: l.config(admin, ""), PlanOnly: true},
		{PreConfig: func() { one = inventory(since) }, Config: l.config(admin, more)},
		{PreConfig: func() { since = l.mark() }, Config: l.config(admin, more), PlanOnly: true},
		{
			PreConfig: func() {
				if n := inventory(since); one == 0 || n > one {
					t.Errorf("a plan of 7 namespaces made %d requests to the inventory, that of one %d", n, one)
				}
				if _, err := l.seam.Inject(traffic.Fault{ID: "inventory", Path: "^/sdk$", Status: 500}); err != nil {
					t.Fatal(err)
				}
			},
			Config: l.config(admin, ""), ConfigStateChecks: []statecheck.StateCheck{poolsOf("zone-1", "zone-2", "zone-3")},
		},
		{
			Taint: []string{address}, Config: l.config(admin, ""),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("resource_pools"), knownvalue.Null())},
		},
		{
			PreConfig: func() { l.seam.Remove("inventory") }, Config: l.config(admin, ""),
			ConfigStateChecks: []statecheck.StateCheck{poolsOf("zone-1", "zone-2", "zone-3")},
		},
	}})
}

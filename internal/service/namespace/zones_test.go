package namespace_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
	lab "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// zones are those of the platform's Supervisor; the test needs three.
func (p *platform) zones(t *testing.T) []string {
	t.Helper()
	supervisor, err := p.ResolveSupervisor(t.Context(), os.Getenv("VKS_SUPERVISOR"))
	if err != nil {
		t.Fatal(err)
	}
	topology, err := p.Topology(t.Context(), supervisor)
	if err != nil {
		t.Fatal(err)
	}
	if len(topology) < 3 {
		t.Skip("the platform's Supervisor needs three zones")
	}
	var all []string
	for _, z := range topology {
		all = append(all, z.Name)
	}
	return all
}

func zoneValue(zone, attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("zones").AtMapKey(zone).AtMapKey(attribute), want)
}

func poolsOf(zones ...string) statecheck.StateCheck {
	keys := map[string]knownvalue.Check{}
	for _, zone := range zones {
		keys[zone] = knownvalue.ListSizeExact(1)
	}
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("resource_pools"), knownvalue.MapExact(keys))
}

// Limits of zones are set, found changed by hand, changed and taken away; zones
// are added and removed; an import knows them.
func TestZones(t *testing.T) {
	p, name := newPlatform(t), acctest.Name(t, "ns")
	z, class := p.zones(t), p.classes[0]
	config := func(zones string) string {
		return fmt.Sprintf("resource \"vks_namespace\" \"test\" {\n  name = %q\n  %s\n}\n", name, zones)
	}
	in := func(want ...string) resource.TestCheckFunc {
		return p.live(t, name, func(t *testing.T, n *vcenter.Namespace) {
			t.Helper()
			if got := names(n.Zones); !slices.Equal(got, want) {
				t.Errorf("the namespace is in %v, want %v", got, want)
			}
		})
	}
	first := config(fmt.Sprintf(`zones = {
	  %q = {
	    cpu_limit_mhz          = 10000
	    cpu_reservation_mhz    = 2000
	    memory_limit_mib       = 20480
	    memory_reservation_mib = 1024
	    vm_reservations        = { %q = 2 }
	    disallow_unreserved_direct_path_usage = true
	  }
	  %q = { memory_reservation_mib = 0 }
	}`, z[0], class, z[1]))
	acctest.Test(t, resource.TestCase{
		CheckDestroy: p.gone(t, name),
		Steps: []resource.TestStep{
			{
				Config: first, ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate), Check: in(z[0], z[1]),
				ConfigStateChecks: []statecheck.StateCheck{poolsOf(z[0], z[1]), zoneValue(z[1], "cpu_limit_mhz", knownvalue.Null())},
			},
			{
				Config: first, ResourceName: address, ImportState: true, ImportStateId: name, ImportStateVerify: true,
				// What is 0 here is nothing there.
				ImportStateVerifyIgnore: []string{"force_destroy", "zones." + z[1] + ".memory_reservation_mib"},
			},
			{
				PreConfig: func() { // Somebody changes limits, and adds a zone.
					more := int64(99000)
					p.update(t, name, vcenter.NamespaceChanges{Zones: []vcenter.ZoneSpec{
						{Name: z[0], CPULimitMHz: &more}, {Name: z[1], MemoryLimitMiB: &more}, {Name: z[2]},
					}})
				},
				Config: first, ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate), Check: in(z[0], z[1]),
				ConfigStateChecks: []statecheck.StateCheck{
					zoneValue(z[0], "cpu_limit_mhz", knownvalue.Int64Exact(10000)), zoneValue(z[1], "memory_limit_mib", knownvalue.Null()),
				},
			},
			{
				Config:           config(fmt.Sprintf(`zones = { %q = { memory_limit_mib = 20480 }, %q = { cpu_limit_mhz = 5000 } }`, z[0], z[2])),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate), Check: in(z[0], z[2]),
				ConfigStateChecks: []statecheck.StateCheck{poolsOf(z[0], z[2])},
			},
			{
				Config: config(""), ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate), Check: in(z[0], z[2]),
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("zones"), knownvalue.Null())},
			},
			{
				// The limits are gone: only that the namespace is not in all zones is left to take in.
				Config: config(""), ResourceName: address, ImportState: true, ImportStateId: name,
				ImportStateCheck: func(states []*terraform.InstanceState) error {
					for key, value := range states[0].Attributes {
						if regexp.MustCompile(`^zones\..*(limit|reservation)_m`).MatchString(key) {
							t.Errorf("%s = %s is left", key, value)
						}
					}
					if states[0].Attributes["zones.%"] != "2" {
						t.Errorf("the import found %s zones", states[0].Attributes["zones.%"])
					}
					return nil
				},
			},
		},
	})
}

// update changes a namespace behind Terraform's back and waits until that is done.
func (p *platform) update(t *testing.T, name string, changes vcenter.NamespaceChanges) {
	t.Helper()
	if err := p.UpdateNamespace(t.Context(), name, changes); err != nil {
		t.Fatal(err)
	}
	settled := 0
	await(t, func() bool {
		n, err := p.Namespace(t.Context(), name)
		if err == nil && n.ConfigStatus == vcenter.StatusRunning {
			settled++
		}
		return settled > 2
	})
}

// A plan without changes asks for a namespace once: pools, and the limits of
// zones, are read for all namespaces at once.
func TestReadsPerNamespace(t *testing.T) {
	p, name := newPlatform(t), acctest.Name(t, "ns")
	z, log := p.zones(t), acctest.Traffic(t)
	config := fmt.Sprintf(`resource "vks_namespace" "test" {
	  count = 3
	  name  = "%s-${count.index}"
	  zones = { %q = { cpu_limit_mhz = 5000 } }
	}`, name, z[0])
	var since int64
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config},
		{
			PreConfig: func() {
				var err error
				if since, err = log.Mark(t.Context()); err != nil {
					t.Fatal(err)
				}
			},
			// A plan is read apart from others by the provider that makes it.
			Config: config, PlanOnly: true,
		},
		{
			PreConfig: func() {
				reads, err := log.Requests(t.Context(), traffic.Query{Since: since, Path: name + "-"})
				if err != nil {
					t.Fatal(err)
				}
				byPath := map[string]int{}
				for _, r := range reads {
					if r.Method != "GET" {
						t.Errorf("a plan sent %s %s", r.Method, r.Path)
					}
					byPath[r.Path]++
				}
				// The harness refreshes twice.
				for path, n := range byPath {
					if n > 2 {
						t.Errorf("%s was read %d times", path, n)
					}
				}
				if len(byPath) != 3 {
					t.Errorf("three namespaces were to be read, and nothing else of them, not %v", byPath)
				}
			},
			Config: config, PlanOnly: true,
		},
	}})
}

// An update writes the zones that change, and no others.
func TestZoneRequests(t *testing.T) {
	l := newLab(t, threeZones(lab.Options{}))
	zones := func(list string) string { return l.config(admin, "zones = {"+list+"}") }
	var since int64
	mark := func() { since = l.mark() }
	first := `"zone-1" = { cpu_limit_mhz = 9000 }, "zone-2" = { vm_reservations = { "best-effort-small" = 3 } }`
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{PreConfig: mark, Config: zones(first), ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate)},
		{
			PreConfig: func() {
				l.expectSent(t, since, "POST", instances+"/v2", `{"supervisor":"`+l.Supervisors()[0].ID+`","namespace":"team-a","zones":[
				  {"name":"zone-1","cpu_limit_mhz":9000},
				  {"name":"zone-2","vm_reservations":[{"reserved_vm_class":"best-effort-small","count":3}]}]}`)
				mark()
			},
			Config:           zones(first + `, "zone-3" = {}`),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
		},
		{
			PreConfig: func() {
				l.expectSent(t, since, "PATCH", teamA, `{"zones":[{"name":"zone-3"}]}`)
				mark()
			},
			Config:           zones(`"zone-1" = { cpu_reservation_mhz = 100 }, "zone-2" = { vm_reservations = { "best-effort-small" = 3 } }`),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
		},
		{
			PreConfig: func() {
				l.expectSent(t, since, "PATCH", teamA, `{"zones":[{"name":"zone-1","cpu_reservation_mhz":100}]}`)
				if len(l.sent(since, "DELETE", teamA+"/zones/zone-3")) != 1 {
					t.Error("zone-3 was not removed")
				}
				mark()
			},
			// Without a Supervisor that answers, what was applied is believed.
			Config: l.config(admin, ""), ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
		},
		{
			PreConfig: func() {
				l.expectSent(t, since, "PATCH", teamA, `{"zones":[{"name":"zone-1"},{"name":"zone-2"}]}`)
				mark()
			},
			// Managed again: it is in zone-2, too, which nobody wrote down.
			Config: zones(`"zone-1" = {}`), ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{poolsOf("zone-1")},
		},
		{
			PreConfig: func() {
				if len(l.sent(since, "DELETE", teamA+"/zones/zone-2")) != 1 {
					t.Error("zone-2 was not removed")
				}
			},
			Config: zones(`"zone-1" = {}`), ConfigPlanChecks: expectAction(plancheck.ResourceActionNoop),
		},
	}})
}

// A zone that does not drain in time is named, and goes on draining by itself.
func TestZoneRemovalTimeout(t *testing.T) {
	l := newLab(t, threeZones(lab.Options{RemoveDelay: 6 * time.Second}))
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: l.config(admin, `zones = { "zone-1" = {}, "zone-2" = {} }`)},
		{
			Config:      l.config(admin, `zones = { "zone-1" = {} }`+"\n"+`timeouts = { update = "2s" }`),
			ExpectError: regexp.MustCompile(`(?s)zone zone-2: marked for removal.*raise\s+timeouts\.update`),
		},
		// Named again while it goes: it comes back once it is gone.
		{
			Config:           l.config(admin, `zones = { "zone-1" = {}, "zone-2" = { cpu_limit_mhz = 9000 } }`),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("zones"), knownvalue.MapSizeExact(2)),
			},
		},
		{Config: l.config(admin, `zones = { "zone-1" = {} }`), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, tfjsonpath.New("zones"), knownvalue.MapSizeExact(1)),
		}},
	}})
}

// Zones of which nothing is known at plan: all, one, or what is in one.
func TestUnknownZones(t *testing.T) {
	for name, zones := range map[string]string{
		"all":   `terraform_data.all.output`,
		"one":   `{ "zone-1" = terraform_data.one.output, "zone-2" = {} }`,
		"value": `{ "zone-1" = { cpu_limit_mhz = terraform_data.value.output }, "zone-2" = {} }`,
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, threeZones(lab.Options{}))
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
				Config: l.config(admin, `zones = `+zones+`
				}
				resource "terraform_data" "all" {
				  input = tomap({ "zone-1" = { cpu_limit_mhz = 9000 }, "zone-2" = { cpu_limit_mhz = null } })
				}
				resource "terraform_data" "one" {
				  input = { cpu_limit_mhz = 9000 }
				}
				resource "terraform_data" "value" {
				  input = 9000`),
				ConfigPlanChecks:  expectAction(plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{zoneValue("zone-1", "cpu_limit_mhz", knownvalue.Int64Exact(9000)), poolsOf("zone-1", "zone-2")},
			}}})
		})
	}
}

func TestBadZones(t *testing.T) {
	l := newLab(t, threeZones(lab.Options{}))
	old := newLab(t, lab.Options{Version: "8.0.2.0"})
	for name, c := range map[string]struct {
		on   *ownLab
		body string
		want string
	}{
		"unknown zone":  {l, `zones = { "zone-9" = {} }`, `has no zone "zone-9". It has: zone-1, zone-2, zone-3`},
		"unknown class": {l, `zones = { "zone-1" = { vm_reservations = { huge = 1 } } }`, `There is no VM class "huge"`},
		"reservation":   {l, `zones = { "zone-1" = { memory_limit_mib = 10, memory_reservation_mib = 11 } }`, `reserves 11 MiB of memory, and its limit is 10 MiB`},
		"none":          {l, `zones = {}`, `at least 1`},
		"too old":       {old, `zones = { "zone-1" = {} }`, `zones needs vCenter 9.0 or later; this one is 8.0.2.0`},
		"too old, found out at apply": {
			old, "zones = terraform_data.later.output\n}\nresource \"terraform_data\" \"later\" {\n  input = { zone-1 = {} }", `zones needs vCenter 9.0 or later; this one is 8.0.2.0`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
				Config: c.on.config(admin, c.body), ExpectError: wrapped(c.want),
			}}})
			if len(c.on.sent(0, "POST", instances+"/v2")) > 0 {
				t.Error("something was made")
			}
		})
	}
}

// The limits of a namespace hold over three clusters; each has a pool.
func TestQuotaOverThreeClusters(t *testing.T) {
	l := newLab(t, threeZones(lab.Options{}))
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: l.config(admin, "cpu_limit_mhz = 30000\nmemory_limit_mib = 3072"), ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				poolsOf("zone-1", "zone-2", "zone-3"),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("zones"), knownvalue.Null()),
			},
		},
		importStep(l.config(admin, "cpu_limit_mhz = 30000\nmemory_limit_mib = 3072")),
	}})
}

package namespace_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/acctest/smalllab"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
	lab "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// ownLab is a vCenter of one test: for what a platform that others use cannot do.
type ownLab struct {
	*lab.VCenter
	seam   *traffic.Seam
	caFile string
	caPEM  []byte
}

func newLab(t *testing.T, o lab.Options) *ownLab {
	t.Helper()
	l := smalllab.New(t, o)
	return &ownLab{VCenter: l.VCenter, seam: l.Seam, caFile: l.CAFile, caPEM: l.CAPEM}
}

// supervisor is the other side of the namespaces: one stays CONFIGURING for as
// long as applied refuses it.
type supervisor struct {
	applied func(lab.Namespace) error
}

func (s supervisor) NamespaceApplied(_ context.Context, ns lab.Namespace) error { return s.applied(ns) }

func (supervisor) NamespaceRemoved(context.Context, string) error { return nil }

func (supervisor) Usage(context.Context, string) (lab.Stats, error) { return lab.Stats{}, nil }

var errNotYet = errors.New("not yet")

// one is the namespace of these tests at the API, which creates it elsewhere.
const one = "/api/vcenter/namespaces/instances/team-a"

// last is the latest request to a path.
func (l *ownLab) last(method, path string) (last traffic.Request) {
	for _, r := range l.seam.Requests(func(r traffic.Request) bool { return r.Method == method && r.Path == path }) {
		last = r
	}
	return last
}

// reads are the looks at the namespace that came later.
func (l *ownLab) reads(after traffic.Request) []traffic.Request {
	return l.seam.Requests(func(r traffic.Request) bool {
		return r.Seq > after.Seq && r.Method == "GET" && strings.HasSuffix(r.Path, "/v2/team-a")
	})
}

// config gives a configuration with this vCenter, as a user of it.
func (l *ownLab) config(user, body string) string {
	return fmt.Sprintf(`provider "vks" {
	  vcenter = {
	    server   = %q
	    username = %q
	    password = "VMware1!"
	    ca_file  = %q
	  }
	}
	resource "vks_namespace" "test" {
	  name          = "team-a"
	  force_destroy = true
	  %s
	}`, l.Host(), user, l.caFile, body)
}

const admin = "administrator@vsphere.local"

func (l *ownLab) client(t *testing.T) *vcenter.Client {
	t.Helper()
	c, err := vcenter.New(vcenter.Config{Server: l.Host(), Username: admin, Password: "VMware1!", CAPEM: l.caPEM})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A namespace that ends in ERROR fails at once with vCenter's words, is kept as
// tainted, and the next apply replaces it.
func TestCreateError(t *testing.T) {
	l := newLab(t, lab.Options{})
	l.SetNamespaceError("team-a", "The storage policy is not compatible.", "No host left.")
	var start time.Time
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			PreConfig:   func() { start = time.Now() }, // a parallel test waits for its turn before
			Config:      l.config(admin, ""),
			ExpectError: regexp.MustCompile(`(?s)vSphere Namespace team-a.*The storage policy is not\s+compatible.*No\s+host\s+left`),
		},
		{
			PreConfig: func() {
				if took := time.Since(start); took > time.Minute {
					t.Errorf("an ERROR was waited for: %s", took)
				}
				l.SetNamespaceError("team-a")
			},
			Config: l.config(admin, ""),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate)},
			},
		},
	}})
}

// Unhealthy later on is a fact to report, not an error.
func TestErrorIsReported(t *testing.T) {
	l := newLab(t, lab.Options{})
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: l.config(admin, "")},
		{
			PreConfig: func() {
				l.SetNamespaceError("team-a", "No host left.")
				awaitStatus(t, l.client(t), vcenter.StatusError)
			},
			Config: l.config(admin, ""),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop)},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("config_status"), knownvalue.StringExact("ERROR")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("messages"), knownvalue.ListExact([]knownvalue.Check{
					knownvalue.ObjectExact(map[string]knownvalue.Check{
						"severity": knownvalue.StringExact("ERROR"), "message": knownvalue.StringExact("No host left."),
					}),
				})),
			},
		},
	}})
}

func awaitStatus(t *testing.T, c *vcenter.Client, status string) {
	t.Helper()
	await(t, func() bool {
		n, err := c.Namespace(t.Context(), "team-a")
		return err == nil && n.ConfigStatus == status
	})
}

// A creation that takes too long names the attribute to raise, and the next
// plan goes on from the object that is there.
func TestCreateTimeout(t *testing.T) {
	var ready atomic.Bool
	l := newLab(t, lab.Options{Hooks: supervisor{func(lab.Namespace) error {
		if !ready.Load() {
			return errNotYet
		}
		return nil
	}}})
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:      l.config(admin, `timeouts = { create = "20s" }`),
			ExpectError: regexp.MustCompile(`(?s)config_status: CONFIGURING.*raise timeouts\.create`),
		},
		{
			PreConfig: func() { ready.Store(true) },
			Config:    l.config(admin, ""),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate)},
			},
		},
	}})
}

// vCenter shows neither a new namespace nor a change at once: RUNNING from
// before the change does not end the wait. The change is not ready before
// somebody has looked again, after vCenter has stopped to show that.
func TestSlowToShow(t *testing.T) {
	const stale = 800 * time.Millisecond
	var l *ownLab
	l = newLab(t, lab.Options{AppearDelay: 1500 * time.Millisecond, StaleDelay: stale, Hooks: supervisor{func(ns lab.Namespace) error {
		change := l.last("PATCH", one)
		if *ns.CPULimitMHz == 1000 || slices.ContainsFunc(l.reads(change), func(r traffic.Request) bool { return r.Time.Sub(change.Time) > 2*stale }) {
			return nil
		}
		return errNotYet
	}}})
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: l.config(admin, "cpu_limit_mhz = 1000")},
		{
			Config: l.config(admin, "cpu_limit_mhz = 2000"),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("config_status"), knownvalue.StringExact("RUNNING")),
			},
			Check: func(*terraform.State) error {
				if _, status, _ := l.Namespace("team-a"); status != vcenter.StatusRunning {
					return fmt.Errorf("the state says RUNNING, but the namespace is %s", status)
				}
				return nil
			},
		},
	}})
}

// soapRead is the body of a question over SOAP, where all is a POST.
var soapRead = regexp.MustCompile(`<Body><(RetrieveServiceContent|Login|Logout|Retrieve\w+|CreateContainerView|DestroyView) `)

// A plan works with an account that may only read, and writes nothing.
func TestPlanReadsOnly(t *testing.T) {
	const reader = "reader@vsphere.local"
	l := newLab(t, lab.Options{Users: map[string]lab.User{reader: {Password: "VMware1!", ReadOnly: true}}})
	body := `storage_policies = { "gold-policy" = {} }` + "\n" + `vm_classes = ["best-effort-small"]`
	var before int64
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			PreConfig: func() { before = l.seam.Mark() },
			Config:    l.config(reader, body), PlanOnly: true, ExpectNonEmptyPlan: true,
		},
		{
			PreConfig: func() {
				writes := l.seam.Requests(func(r traffic.Request) bool {
					return r.Seq > before && r.Method != "GET" && r.Path != "/api/session" && !soapRead.Match(r.Body)
				})
				for _, r := range writes {
					t.Errorf("the plan wrote: %s %s %s", r.Method, r.Path, r.Body)
				}
			},
			Config:      l.config(reader, body),
			ExpectError: regexp.MustCompile(`(?s)Unable to create vSphere Namespace.*UNAUTHORIZED.*lacks the privilege`),
		},
	}})
}

// Two Supervisors: one has to be named; another spelling of the same one is no
// change; another one is another namespace, of the same name.
func TestSupervisors(t *testing.T) {
	l := newLab(t, lab.Options{Clusters: 2, Supervisors: []lab.Supervisor{
		{Name: "east", ID: "id-east", Zones: []lab.SupervisorZone{{Name: "zone-e", Clusters: []string{"DC0_C0"}}}},
		{Name: "west", ID: "id-west", Zones: []lab.SupervisorZone{{Name: "zone-w", Clusters: []string{"DC0_C1"}}}},
	}})
	on := func(id string) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("supervisor_id"), knownvalue.StringExact(id))}
	}
	expect := func(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:      l.config(admin, `supervisor = terraform_data.none.output`+"\n}\nresource \"terraform_data\" \"none\" {\n input = \"north\"\n"),
			ExpectError: regexp.MustCompile(`there is no Supervisor "north"`),
		},
		{Config: l.config(admin, `supervisor = "east"`), ConfigStateChecks: on("id-east")},
		{Config: l.config(admin, `supervisor = "id-east"`), ConfigStateChecks: on("id-east"), ConfigPlanChecks: expect(plancheck.ResourceActionUpdate)},
		{Config: l.config(admin, `supervisor = "west"`), ConfigStateChecks: on("id-west"), ConfigPlanChecks: expect(plancheck.ResourceActionDestroyBeforeCreate)},
		{Config: l.config(admin, ``), ConfigStateChecks: on("id-west"), ConfigPlanChecks: expect(plancheck.ResourceActionNoop)},
	}})
}

// An update sends what changed; a plan without changes reads the namespace once.
func TestRequests(t *testing.T) {
	l := newLab(t, lab.Options{})
	sent := func(method string, since int64) []traffic.Request {
		return l.seam.Requests(func(r traffic.Request) bool {
			return r.Seq > since && r.Method == method && (r.Path == one || r.Path == "/api/vcenter/namespaces/instances/v2/team-a")
		})
	}
	var mark int64
	remember := func() { mark = l.seam.Mark() }
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: l.config(admin, `description = "a"`)},
		{PreConfig: remember, Config: l.config(admin, `description = "b"`+"\n"+`deletion_protection = false`)},
		{
			PreConfig: func() {
				patches := sent("PATCH", mark)
				if len(patches) != 1 || string(patches[0].Body) != `{"description":"b"}` {
					t.Errorf("the update sent %v", patches)
				}
				remember()
			},
			Config: l.config(admin, `description = "b"`), PlanOnly: true,
		},
		{
			PreConfig: func() {
				if reads := sent("GET", mark); len(reads) == 0 || len(reads) > 2 {
					t.Errorf("planning without changes made %d reads", len(reads))
				}
			},
			Config: l.config(admin, `description = "b"`), PlanOnly: true,
		},
	}})
}

// Before 8.0 there is no v2 of the API, and a Supervisor is a compute cluster.
func TestOldVCenter(t *testing.T) {
	l := newLab(t, lab.Options{Version: "7.0.3.0"})
	body := `storage_policies = { "gold-policy" = {} }` + "\n" + `vm_classes = ["best-effort-small"]` + "\n" + `supervisor = "DC0_C0"`
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: l.config(admin, body)},
		{
			Config: l.config(admin, `description = "b"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)},
			},
		},
	}})
}

// A vCenter that fails for a moment does not end a wait, also where requests
// are not tried again: the creation is not ready before each fault was met.
func TestBadMoment(t *testing.T) {
	faults := []traffic.Fault{
		{ID: "error", Method: "GET", Path: "/v2/team-a$", Status: 500, Count: 1},
		{ID: "drop", Method: "GET", Path: "/v2/team-a$", Drop: true, Count: 1},
	}
	var l *ownLab
	var armed sync.Once
	met := func() (ids []string) {
		for _, r := range l.reads(l.last("POST", "/api/vcenter/namespaces/instances/v2")) {
			if r.Fault != "" {
				ids = append(ids, r.Fault)
			}
		}
		return ids
	}
	l = newLab(t, lab.Options{Hooks: supervisor{func(lab.Namespace) error {
		armed.Do(func() {
			for _, f := range faults {
				if _, err := l.seam.Inject(f); err != nil {
					t.Error(err)
				}
			}
		})
		if len(met()) < len(faults) {
			return errNotYet
		}
		return nil
	}}})
	config := strings.Replace(l.config(admin, ""), "vcenter =", "max_retries = 0\n  vcenter =", 1)
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: config,
		Check: func(*terraform.State) error {
			if ids := met(); !slices.Equal(ids, []string{"error", "drop"}) {
				return fmt.Errorf("the wait met %v", ids)
			}
			return nil
		},
	}}})
}

// Protection begins when the creation is complete: the next apply replaces what
// a failed one left.
func TestProtectionAfterFailedCreate(t *testing.T) {
	l := newLab(t, lab.Options{})
	l.SetNamespaceError("team-a", "No host left.")
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: l.config(admin, `deletion_protection = true`), ExpectError: regexp.MustCompile(`No\s+host\s+left`)},
		{
			PreConfig: func() { l.SetNamespaceError("team-a") },
			Config:    l.config(admin, `deletion_protection = true`),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate)},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("deletion_protection"), knownvalue.Bool(true)),
			},
		},
		{Config: l.config(admin, `deletion_protection = false`)},
	}})
}

// Exclusive permissions also hold against grants that come with the creation;
// those of the system stay.
func TestExclusiveFromCreation(t *testing.T) {
	l := newLab(t, lab.Options{ConfigureDelay: 3 * time.Second})
	body := `permissions = [{ principal = "anna", domain = "vsphere.local", type = "USER", role = "EDIT" }]
	  exclusive_permissions = true`
	c, granted := l.client(t), make(chan error, 1)
	go func() { granted <- grantSoon(t.Context(), c, "bob") }()
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:           l.config(admin, body),
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("permissions"), knownvalue.SetSizeExact(1)),
			},
			Check: func(*terraform.State) error {
				if err := <-granted; err != nil {
					return err
				}
				n, err := c.Namespace(t.Context(), "team-a")
				if err != nil {
					return err
				}
				for _, a := range n.Access {
					if a.Principal == "bob" {
						t.Error("bob still has access")
					}
				}
				if len(n.Access) < 2 {
					t.Errorf("the grants of the system are gone: %v", n.Access)
				}
				return nil
			},
		},
	}})
}

// grantSoon makes a user an owner as soon as there is a namespace.
func grantSoon(ctx context.Context, c *vcenter.Client, name string) error {
	for {
		err := c.GrantAccess(ctx, "team-a", vcenter.Access{Type: "USER", Principal: name, Domain: "vsphere.local", Role: "OWNER"})
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Permissions of which nothing is known at plan are like others: all of them,
// or one beside those that are known.
func TestUnknownPermissions(t *testing.T) {
	for name, permissions := range map[string]string{
		"all": `[for name in terraform_data.later.output : { principal = name, domain = "vsphere.local", type = "USER", role = "VIEW" }]`,
		"one": `[{ principal = "anna", domain = "vsphere.local", type = "USER", role = "EDIT" }, terraform_data.whole.output]`,
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, lab.Options{})
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
				Config: l.config(admin, `permissions = `+permissions+`
				}
				resource "terraform_data" "later" {
				  input = ["anna", "bob"]
				}
				resource "terraform_data" "whole" {
				  input = { principal = "bob", domain = "vsphere.local", type = "USER", role = "VIEW" }`),
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("permissions"), knownvalue.SetSizeExact(2)),
				},
			}}})
		})
	}
}

package quota_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/acctest/smalllab"
	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
	lab "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// aloneVCenter is a vCenter without its Supervisor.
func aloneVCenter(t *testing.T) (*traffic.Seam, func(body string) string) {
	t.Helper()
	l := smalllab.New(t, lab.Options{Clusters: 2, HostsPerCluster: 1, VMs: -1})
	return l.Seam, func(body string) string {
		return fmt.Sprintf(`
provider "vks" {
  vcenter     = { server = %q, username = "administrator@vsphere.local", password = "VMware1!", ca_file = %q }
  supervisor  = { server = "127.0.0.1:1" }
  max_retries = 0
}
resource "vks_namespace" "test" {
  name              = "team-a"
  force_destroy     = true
  cpu_limit_mhz     = 20000
  storage_limit_mib = 10240
  storage_policies  = { "gold-policy" = { limit_mib = 5120 } }
}
`, l.Host(), l.CAFile) + body
	}
}

// reasonsOf expects reasons, in this order, and no others.
func reasonsOf(patterns ...string) knownvalue.Check {
	checks := make([]knownvalue.Check, 0, len(patterns))
	for _, pattern := range patterns {
		checks = append(checks, knownvalue.StringRegexp(regexp.MustCompile(pattern)))
	}
	return knownvalue.ListExact(checks)
}

// A Supervisor that is not there leaves null what it alone knows, and says so in
// the reasons; limits and use are vCenter's.
func TestAccQuotaWithoutTheSupervisor(t *testing.T) {
	_, with := aloneVCenter(t)
	of := func(steps ...string) []string { return append([]string{"namespaces", "team-a"}, steps...) }
	checks := func() []statecheck.StateCheck {
		list := []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, at(of("reasons")...), reasonsOf(`^not known: what the Supervisor has in the namespaces .*: .*127\.0\.0\.1:1`)),
			statecheck.ExpectKnownValue(address, at("reasons"), reasonsOf(`^not known: what the Supervisor has`)),
			statecheck.ExpectKnownValue(address, at("status"), knownvalue.StringExact("ok")),
			statecheck.ExpectKnownValue(address, at(of("cpu", "limit")...), knownvalue.Int64Exact(20000)),
			statecheck.ExpectKnownValue(address, at(of("cpu", "used")...), knownvalue.Int64Exact(0)),
			statecheck.ExpectKnownValue(address, at(of("cpu", "consumed")...), knownvalue.Int64Exact(0)),
			statecheck.ExpectKnownValue(address, at(of("storage", "limit")...), knownvalue.Int64Exact(10240)),
			statecheck.ExpectKnownValue(address, at(of("storage_policies", "gold-policy", "limit")...), knownvalue.Int64Exact(5120)),
		}
		for _, unknown := range [][]string{
			{"cpu", "allocated"},
			{"memory", "max"},
			{"memory", "limit"},
			{"storage", "allocated"},
			{"storage_policies", "gold-policy", "used"},
			{"clusters"},
			{"autoscaler_headroom_blocked"},
		} {
			list = append(list, statecheck.ExpectKnownValue(address, at(of(unknown...)...), knownvalue.Null()))
		}
		return list
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: with(`data "vks_quota_usage" "test" {
  namespace = vks_namespace.test.id
}`),
			ConfigStateChecks: checks(),
		},
		{
			// All of them: what is listed lacks the limits, so each is asked for.
			Config: with(`data "vks_quota_usage" "test" {
  depends_on = [vks_namespace.test]
}`),
			ConfigStateChecks: checks(),
		},
	}})
}

// An inventory that may not be read leaves null what machines consume and what
// CPU they are sized for.
func TestAccQuotaWithoutTheInventory(t *testing.T) {
	seam, with := aloneVCenter(t)
	if _, err := seam.Inject(traffic.Fault{Path: "^/sdk", Status: 403}); err != nil {
		t.Fatal(err)
	}
	of := func(steps ...string) []string { return append([]string{"namespaces", "team-a"}, steps...) }
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: with(`data "vks_quota_usage" "test" {
  depends_on = [vks_namespace.test]
}`),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, at(of("reasons")...), reasonsOf(
				`^not known: CPU of machines in MHz`, `^not known: what machines consume`, `^not known: what the Supervisor has`,
			)),
			statecheck.ExpectKnownValue(address, at(of("cpu", "limit")...), knownvalue.Int64Exact(20000)),
			statecheck.ExpectKnownValue(address, at(of("cpu", "consumed")...), knownvalue.Null()),
			statecheck.ExpectKnownValue(address, at(of("memory", "consumed")...), knownvalue.Null()),
		},
	}}})
}

// An account that may read each namespace and not list over all of them gets the
// same answer, for more requests.
func TestAccQuotaOfAReader(t *testing.T) {
	acctest.Env(t)
	user, password := os.Getenv("VKS_READONLY_USERNAME"), os.Getenv("VKS_READONLY_PASSWORD")
	if user == "" {
		t.Skip("the test needs VKS_READONLY_USERNAME and VKS_READONLY_PASSWORD")
	}
	log := acctest.Traffic(t)
	mark, err := log.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	name := acctest.Name(t, "quota")
	madeByOthers(t, name, name+"-b")
	of := func(steps ...string) []string { return append([]string{"namespaces", name}, steps...) }
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: fmt.Sprintf(`
provider "vks" {
  vcenter = { username = %q, password = %q }
}
data "vks_quota_usage" "test" {
  namespace_names = [%q, %q]
}`, user, password, name, name+"-b"),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, at("namespaces"), knownvalue.MapSizeExact(2)),
			statecheck.ExpectKnownValue(address, at(of("cpu", "limit")...), knownvalue.Int64Exact(20000)),
			statecheck.ExpectKnownValue(address, at(of("cpu", "allocated")...), knownvalue.Int64Exact(0)),
			statecheck.ExpectKnownValue(address, at(of("objects", "pods", "limit")...), knownvalue.Int64Exact(40)),
			statecheck.ExpectKnownValue(address, at(of("clusters")...), knownvalue.MapSizeExact(0)),
			statecheck.ExpectKnownValue(address, at("reasons"), knownvalue.ListSizeExact(0)),
		},
	}}})
	requests, err := log.Requests(t.Context(), traffic.Query{Since: mark})
	if err != nil {
		t.Fatal(err)
	}
	refused, own := 0, 0
	for _, r := range requests {
		switch {
		case r.Path == "/api/v1/resourcequotas" && r.Status == 403:
			refused++
		case r.Path == "/api/v1/namespaces/"+name+"/resourcequotas":
			own++
		}
	}
	if refused == 0 || own == 0 {
		t.Errorf("lists over all namespaces that were refused: %d, lists of this one: %d", refused, own)
	}
}

// madeByOthers creates namespaces past the provider, and waits until they run.
func madeByOthers(t *testing.T, names ...string) {
	t.Helper()
	ca, err := os.ReadFile(os.Getenv("VKS_VCENTER_CA_FILE"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := vcenter.New(vcenter.Config{
		Server: os.Getenv("VKS_VCENTER_SERVER"), Username: os.Getenv("VKS_USERNAME"), Password: os.Getenv("VKS_PASSWORD"), CAPEM: ca,
	})
	if err != nil {
		t.Fatal(err)
	}
	owner, err := c.ResolveSupervisor(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		spec := vcenter.NamespaceSpec{Supervisor: owner.ID, Name: name, Limits: vcenter.Limits{vcenter.CPULimit: 20000, vcenter.PodCount: 40}}
		if err := c.CreateNamespace(t.Context(), spec); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.DeleteNamespace(context.WithoutCancel(t.Context()), name) })
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, name := range names {
		err := await.OK(ctx, "namespace "+name+" to run", func(ctx context.Context) error {
			n, err := c.Namespace(ctx, name)
			if err == nil && n.ConfigStatus != vcenter.StatusRunning {
				err = errors.New("it is " + n.ConfigStatus)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

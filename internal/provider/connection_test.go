package provider_test

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// All of what an operator meets first: each is told at plan, with who, where and
// what to do.
func TestConnectionErrors(t *testing.T) {
	for name, c := range map[string]struct{ vcenter, want string }{
		"wrong password": {
			`username = "nobody@vsphere.local", password = "wrong"`,
			`(?s)vCenter\s+127.*log\s+in\s+as\s+nobody@vsphere\.local.*not\s+tried\s+again`,
		},
		"not trusted":      {`ca_pem = file("${path.module}/other.pem")`, `(?s)certificate.*ca_file\s+or\s+ca_pem`},
		"unreachable":      {`server = "127.0.0.1:1"`, `(?s)vCenter\s+127\.0\.0\.1:1.*Check\s+the\s+address`},
		"no address":       {`server = "two words"`, `(?s)not\s+an\s+address.*VKS_VCENTER_SERVER`},
		"attribute is set": {`server = ""`, `(?s)does\s+not\s+know\s+how\s+to\s+reach.*VKS_VCENTER_SERVER`},
	} {
		t.Run(name, func(t *testing.T) {
			config := strings.ReplaceAll(c.vcenter, `file("${path.module}/other.pem")`, "<<E\n"+otherCA+"E\n")
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
				Config:      "provider \"vks\" {\n vcenter = {\n" + strings.ReplaceAll(config, ", ", "\n") + "\n}\n}\n" + namespaceOf(acctest.Name(t, "conn")),
				PlanOnly:    true,
				ExpectError: regexp.MustCompile(c.want),
			}}})
		})
	}
}

// otherCA signed nothing.
const otherCA = `-----BEGIN CERTIFICATE-----
MIIBhTCCASugAwIBAgIQIRi6zePL6mKjOipn+dNuaTAKBggqhkjOPQQDAjASMRAw
DgYDVQQKEwdBY21lIENvMB4XDTE3MTAyMDE5NDMwNloXDTE4MTAyMDE5NDMwNlow
EjEQMA4GA1UEChMHQWNtZSBDbzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABD0d
7VNhbWvZLWPuj/RtHFjvtJBEwOkhbN/BnnE8rnZR8+sbwnc/KhCk3FhnpHZnQz7B
5aETbbIgmuvewdjvSBSjYzBhMA4GA1UdDwEB/wQEAwICpDATBgNVHSUEDDAKBggr
BgEFBQcDATAPBgNVHRMBAf8EBTADAQH/MCkGA1UdEQQiMCCCDmxvY2FsaG9zdDo1
NDUzgg4xMjcuMC4wLjE6NTQ1MzAKBggqhkjOPQQDAgNIADBFAiEA2zpJEPQyz6/l
Wf86aX6PepsntZv2GYlA5UpabfT2EZICICpJ5h/iI+i341gBmLiAFQOyTDT+/wQc
6MF9+Yw1Yy0t
-----END CERTIFICATE-----
`

func namespaceOf(name string) string {
	return "resource \"vks_namespace\" \"test\" {\n name = \"" + name + "\"\n}\n"
}

// Five wrong passwords lock an account: resources and data sources of all kinds
// together send one.
func TestWrongPasswordIsSentOnce(t *testing.T) {
	log := acctest.Traffic(t)
	user := acctest.Name(t, "nobody") + "@vsphere.local"
	acctest.Test(t, resource.TestCase{
		CheckDestroy: nil,
		Steps: []resource.TestStep{{
			Config: "provider \"vks\" {\n vcenter = {\n username = \"" + user + "\"\n password = \"wrong\"\n}\n}\n" + namespaceOf(acctest.Name(t, "conn")) +
				"data \"vks_host_headroom\" \"test\" {}\ndata \"vks_quota_usage\" \"test\" {}\n",
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(`Five\s+failed\s+logins`),
		}},
	})
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		requests, err := log.Requests(ctx, traffic.Query{})
		if err != nil {
			t.Fatal(err)
		}
		logins := 0
		for _, r := range requests {
			if r.User == user || strings.Contains(string(r.Body), user) {
				logins++
			}
		}
		if logins != 1 {
			t.Errorf("%d logins as %s, want 1", logins, user)
		}
	})
}

// What passes by is not the user's business: a session that vCenter ended, and a
// vCenter that is busy for a moment.
func TestPassingFailures(t *testing.T) {
	log, name := acctest.Traffic(t), acctest.Name(t, "conn")
	path := "/instances/v2/" + name + "$"
	var since int64
	inject := func(status int) func() {
		return func() {
			var err error
			if since, err = log.Mark(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err = log.Inject(t.Context(), traffic.Fault{Method: "GET", Path: path, Status: status, Count: 1}); err != nil {
				t.Fatal(err)
			}
		}
	}
	met := func(status int) {
		requests, err := log.Requests(t.Context(), traffic.Query{Since: since, Path: path})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(requests, func(r traffic.Request) bool { return r.Status == status && r.Fault != "" }) {
			t.Errorf("no request met the %d: the test shows nothing", status)
		}
	}
	empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: namespaceOf(name)},
		{PreConfig: inject(401), Config: namespaceOf(name), ConfigPlanChecks: empty},
		{
			PreConfig: func() {
				met(401)
				inject(503)()
			},
			Config: namespaceOf(name), ConfigPlanChecks: empty,
		},
		{PreConfig: func() { met(503) }, Config: namespaceOf(name), ConfigPlanChecks: empty},
	}})
}

// The environment fills what the block leaves out, and only that.
func TestReadOnlyAccountPlans(t *testing.T) {
	acctest.Env(t)
	user, password := os.Getenv("VKS_READONLY_USERNAME"), os.Getenv("VKS_READONLY_PASSWORD")
	if user == "" {
		t.Skip("the platform has no read-only account: set VKS_READONLY_USERNAME and VKS_READONLY_PASSWORD")
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: "provider \"vks\" {\n vcenter = {\n username = \"" + user + "\"\n password = \"" + password + "\"\n}\n}\n" +
			namespaceOf(acctest.Name(t, "conn")) + "data \"vks_host_headroom\" \"test\" {}\n",
		PlanOnly: true, ExpectNonEmptyPlan: true,
	}}})
}

package provider_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/acctest/smalllab"
	lab "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
)

// A vCenter that is not reached, or that refuses the account, is one clear error
// of each data source of tenancy, and not an empty answer.
func TestLookupsWithoutVCenter(t *testing.T) {
	l := smalllab.New(t, lab.Options{})
	for name, body := range map[string]string{
		"vks_namespace": `name = "team-a"`, "vks_namespaces": "", "vks_supervisor": "", "vks_vm_classes": "", "vks_storage_policies": "",
	} {
		block := "data \"" + name + "\" \"test\" {\n" + body + "\n}\n"
		step := func(vcenter, want string) resource.TestStep {
			return resource.TestStep{Config: "provider \"vks\" {\n vcenter = {\n" + vcenter + "\n}\n}\n" + block, ExpectError: regexp.MustCompile(want)}
		}
		const account = "username = \"anna@vsphere.local\"\n password = \"wrong\"\n"
		t.Run(name, func(t *testing.T) {
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
				step(account+`server = "127.0.0.1:1"`, `(?s)Unable\s+to.*data\s+source\s+`+name+`.*vCenter\s+127\.0\.0\.1:1.*Check\s+the\s+address`),
				step(account+"server = \""+l.Host()+"\"\ninsecure = true", `(?s)Unable\s+to.*data\s+source\s+`+name+`.*Five\s+failed\s+logins`),
				{Config: l.Config("")},
			}})
		})
	}
}

// The same for what the Supervisor tells: the name of the data source, the
// server, and what to do.
func TestLookupsWithoutSupervisor(t *testing.T) {
	l := smalllab.New(t, lab.Options{})
	for name, body := range map[string]string{
		"vks_cluster": `id = "team-a/prod"`, "vks_clusters": "", "vks_kubernetes_releases": "", "vks_cluster_classes": "",
	} {
		block := "data \"" + name + "\" \"test\" {\n" + body + "\n}\n"
		step := func(supervisor, want string) resource.TestStep {
			const account = "  vcenter = { username = \"anna@vsphere.local\", password = \"wrong\" }\n"
			return resource.TestStep{Config: "provider \"vks\" {\n" + account + "  supervisor = " + supervisor + "\n}\n" + block, ExpectError: regexp.MustCompile(want)}
		}
		t.Run(name, func(t *testing.T) {
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
				step(`{ server = "127.0.0.1:1" }`, `(?s)Unable\s+to.*data\s+source\s+`+name+`.*Supervisor\s+127\.0\.0\.1:1.*Check\s+the\s+address`),
				// A vCenter is no Supervisor.
				step(`{ server = "`+l.Host()+`", insecure = true }`, `(?s)Unable\s+to.*data\s+source\s+`+name+`.*not\s+the\s+control\s+plane\s+of\s+a\s+Supervisor`),
				{Config: l.Config("")},
			}})
		})
	}
}

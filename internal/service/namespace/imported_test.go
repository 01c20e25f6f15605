package namespace_test

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	lab "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// An import takes over a namespace that people use: those of them whom the
// configuration does not name keep their access.
func TestImportLeavesGrantsOfOthers(t *testing.T) {
	l := newLab(t, lab.Options{})
	c := l.client(t)
	user := func(name string) vcenter.Access {
		return vcenter.Access{Type: "USER", Principal: name, Domain: "vsphere.local", Role: "EDIT"}
	}
	supervisor, err := c.ResolveSupervisor(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	spec := vcenter.NamespaceSpec{Name: "team-a", Supervisor: supervisor.ID, Access: []vcenter.Access{user("anna"), user("bob"), user("carl")}}
	if err := c.CreateNamespace(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	awaitStatus(t, c, vcenter.StatusRunning)
	const anna = `permissions = [{ principal = "anna", domain = "vsphere.local", type = "USER", role = "EDIT" }]`
	step := func(config string, managed int, present ...string) resource.TestStep {
		return resource.TestStep{
			Config:            config,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("permissions"), knownvalue.SetSizeExact(managed))},
			Check: func(*terraform.State) error {
				n, err := c.Namespace(t.Context(), "team-a")
				if err != nil {
					return err
				}
				for _, name := range []string{"anna", "bob", "carl"} {
					has := slices.ContainsFunc(n.Access, func(a vcenter.Access) bool { return a.Principal == name })
					if has != slices.Contains(present, name) {
						t.Errorf("%s has access: %t", name, has)
					}
				}
				return nil
			},
		}
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		step("import {\n  to = "+address+"\n  id = \"team-a\"\n}\n"+l.config(admin, anna), 1, "anna", "bob", "carl"),
		step(l.config(admin, "permissions = []"), 0, "bob", "carl"),
		step(l.config(admin, anna+"\nexclusive_permissions = true"), 1, "anna"),
	}})
}

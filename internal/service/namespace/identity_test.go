package namespace_test

import (
	"regexp"
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

// hasGrant checks what vCenter has of eve: nothing, where provider is empty.
func (l *ownLab) hasGrant(t *testing.T, provider string) resource.TestCheckFunc {
	t.Helper()
	c := l.client(t)
	return func(*terraform.State) error {
		n, err := c.Namespace(t.Context(), "team-a")
		if err != nil {
			return err
		}
		i := slices.IndexFunc(n.Access, func(a vcenter.Access) bool { return a.Principal == "eve" })
		switch {
		case provider == "" && i >= 0:
			t.Errorf("eve still has %+v", n.Access[i])
		case provider != "" && (i < 0 || n.Access[i].IdentityProvider != provider || n.Access[i].Role != "EDIT"):
			t.Errorf("eve is not of %s: %+v", provider, n.Access)
		}
		return nil
	}
}

// A grant to somebody of an external identity provider is made, changed, brought
// back, imported and taken away with the provider in it.
func TestIdentityProvider(t *testing.T) {
	l := newLab(t, lab.Options{})
	eve := func(role, provider string) string {
		return l.config(admin, `permissions = [{ principal = "eve", domain = "corp.example", type = "USER", role = "`+role+`"
		  identity_provider = "`+provider+`" }]`)
	}
	step := func(provider string, action plancheck.ResourceActionType) resource.TestStep {
		return resource.TestStep{
			Config: eve("EDIT", provider), ConfigPlanChecks: expectAction(action), Check: l.hasGrant(t, provider),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("permissions"), knownvalue.SetExact([]knownvalue.Check{
				knownvalue.ObjectPartial(map[string]knownvalue.Check{"identity_provider": knownvalue.StringExact(provider)}),
			}))},
		}
	}
	drifted := step("idp-2", plancheck.ResourceActionUpdate)
	drifted.PreConfig = func() {
		by := vcenter.Access{Type: "USER", Principal: "eve", Domain: "corp.example", Role: "EDIT", IdentityProvider: "idp-3"}
		if err := l.client(t).SetAccess(t.Context(), "team-a", by); err != nil {
			t.Fatal(err)
		}
		awaitStatus(t, l.client(t), vcenter.StatusRunning)
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: eve("OWNER", "idp-1"), PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)Invalid role.*external\s+identity\s+provider`)},
		step("idp-1", plancheck.ResourceActionCreate),
		step("idp-1", plancheck.ResourceActionNoop),
		step("idp-2", plancheck.ResourceActionUpdate),
		drifted,
		importStep(eve("EDIT", "idp-2")),
		{Config: l.config(admin, ""), ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate), Check: l.hasGrant(t, "")},
	}})
}

// Before 8.0 vCenter knows of no other identity provider than its own.
func TestIdentityProviderOfOlderVCenter(t *testing.T) {
	l := newLab(t, lab.Options{Version: "7.0.3.0"})
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config:   l.config(admin, `permissions = [{ principal = "eve", domain = "corp.example", type = "USER", role = "EDIT", identity_provider = "idp-1" }]`),
		PlanOnly: true, ExpectError: wrapped("permissions.identity_provider needs vCenter 8.0 or later; this one is 7.0.3.0"),
	}}})
}

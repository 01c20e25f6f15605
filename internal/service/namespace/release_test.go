package namespace_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	lab "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
)

// What every release has is created, changed, taken away and imported on each. The lab compares all requests and
// replies with the description of that release.
func TestReleases(t *testing.T) {
	const full = `description       = "a"
	  cpu_limit_mhz      = 1000
	  memory_limit_mib   = 2048
	  storage_limit_mib  = 10240
	  container_defaults = { cpu_request_mhz = 100, cpu_limit_mhz = 200, memory_request_mib = 64, memory_limit_mib = 128 }
	  object_limits      = { pods = 10, services = 5 }
	  storage_policies   = { "gold-policy" = { limit_mib = 1024 }, "silver-policy" = {} }
	  vm_classes         = ["best-effort-small"]
	  permissions        = [{ principal = "anna", domain = "vsphere.local", type = "USER", role = "EDIT" }]`
	const less = `description      = "b"
	  memory_limit_mib = 4096
	  storage_policies = { "gold-policy" = { limit_mib = 2048 } }
	  vm_classes       = ["best-effort-small", "best-effort-medium"]
	  permissions      = [{ principal = "anna", domain = "vsphere.local", type = "USER", role = "VIEW" }]`
	for _, version := range []string{"7.0.3.0", "8.0.0.1", "8.0.3.0", "9.0.0.0", "9.1.0.0"} {
		t.Run(version, func(t *testing.T) {
			l := newLab(t, lab.Options{Version: version})
			updated := resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			}
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
				{Config: l.config(admin, full)},
				{Config: l.config(admin, less), ConfigPlanChecks: updated},
				{
					Config: l.config(admin, ""), ConfigPlanChecks: updated,
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(address, tfjsonpath.New("memory_limit_mib"), knownvalue.Null()),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("config_status"), knownvalue.StringExact("RUNNING")),
					},
				},
				{
					Config: l.config(admin, ""), ResourceName: address, ImportState: true, ImportStateId: "team-a", ImportStateVerify: true,
					ImportStateVerifyIgnore: []string{"force_destroy", "timeouts", "deletion_protection", "supervisor"},
				},
			}})
		})
	}
}

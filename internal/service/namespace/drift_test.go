package namespace_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	lab "github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// wholeBody is all that PATCH changes, beside zones.
const wholeBody = `description       = "web shop"
  cpu_limit_mhz     = 8000
  storage_limit_mib = 0
  container_defaults = { memory_request_mib = 64 }
  object_limits      = { pods = 50, secrets = 0 }
  storage_policies   = { "gold-policy" = { limit_mib = 1024 }, "silver-policy" = {} }
  vm_classes         = ["best-effort-small"]
  content_libraries  = ["team-images"]`

// What somebody changes, adds or takes away by hand is found, and an update sends
// just what brings it back.
func TestDriftOfEverything(t *testing.T) {
	l := newLab(t, lab.Options{})
	config := l.config(admin, wholeBody)
	ids := l.libraryIDs(t)
	policies := map[string]string{}
	for _, p := range l.Policies() {
		policies[p.Name] = p.ID
	}
	replace := strings.NewReplacer("GOLD", policies["gold-policy"], "SILVER", policies["silver-policy"], "BRONZE", policies["Bronze Policy"],
		"TEAM", ids["team-images"], "OTHER", ids["kubernetes-service"]).Replace
	steps := []resource.TestStep{{Config: config, ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate)}}
	since := int64(0)
	for _, c := range []struct{ by, heal string }{
		{`{"description":"mine"}`, `{"description":"web shop"}`},
		{`{"resource_spec":{"cpu_limit":9000,"storage_request_limit_unset":true,"memory_limit":5}}`, `{"resource_spec":{"cpu_limit":8000,"storage_request_limit":0,"memory_limit_unset":true}}`},
		{`{"resource_spec":{"memory_request_default_unset":true,"cpu_limit_default":700}}`, `{"resource_spec":{"memory_request_default":64,"cpu_limit_default_unset":true}}`},
		{`{"resource_spec":{"pod_count":51,"secret_count_unset":true,"job_count":3}}`, `{"resource_spec":{"pod_count":50,"secret_count":0,"job_count_unset":true}}`},
		{`{"storage_specs":[{"policy":"GOLD"},{"policy":"SILVER","limit":0},{"policy":"BRONZE"}]}`, `{"storage_specs":[{"policy":"GOLD","limit":1024},{"policy":"SILVER"}]}`},
		{`{"storage_specs":[]}`, `{"storage_specs":[{"policy":"GOLD","limit":1024},{"policy":"SILVER"}]}`},
		{
			`{"vm_service_spec":{"vm_classes":["best-effort-small","best-effort-large"],"content_libraries":["TEAM"]}}`,
			`{"vm_service_spec":{"vm_classes":["best-effort-small"],"content_libraries":["TEAM"]},"content_libraries":[{"content_library":"TEAM","writable":false,"allow_import":false}]}`,
		},
		{`{"content_libraries":[{"content_library":"OTHER","writable":true}]}`, `{"content_libraries":[{"content_library":"TEAM"}]}`},
	} {
		steps = append(steps, resource.TestStep{
			PreConfig: func() {
				l.patch(t, replace(c.by))
				since = l.mark()
			},
			Config: config, ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
		}, resource.TestStep{
			PreConfig: func() { l.expectSent(t, since, "PATCH", teamA, replace(c.heal)) },
			Config:    config, ConfigPlanChecks: expectAction(plancheck.ResourceActionNoop),
		})
	}
	since = 0
	acctest.Test(t, resource.TestCase{Steps: steps})
}

// An import by id or by identity of what the configuration says is no change.
func TestImportIsNoChange(t *testing.T) {
	for name, c := range map[string]struct {
		block  string
		checks []tfversion.TerraformVersionCheck
	}{
		"id":       {`id = "team-a"`, nil},
		"identity": {`identity = { name = "team-a" }`, []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, threeZones(lab.Options{}))
			c1, ids := l.client(t), l.libraryIDs(t)
			limit, mib := int64(0), int64(1024)
			if err := c1.CreateNamespace(t.Context(), vcenter.NamespaceSpec{
				Name: "team-a", Supervisor: l.Supervisors()[0].ID, Description: "web shop",
				Limits: vcenter.Limits{
					vcenter.CPULimit: 8000, vcenter.StorageLimit: limit, vcenter.MemoryRequestDefault: 64, vcenter.PodCount: 50, vcenter.SecretCount: limit,
				},
				StoragePolicies: []vcenter.StorageSpec{{Policy: l.Policies()[1].ID, Limit: &mib}, {Policy: l.Policies()[2].ID}},
				VMClasses:       []string{"best-effort-small"}, ContentLibraries: []string{ids["team-images"]},
				Zones:   []vcenter.ZoneSpec{{Name: "zone-1"}, {Name: "zone-3"}},
				Network: &vcenter.NetworkSpec{Provider: vcenter.ProviderVDS, Networks: []string{"primary-workload"}},
			}); err != nil {
				t.Fatal(err)
			}
			awaitStatus(t, c1, vcenter.StatusRunning)
			config := strings.Replace(l.config(admin, wholeBody+`
			  zones   = { "zone-1" = {}, "zone-3" = {} }
			  network = { provider = "VSPHERE_NETWORK", networks = ["primary-workload"] }`), "force_destroy = true", "", 1)
			acctest.Test(t, resource.TestCase{TerraformVersionChecks: c.checks, Steps: []resource.TestStep{
				{
					Config:           config + "\nimport {\n  to = vks_namespace.test\n  " + c.block + "\n}\n",
					ConfigPlanChecks: expectAction(plancheck.ResourceActionNoop),
				},
				{Config: l.config(admin, "")}, // this lab has no Supervisor to ask for clusters
			}})
		})
	}
}

package headroom_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
)

const address = "data.vks_host_headroom.test"

func at(steps ...string) tfjsonpath.Path {
	path := tfjsonpath.New(steps[0])
	for _, s := range steps[1:] {
		path = path.AtMapKey(s)
	}
	return path
}

var positive = knownvalue.Int64Func(func(n int64) error {
	if n <= 0 {
		return fmt.Errorf("%d is not positive", n)
	}
	return nil
})

func TestAccHeadroomDefaults(t *testing.T) {
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: `data "vks_host_headroom" "test" {}`,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, at("id"), knownvalue.NotNull()),
				statecheck.ExpectKnownValue(address, at("host_failures_to_tolerate"), knownvalue.Int64Exact(1)),
				statecheck.ExpectKnownValue(address, at("cpu_overcommit"), knownvalue.Float64Exact(4)),
				statecheck.ExpectKnownValue(address, at("memory_overcommit"), knownvalue.Float64Exact(1)),
				statecheck.ExpectKnownValue(address, at("warning_percent"), knownvalue.Int64Exact(75)),
				statecheck.ExpectKnownValue(address, at("critical_percent"), knownvalue.Int64Exact(90)),
				statecheck.ExpectKnownValue(address, at("total", "hosts"), positive),
				statecheck.ExpectKnownValue(address, at("total", "cpu_capacity_mhz"), positive),
				statecheck.ExpectKnownValue(address, at("total", "memory_free_mib"), positive),
				statecheck.ExpectKnownValue(address, at("total", "largest_free_host_memory_mib"), positive),
				statecheck.ExpectKnownValue(address, at("placeable"), knownvalue.Null()),
				statecheck.ExpectKnownValue(address, at("hosts"), knownvalue.Null()),
				statecheck.ExpectKnownValue(address, at("reasons"), knownvalue.NotNull()),
				statecheck.ExpectKnownValue(address, at("status"), knownvalue.StringRegexp(regexp.MustCompile(`^(ok|warning|critical)$`))),
			},
		},
		{
			Config: `data "vks_host_headroom" "test" {}
output "zones" { value = [for c in data.vks_host_headroom.test.clusters : c.zone if c.ha_admission_control.policy != ""] }`,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("zones", knownvalue.NotNull())},
		},
	}})
}

func TestAccHeadroomPlacesAMachine(t *testing.T) {
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: `
data "vks_host_headroom" "test" {
  vm_class      = "guaranteed-small"
  include_hosts = true
}
data "vks_host_headroom" "vm" {
  compute_clusters = [for c in data.vks_host_headroom.test.clusters : c.id]
  vm = { cpus = 2, memory_mib = 4096 }
}
output "same" {
  value = keys(data.vks_host_headroom.vm.clusters) == keys(data.vks_host_headroom.test.clusters)
}
output "usable" {
  value = alltrue([for h in data.vks_host_headroom.test.hosts : h.usable == (h.unusable_reason == null)])
}
output "reserving_takes_more" {
  value = data.vks_host_headroom.vm.placeable >= data.vks_host_headroom.test.placeable
}`,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, at("placeable"), positive),
				statecheck.ExpectKnownValue(address, at("placeable_after_failures"), knownvalue.NotNull()),
				statecheck.ExpectKnownOutputValue("same", knownvalue.Bool(true)),
				statecheck.ExpectKnownOutputValue("usable", knownvalue.Bool(true)),
				statecheck.ExpectKnownOutputValue("reserving_takes_more", knownvalue.Bool(true)),
			},
		},
		{
			// Thresholds that any load is above.
			Config: `data "vks_host_headroom" "test" {
  warning_percent  = 0
  critical_percent = 0
}`,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, at("status"), knownvalue.StringExact("critical")),
			},
		},
		{
			// Room for nothing is an answer.
			Config: `data "vks_host_headroom" "test" {
  vm = { cpus = 2, memory_mib = 1000000000 }
}`,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, at("placeable"), knownvalue.Int64Exact(0)),
				statecheck.ExpectKnownValue(address, at("status"), knownvalue.StringExact("critical")),
			},
		},
	}})
}

func TestAccHeadroomErrors(t *testing.T) {
	step := func(config, want string) resource.TestStep {
		return resource.TestStep{Config: `data "vks_host_headroom" "test" {` + config + "}", ExpectError: regexp.MustCompile(want)}
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		step("\n vm_class = \"small\"\n vm = { cpus = 1, memory_mib = 1 }\n", `(?s)vm_class.*vm|vm.*vm_class`),
		step("\n supervisor = \"s\"\n compute_clusters = [\"c\"]\n", `compute_clusters`),
		step("\n warning_percent = 95\n", `Invalid thresholds`),
		step("\n host_failures_to_tolerate = -1\n", `host_failures_to_tolerate`),
		step("\n cpu_overcommit = 0\n", `cpu_overcommit`),
		step("\n vm_class = \"no-such-class\"\n", `(?s)VM class not found.*best-effort-small`),
		step("\n compute_clusters = [\"no-such-cluster\"]\n", `(?s)Compute cluster not found.*domain-c`),
		step("\n supervisor = \"no-such-supervisor\"\n", `no-such-supervisor`),
	}})
}

// With the data source beside the check, and not in it, the second plan is
// empty: Terraform plans to read again what is inside of a check.
func TestAccHeadroomInACheck(t *testing.T) {
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: `
data "vks_host_headroom" "test" {}
check "headroom" {
  assert {
    condition     = data.vks_host_headroom.test.total.usable_hosts > 0
    error_message = join("; ", data.vks_host_headroom.test.reasons)
  }
}
output "done" { value = true }`,
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("done", knownvalue.Bool(true))},
	}}})
}

package quota_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
)

const address = "data.vks_quota_usage.test"

func at(steps ...string) tfjsonpath.Path {
	path := tfjsonpath.New(steps[0])
	for _, s := range steps[1:] {
		path = path.AtMapKey(s)
	}
	return path
}

func limited(name string) string {
	return `
resource "vks_namespace" "test" {
  name             = "` + name + `"
  cpu_limit_mhz    = 20000
  memory_limit_mib = 65536
  object_limits    = { pods = 40 }
}
`
}

func TestAccQuotaOfANewNamespace(t *testing.T) {
	name := acctest.Name(t, "quota")
	config := limited(name) + `
data "vks_quota_usage" "test" {
  namespace = vks_namespace.test.id
  rates     = { cpu_ghz_hour = 0.01, memory_gib_hour = 0.01, storage_gib_month = 0.1 }
}`
	of := func(steps ...string) tfjsonpath.Path { return at(append([]string{"namespaces", name}, steps...)...) }
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, at("id"), knownvalue.StringExact(name)),
				statecheck.ExpectKnownValue(address, at("namespaces"), knownvalue.MapSizeExact(1)),
				statecheck.ExpectKnownValue(address, of("cpu", "limit"), knownvalue.Int64Exact(20000)),
				statecheck.ExpectKnownValue(address, of("cpu", "used"), knownvalue.Int64Exact(0)),
				statecheck.ExpectKnownValue(address, of("cpu", "free"), knownvalue.Int64Exact(20000)),
				statecheck.ExpectKnownValue(address, of("cpu", "used_percent"), knownvalue.Int64Exact(0)),
				statecheck.ExpectKnownValue(address, of("cpu", "allocated"), knownvalue.Int64Exact(0)),
				statecheck.ExpectKnownValue(address, of("memory", "limit"), knownvalue.Int64Exact(65536)),
				statecheck.ExpectKnownValue(address, of("memory", "allocated_percent"), knownvalue.Int64Exact(0)),
				statecheck.ExpectKnownValue(address, of("storage", "limit"), knownvalue.Null()),
				statecheck.ExpectKnownValue(address, of("storage", "free"), knownvalue.Null()),
				statecheck.ExpectKnownValue(address, of("objects", "pods", "limit"), knownvalue.Int64Exact(40)),
				statecheck.ExpectKnownValue(address, of("clusters"), knownvalue.MapSizeExact(0)),
				statecheck.ExpectKnownValue(address, of("cost", "total"), knownvalue.Float64Exact(0)),
				statecheck.ExpectKnownValue(address, of("autoscaler_headroom_blocked"), knownvalue.Bool(false)),
				statecheck.ExpectKnownValue(address, of("status"), knownvalue.StringExact("ok")),
				statecheck.ExpectKnownValue(address, at("status"), knownvalue.StringExact("ok")),
				statecheck.ExpectKnownValue(address, at("reasons"), knownvalue.ListSizeExact(0)),
			},
		},
		{
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
		{
			Config: limited(name) + `
data "vks_quota_usage" "test" {
  namespace_names = [vks_namespace.test.id]
}`,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, of("cost"), knownvalue.Null()),
				statecheck.ExpectKnownValue(address, at("warning_percent"), knownvalue.Int64Exact(80)),
				statecheck.ExpectKnownValue(address, at("critical_percent"), knownvalue.Int64Exact(95)),
				statecheck.ExpectKnownValue(address, at("hours"), knownvalue.Int64Exact(730)),
			},
		},
	}})
}

func TestAccQuotaOfAllNamespaces(t *testing.T) {
	name := acctest.Name(t, "quota")
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: limited(name) + `
data "vks_quota_usage" "test" {
  depends_on = [vks_namespace.test]
}`,
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, at("id"), knownvalue.NotNull()),
			statecheck.ExpectKnownValue(address, at("namespaces", name, "cpu", "limit"), knownvalue.Int64Exact(20000)),
		},
	}}})
}

// Machines, volumes and an autoscaler that the quota stops, of a cluster that is real.
func TestAccQuotaOfACluster(t *testing.T) {
	name := acctest.Name(t, "quota")
	of := func(steps ...string) tfjsonpath.Path { return at(append([]string{"namespaces", name}, steps...)...) }
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: `
resource "vks_namespace" "test" {
  name             = "` + name + `"
  memory_limit_mib = 12288
  storage_policies = { "gold-policy" = { limit_mib = 1048576 } }
  vm_classes       = ["best-effort-small", "guaranteed-small"]
}
resource "vks_cluster" "test" {
  name               = "prod"
  namespace          = vks_namespace.test.name
  kubernetes_version = "v1.34"
  vm_class           = "best-effort-small"
  storage_class      = "gold-policy"
  network            = { pods = ["192.168.156.0/20"], services = ["10.96.0.0/12"] }
  control_plane      = {}
  node_pools = {
    workers = { autoscaler = { min = 1, max = 4 }, vm_class = "guaranteed-small" }
  }
}
data "vks_quota_usage" "test" {
  namespace  = vks_namespace.test.id
  depends_on = [vks_cluster.test]
}`,
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, of("clusters", "prod"), knownvalue.ObjectExact(map[string]knownvalue.Check{
				"control_plane_nodes": knownvalue.Int64Exact(1), "worker_nodes": knownvalue.Int64Exact(1), "max_worker_nodes": knownvalue.Int64Exact(4),
				"vcpus": knownvalue.Int64Exact(4), "memory_mib": knownvalue.Int64Exact(8192), "storage_mib": knownvalue.Int64Exact(40960),
			})),
			statecheck.ExpectKnownValue(address, of("memory", "allocated"), knownvalue.Int64Exact(8192)),
			statecheck.ExpectKnownValue(address, of("memory", "reserved"), knownvalue.Int64Exact(4096)),
			statecheck.ExpectKnownValue(address, of("memory", "max"), knownvalue.Int64Exact(20480)),
			statecheck.ExpectKnownValue(address, of("cpu", "allocated"), knownvalue.NotNull()),
			statecheck.ExpectKnownValue(address, of("storage_policies", "gold-policy", "limit"), knownvalue.Int64Exact(1048576)),
			statecheck.ExpectKnownValue(address, of("storage_policies", "gold-policy", "allocated"), knownvalue.Int64Exact(40960)),
			statecheck.ExpectKnownValue(address, of("autoscaler_headroom_blocked"), knownvalue.Bool(true)),
			statecheck.ExpectKnownValue(address, of("status"), knownvalue.StringExact("warning")),
			statecheck.ExpectKnownValue(address, of("zones"), knownvalue.NotNull()),
		},
	}}})
}

func TestAccQuotaErrors(t *testing.T) {
	step := func(config, want string) resource.TestStep {
		return resource.TestStep{Config: `data "vks_quota_usage" "test" {` + config + "}", ExpectError: regexp.MustCompile(want)}
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		step("\n namespace = \"a\"\n namespace_names = [\"b\"]\n", `namespace_names`),
		step("\n namespace_names = []\n", `namespace_names`),
		step("\n critical_percent = 10\n", `Invalid thresholds`),
		step("\n rates = { cpu_ghz_hour = -1 }\n", `cpu_ghz_hour`),
		step("\n namespace = \"no-such-namespace\"\n", `(?s)vSphere Namespace not found.*no-such-namespace`),
	}})
}

// In a check block a namespace that is not there is a warning, and the apply goes on.
func TestAccQuotaInACheck(t *testing.T) {
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: `
check "quota" {
  data "vks_quota_usage" "gone" {
    namespace = "no-such-namespace"
  }
  assert {
    condition     = data.vks_quota_usage.gone.status == "ok"
    error_message = "not ok"
  }
}
output "done" { value = true }`,
		ConfigStateChecks:  []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("done", knownvalue.Bool(true))},
		ExpectNonEmptyPlan: true, // Terraform plans to read again what is inside of a check
	}}})
}

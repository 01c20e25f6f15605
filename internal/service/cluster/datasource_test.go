package cluster_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// shown is a cluster with two pools, and what data sources make of it.
func shown(namespace, more string) string {
	return `
resource "vks_namespace" "test" {
  name             = "` + namespace + `"
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
}

resource "vks_cluster" "test" {
  name               = "prod"
  namespace          = vks_namespace.test.name
  kubernetes_version = "v1.33"
  vm_class           = "best-effort-small"
  storage_class      = "gold-policy"
  labels             = { stage = "prod" }
  variables          = jsonencode({ osConfiguration = { sshd = { banner = "hello" } } })

  network       = { pods = ["192.168.0.0/16"], services = ["10.96.0.0/12"] }
  control_plane = { replicas = 1, node_drain_timeout = "10m" }
  node_pools = {
    fixed = {
      replicas    = 2
      os_image    = { name = "ubuntu", version = "24.04" }
      node_labels = { role = "db" }
      taints      = [{ key = "dedicated", value = "db", effect = "NoSchedule" }]
      volumes     = { data = { mount_path = "/data", capacity = "1Gi" } }
      rollout     = { type = "RollingUpdate", max_surge = "2" }
    }
    scaled = { autoscaler = { min = 1, max = 3 } }
  }
}
` + more
}

func of(address, path string, check knownvalue.Check) statecheck.StateCheck {
	steps := strings.Split(path, ".")
	p := tfjsonpath.New(steps[0])
	for _, step := range steps[1:] {
		p = p.AtMapKey(step)
	}
	return statecheck.ExpectKnownValue(address, p, check)
}

func same(a, b string, paths ...string) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for _, path := range paths {
		checks = append(checks, statecheck.CompareValuePairs(a, tfjsonpath.New(path), b, tfjsonpath.New(path), compare.ValuesSame()))
	}
	return checks
}

// The data source says what the resource says, in the same words, and what the
// platform added besides; by id, which is known after apply, or by name.
func TestAccClusterDataSource(t *testing.T) {
	namespace := acctest.Name(t, "shown")
	const (
		byID   = "data.vks_cluster.by_id"
		byName = "data.vks_cluster.by_name"
		all    = "data.vks_clusters.all"
	)
	config := shown(namespace, `
data "vks_cluster" "by_id" {
  id = vks_cluster.test.id
}

data "vks_cluster" "by_name" {
  namespace = vks_cluster.test.namespace
  name      = split("/", vks_cluster.test.id)[1]
}

data "vks_clusters" "all" {
  depends_on = [vks_cluster.test]
}

data "vks_clusters" "one" {
  namespace      = split("/", vks_cluster.test.id)[0]
  label_selector = "stage in (prod, test)"
  name_prefix    = "pr"
}

data "vks_clusters" "other_label" {
  namespace      = split("/", vks_cluster.test.id)[0]
  label_selector = "!stage"
}

data "vks_clusters" "other_name" {
  namespace   = split("/", vks_cluster.test.id)[0]
  name_prefix = "test"
}
`)
	id := namespace + "/prod"
	checks := []statecheck.StateCheck{
		of(byID, "labels.stage", knownvalue.StringExact("prod")),
		of(byID, "labels", knownvalue.MapPartial(map[string]knownvalue.Check{"run.tanzu.vmware.com/tkr": knownvalue.NotNull()})),
		of(byID, "variables", knownvalue.StringRegexp(regexp.MustCompile(`"certificateRotation":.*"osConfiguration":.*"banner":"hello"`))),
		of(byID, "node_pools.fixed.taints", knownvalue.ListSizeExact(1)),
		of(byID, "available", knownvalue.Bool(true)), of(byID, "deleting", knownvalue.Bool(false)), of(byID, "paused", knownvalue.Bool(false)),
		of(byID, "conditions", isTrue("Available")),
		of(all, "clusters", knownvalue.MapPartial(map[string]knownvalue.Check{id: knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"namespace": knownvalue.StringExact(namespace), "name": knownvalue.StringExact("prod"), "available": knownvalue.Bool(true),
			"live_version": knownvalue.StringRegexp(regexp.MustCompile(`^v1\.33\.\d+\+`)), "phase": knownvalue.StringExact("Provisioned"),
			"cluster_class": knownvalue.NotNull(), "kubernetes_release": knownvalue.NotNull(), "api_endpoint": knownvalue.NotNull(),
			"node_counts": knownvalue.ObjectPartial(map[string]knownvalue.Check{"workers": knownvalue.ObjectPartial(map[string]knownvalue.Check{"available": knownvalue.Int64Exact(3)})}),
		})})),
		of("data.vks_clusters.one", "ids", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact(id)})),
		of("data.vks_clusters.other_label", "ids", knownvalue.ListExact(nil)),
		of("data.vks_clusters.other_name", "clusters", knownvalue.MapExact(nil)),
	}
	checks = append(checks, same(address, byID, "id", "namespace", "name", "cluster_class", "cluster_class_namespace", "pin_cluster_class", "vm_class", "storage_class",
		"network", "control_plane", "node_pools", "api_endpoint", "phase", "live_version", "kubernetes_release", "node_counts", "failure_domains")...)
	checks = append(checks, same(byID, byName, "id", "namespace", "name", "kubernetes_version", "variables", "labels", "annotations", "node_pools", "available")...)

	log := acctest.Traffic(t)
	var mark int64
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config, ConfigStateChecks: checks},
		{
			PreConfig: func() {
				var err error
				if mark, err = log.Mark(t.Context()); err != nil {
					t.Fatal(err)
				}
			},
			Config: config, PlanOnly: true,
		},
		{
			PreConfig: func() { eachOnce(t, log, mark, namespace) },
			Config:    config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	}})
}

// eachOnce: the resource and two data sources read the cluster, each with one
// request, and each list is one.
func eachOnce(t *testing.T, log *traffic.Client, since int64, namespace string) {
	t.Helper()
	requests, err := log.Requests(t.Context(), traffic.Query{Since: since, Path: namespace + "/clusters"})
	if err != nil {
		t.Fatal(err)
	}
	reads := map[string]int{}
	for _, r := range requests {
		reads[r.Path]++
	}
	base := "/apis/cluster.x-k8s.io/v1beta2/namespaces/" + namespace + "/clusters"
	// Not every command of such a step refreshes the resource; each reads three
	// lists and one cluster by id and by name.
	commands, one := reads[base]/3, reads[base+"/prod"]
	if commands == 0 || reads[base] != 3*commands || one < 2*commands || one > 3*commands || len(reads) != 2 {
		t.Errorf("the clusters were read so often: %v", reads)
	}
}

// The Supervisor before VKS 3.5 says the same in other words.
func TestAccClusterDataSource_v1beta1(t *testing.T) {
	acctest.Once(t)
	acctest.Env(t)
	door := os.Getenv("LAB_SUPERVISOR_V1BETA1_SERVER")
	if door == "" {
		t.Skip("this platform has no Supervisor that serves v1beta1 only")
	}
	namespace := acctest.Name(t, "shown")
	config := `
provider "other" {
  supervisor = { server = "` + door + `" }
}
` + shown(namespace, `
data "vks_cluster" "new" {
  id = vks_cluster.test.id
}

data "vks_cluster" "old" {
  provider = other
  id       = vks_cluster.test.id
}

data "vks_clusters" "new" {
  namespace = split("/", vks_cluster.test.id)[0]
}

data "vks_clusters" "old" {
  provider  = other
  namespace = split("/", vks_cluster.test.id)[0]
}
`)
	checks := same("data.vks_cluster.new", "data.vks_cluster.old",
		"id", "kubernetes_version", "live_version", "kubernetes_release", "cluster_class", "cluster_class_namespace", "pin_cluster_class", "vm_class", "storage_class",
		"network", "control_plane", "node_pools", "variables", "labels", "api_endpoint", "phase", "conditions", "node_counts", "failure_domains", "available", "paused", "deleting")
	checks = append(checks, same("data.vks_clusters.new", "data.vks_clusters.old", "ids", "clusters")...)
	checks = append(checks, of("data.vks_cluster.old", "available", knownvalue.Bool(true)), of("data.vks_cluster.old", "node_pools.fixed.replicas", knownvalue.Int64Exact(2)))
	log := acctest.Traffic(t)
	acctest.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.TwoFactories(t), Steps: []resource.TestStep{
		{Config: config, ConfigStateChecks: checks},
		{
			PreConfig: func() {
				requests, err := log.Requests(t.Context(), traffic.Query{Path: "/v1beta1/namespaces/" + namespace + "/clusters/prod"})
				if err != nil || len(requests) == 0 {
					t.Errorf("nothing was read by v1beta1 (%v): the test shows nothing", err)
				}
			},
			Config: config, PlanOnly: true,
		},
	}})
}

// Which part of the platform an answer is missing of, and whose a refusal is.
func TestAccClusterDataSource_errors(t *testing.T) {
	acctest.Env(t)
	namespace, none := acctest.Name(t, "lookup"), acctest.Name(t, "none")
	base := `
resource "vks_namespace" "test" {
  name             = "` + namespace + `"
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
}
` + inline("vks_namespace.test.name", "wait_for = []")
	fails := func(config, want string) resource.TestStep {
		return resource.TestStep{Config: base + config, ExpectError: regexp.MustCompile(want)}
	}
	one := func(body string) string { return "data \"vks_cluster\" \"test\" {\n" + body + "\n}\n" }
	many := func(body string) string { return "data \"vks_clusters\" \"test\" {\n" + body + "\n}\n" }
	as := func(user, password, config string) string {
		return "provider \"other\" {\n  vcenter = { username = \"" + os.Getenv(user) + "\", password = \"" + os.Getenv(password) + "\" }\n}\n" +
			strings.Replace(config, "{\n", "{\n  provider = other\n", 1)
	}
	developer := func(config string) string {
		return as("LAB_DEVELOPER_USERNAME", "LAB_DEVELOPER_PASSWORD", config)
	}
	acctest.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.TwoFactories(t), Steps: []resource.TestStep{
		{Config: base},
		fails(one(`id = "`+none+`/prod"`), `(?s)vSphere Namespace not found.*Supervisor 127.*`+none+`.*layer:`),
		fails(one("namespace = \""+namespace+"\"\nname = \"stage\""), `(?s)VKS cluster not found.*has\s+no\s+VKS\s+cluster\s+stage\.\s+It\s+has:\s+prod\..*vks_clusters`),
		fails(one(``), `Incomplete name of a VKS cluster`),
		fails(one(`name = "prod"`), `Incomplete name of a VKS cluster`),
		fails(one("id = \""+namespace+"/prod\"\nname = \"prod\""), `VKS cluster named twice`),
		fails(one(`id = "prod"`), `(?s)Invalid cluster id.*expected\s+NAMESPACE/NAME`),
		fails(one(`id = "-"`), `(?s)Invalid cluster id.*workload\s+cluster`),
		fails(many(`namespace = "`+none+`"`), `(?s)vSphere Namespace not found.*`+none+`.*layer:`),
		fails(many(`label_selector = "stage in prod"`), `(?s)Invalid label selector.*as\s+kubectl`),
		fails(developer(many(``)), `(?s)Unable to list VKS clusters.*set\s+namespace\.\s+Layer:\s+Supervisor`),
		fails(developer(many(`namespace = "`+namespace+`"`)), `(?s)Unable to list VKS clusters.*role\s+in\s+the\s+vSphere\s+Namespace\s+`+namespace+`.*Layer:\s+vSphere\s+Namespace`),
		fails(developer(one(`id = "`+namespace+`/prod"`)), `(?s)Unable to read VKS cluster.*role\s+in\s+the\s+vSphere\s+Namespace\s+`+namespace),
		// What a failed step left in state is destroyed through its provider.
		{Config: base + developer("")},
	}})
}

// What another resource makes known at apply is waited for, and neither planned
// with nor stumbled over.
func TestAccClusterDataSource_unknown(t *testing.T) {
	acctest.OncePerProduct(t)
	const unknown = `
resource "terraform_data" "x" {
  input = "team-a"
}

data "vks_cluster" "id" {
  id = terraform_data.x.output
}

data "vks_cluster" "name" {
  namespace = terraform_data.x.output
  name      = "prod"
}

data "vks_clusters" "test" {
  namespace      = terraform_data.x.output
  label_selector = terraform_data.x.output
  name_prefix    = terraform_data.x.output
}
`
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{Config: unknown, PlanOnly: true, ExpectNonEmptyPlan: true}}})
}

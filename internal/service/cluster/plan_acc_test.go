package cluster_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
)

// inline is a cluster in one namespace with some lines in place of the usual.
func inline(namespace string, lines ...string) string {
	defaults := []string{
		`kubernetes_version = "v1.33"`,
		`network            = { pods = ["192.168.0.0/16"], services = ["10.96.0.0/12"] }`,
		`control_plane      = {}`,
		`node_pools         = { workers = { replicas = 1 } }`,
	}
	for _, line := range lines {
		name, _, _ := strings.Cut(line, " ")
		kept := defaults[:0]
		for _, d := range defaults {
			if !strings.HasPrefix(d, name+" ") {
				kept = append(kept, d)
			}
		}
		defaults = append(kept, line)
	}
	return fmt.Sprintf(`
resource "vks_cluster" "test" {
  name          = "prod"
  namespace     = %s
  vm_class      = "best-effort-small"
  storage_class = "gold-policy"
  %s
}
`, namespace, strings.Join(defaults, "\n  "))
}

// What cannot work is said at plan, before anything is made.
func TestAccCluster_badInput(t *testing.T) {
	var steps []resource.TestStep
	for _, c := range []struct{ line, want string }{
		{`control_plane = { replicas = 2 }`, `(?s)Invalid control plane.*1, 3 or\s+5`},
		{`network = { pods = ["10.96.0.0/16"], services = ["10.100.0.0/12"] }`, `pods 10\.96\.0\.0/16\s+overlaps\s+services\s+10\.100\.0\.0/12`},
		{`network = { pods = ["192.168.0.0/25"], services = ["10.96.0.0/12"] }`, `CIDR too small`},
		{`network = { pods = ["192.168.0.0/16"], services = ["10.96.0.0/29"] }`, `CIDR too small`},
		{`network = { pods = ["192.168.0.0/16"], services = [] }`, `list\s+must contain at least\s+1`},
		{`network = { pods = ["192.168.0/16"], services = ["10.96.0.0/12"] }`, `Invalid CIDR`},
		{`node_pools = { workers = {} }`, `Exactly one of replicas and autoscaler`},
		{`node_pools = { workers = { replicas = 1, autoscaler = { min = 1, max = 2 } } }`, `Exactly one of replicas and autoscaler`},
		{`node_pools = { workers = { autoscaler = { min = 3, max = 2 } } }`, `more than max`},
		{`node_pools = { workers = { autoscaler = { min = 1, max = 300 } } }`, `Too many nodes`},
		{`variables = jsonencode({ vmClass = "other" })`, `Variable set twice`},
		{`variables = jsonencode(["a"])`, `must be an object`},
		{`variables = "{"`, `Invalid JSON`},
		{`kubernetes_version = "latest"`, `must be a Kubernetes version`},
		{`wait_for = ["nodes"]`, `value must be one of`},
		{`cluster_class = ""`, `string length must be at least 1`},
		{`cluster_class_namespace = ""`, `string length must be at least 1`},
		{`node_pools = { workers = { replicas = 1, taints = [{ key = "a" }] } }`, `(?s)Missing attribute.*has\s+no\s+effect`},
		{`node_pools = { workers = { replicas = 1, health_check = {} } }`, `Nothing is set in`},
		{`node_pools = { workers = { replicas = 1, health_check = { unhealthy_node_conditions = [{ type = "Ready" }] } } }`, `(?s)Missing attribute.*has\s+no\s+status`},
		{`node_pools = { workers = { replicas = 1, health_check = { unhealthy_node_conditions = [] } } }`, `list\s+must contain at least\s+1`},
		{`control_plane = { health_check = { node_startup_timeout = "long" } }`, `Invalid duration`},
		{`control_plane = { health_check = { unhealthy_range = "1-3" } }`, `must be a range`},
		{`control_plane = { health_check = { max_unhealthy = "some" } }`, `must be a number or a\s+percentage`},
		{`control_plane = { rollout_after = "tomorrow" }`, `Invalid time`},
		{`control_plane = { machine_taints = [{ key = "a", effect = "NoSchedule" }] }`, `(?s)Missing attribute.*has\s+no\s+propagation`},
		{`control_plane = { readiness_gates = [{ polarity = "Positive" }] }`, `(?s)Missing attribute.*has\s+no\s+condition_type`},
		{`availability_gates = [{ condition_type = "a", polarity = "Neutral" }]`, `value must be one of`},
		{`control_plane = { os_image = { name = "ubuntu" }, annotations = { "run.tanzu.vmware.com/resolve-os-image" = "os-name=photon" } }`, `Annotation set twice`},
		{`node_pools = { workers = { replicas = 1, volumes = { a = { capacity = "1Gi" } } } }`, `(?s)Missing attribute.*has\s+no\s+mount_path`},
	} {
		steps = append(steps, resource.TestStep{Config: inline(`"team-a"`, c.line), PlanOnly: true, ExpectError: regexp.MustCompile(c.want)})
	}
	acctest.Test(t, resource.TestCase{Steps: steps})
}

// Values that other resources give are unknown at plan: no error, no panic.
func TestAccCluster_unknownValues(t *testing.T) {
	const from = `
resource "terraform_data" "x" {
  input = %s
}
`
	var steps []resource.TestStep
	for _, c := range []struct{ value, namespace, line string }{
		{`"team-a"`, "terraform_data.x.output", `server_validation = true`},
		{`"v1.33"`, `"team-a"`, `kubernetes_version = terraform_data.x.output`},
		{`"10.96.0.0/12"`, `"team-a"`, `network = { pods = ["192.168.0.0/16"], services = [terraform_data.x.output] }`},
		{`"1"`, `"team-a"`, `control_plane = { replicas = terraform_data.x.output, os_image = { name = terraform_data.x.output } }`},
		{`"1"`, `"team-a"`, `node_pools = { workers = { replicas = terraform_data.x.output } }`},
		{`"1"`, `"team-a"`, `node_pools = { workers = { replicas = 1, node_labels = { a = terraform_data.x.output }, taints = [{ key = terraform_data.x.output, effect = "NoSchedule" }] } }`},
		{`{ key = "a", effect = "NoSchedule" }`, `"team-a"`, `node_pools = { workers = { replicas = 1, taints = [terraform_data.x.output] } }`},
		{`{ mount_path = "/a", capacity = "1Gi" }`, `"team-a"`, `node_pools = { workers = { replicas = 1, volumes = { a = terraform_data.x.output } } }`},
		{`{ type = "Ready", status = "False", timeout = "5m" }`, `"team-a"`, `node_pools = { workers = { replicas = 1, health_check = { unhealthy_node_conditions = [terraform_data.x.output] } } }`},
		{`{ max_in_flight = "1" }`, `"team-a"`, `node_pools = { workers = { replicas = 1, health_check = terraform_data.x.output } }`},
		{`"5m"`, `"team-a"`, `control_plane = { health_check = { enabled = true, node_startup_timeout = terraform_data.x.output, max_unhealthy = terraform_data.x.output } }`},
		{`{ key = "a", effect = "NoSchedule", propagation = "Always" }`, `"team-a"`, `control_plane = { machine_taints = [terraform_data.x.output] }`},
		{`[{ condition_type = "a" }]`, `"team-a"`, `control_plane = { readiness_gates = terraform_data.x.output, rollout_after = terraform_data.x.output[0].condition_type }`},
		{`{ condition_type = "a" }`, `"team-a"`, `availability_gates = [terraform_data.x.output]`},
		{`"25%"`, `"team-a"`, `node_pools = { workers = { replicas = 1, rollout = { max_surge = terraform_data.x.output } } }`},
		{`{ max_surge = "25%" }`, `"team-a"`, `node_pools = { workers = { replicas = 1, rollout = terraform_data.x.output } }`},
		{`{ replicas = 1 }`, `"team-a"`, `control_plane = terraform_data.x.output`},
		{`{ replicas = 1 }`, `"team-a"`, `node_pools = { workers = terraform_data.x.output }`},
		{`{ min = 1, max = 2 }`, `"team-a"`, `node_pools = { workers = { autoscaler = terraform_data.x.output } }`},
		{`{ pods = ["192.168.0.0/16"], services = ["10.96.0.0/12"] }`, `"team-a"`, `network = terraform_data.x.output`},
		{`"w"`, `"team-a"`, `node_pools = { for k in [terraform_data.x.output] : "pool" => { replicas = 1, labels = { (k) = k } } }`},
		{`"x"`, `"team-a"`, `variables = jsonencode({ a = terraform_data.x.output })`},
		{`"true"`, `"team-a"`, `deletion_protection = terraform_data.x.output`},
		{`"a"`, `"team-a"`, `cluster_class = terraform_data.x.output`},
	} {
		steps = append(steps, resource.TestStep{Config: fmt.Sprintf(from, c.value) + inline(c.namespace, c.line), PlanOnly: true, ExpectNonEmptyPlan: true})
	}
	acctest.Test(t, resource.TestCase{Steps: steps})
}

// With server_validation the Supervisor's admission answers at plan.
func TestAccCluster_serverValidation(t *testing.T) {
	namespace := acctest.Name(t, "validate")
	variables := config.Variables{"name": config.StringVariable(namespace)}
	base := `
variable "name" { type = string }

resource "vks_namespace" "test" {
  name             = var.name
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
}
`
	validated := func(line string) string {
		return base + inline("vks_namespace.test.name", "server_validation = true", line)
	}
	fails := func(line, want string) resource.TestStep {
		return resource.TestStep{Config: validated(line), ConfigVariables: variables, PlanOnly: true, ExpectError: regexp.MustCompile(want)}
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: base, ConfigVariables: variables},
		fails(`control_plane = { vm_class = "best-effort-8xlarge" }`, `not\s+bound\s+to\s+the\s+namespace`),
		fails(`variables = jsonencode({ noSuchVariable = 1 })`, `not\s+defined`),
		{
			Config: validated(`control_plane = {}`), ConfigVariables: variables, PlanOnly: true, ExpectNonEmptyPlan: true,
		},
	}})
}

// A namespace that does not exist is named as what is missing.
func TestAccCluster_noNamespace(t *testing.T) {
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config:      inline(`"`+acctest.Name(t, "none")+`"`, `wait_for = []`),
		ExpectError: regexp.MustCompile(`(?s)Unable to create VKS cluster.*vSphere Namespace.*does not exist.*vks_namespace`),
	}}})
}

// One cluster that nobody waits for: protection, and changes that are refused
// at plan.
func TestAccCluster_refusedChanges(t *testing.T) {
	namespace := acctest.Name(t, "refuse")
	variables := config.Variables{"name": config.StringVariable(namespace)}
	with := func(lines ...string) string {
		return `
variable "name" { type = string }

resource "vks_namespace" "test" {
  name             = var.name
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
}
` + inline("vks_namespace.test.name", append([]string{"wait_for = []"}, lines...)...)
	}
	fails := func(want string, lines ...string) resource.TestStep {
		return resource.TestStep{Config: with(lines...), ConfigVariables: variables, PlanOnly: true, ExpectError: regexp.MustCompile(want)}
	}
	const three, protected = `control_plane = { replicas = 3 }`, `deletion_protection = true`
	renamed := strings.Replace(with(three, protected), `"prod"`, `"other"`, 1)
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: with(three, protected), ConfigVariables: variables},
		fails(`(?s)Network of a VKS cluster cannot change.*another\s+name`, three, protected, `network = { pods = ["192.168.0.0/17"], services = ["10.96.0.0/12"] }`),
		fails(`(?s)Network of a VKS cluster cannot change`, three, protected, `network = { pods = ["192.168.0.0/16"], services = ["10.96.0.0/12"], service_domain = "other.local" }`),
		fails(`Control plane cannot shrink`, protected),
		fails(`Kubernetes version cannot be lowered`, three, protected, `kubernetes_version = "v1.32"`),
		fails(`skips a minor version`, three, protected, `kubernetes_version = "v1.35"`),
		{Config: renamed, ConfigVariables: variables, PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)protected from deletion.*deletion_protection = false`)},
		{Config: with(three, protected), ConfigVariables: variables, Destroy: true, ExpectError: regexp.MustCompile(`deletion_protection = false`)},
		{
			Config: with(three), ConfigVariables: variables,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				plancheck.ExpectUnknownValue(address, tfjsonpath.New("conditions")),
			}},
		},
	}})
}

// A wait that ends in vain says what is missing and whose it is, and leaves the
// cluster in state. Somebody holds the add-ons back: what is waited for never is.
// Protection begins when the creation is complete: what a failed one left can be
// replaced and destroyed.
func TestAccCluster_timeout(t *testing.T) {
	acctest.Env(t)
	namespace := acctest.Name(t, "timeout")
	go holdAddons(t.Context(), statusOf(t, namespace))
	protected := func(lines ...string) string {
		return `
resource "vks_namespace" "test" {
  name             = "` + namespace + `"
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
}
` + inline("vks_namespace.test.name", append(lines, `deletion_protection = true`)...)
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:      protected(`wait_for = ["available", "addons"]`, `timeouts = { create = "30s" }`),
			ExpectError: regexp.MustCompile(`(?s)VKS cluster did not become available.*Not\s+true\s+at\s+the\s+end:.*AddonsReconciled:.*owned by:.*timeouts\.create`),
		},
		{
			Config: protected(`wait_for = []`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate),
			}},
			ConfigStateChecks: []statecheck.StateCheck{known("deletion_protection", knownvalue.Bool(true))},
		},
		{Config: protected(`wait_for = []`), Destroy: true, ExpectError: regexp.MustCompile(`deletion_protection = false`)},
		{Config: strings.ReplaceAll(protected(`wait_for = []`), "protection = true", "protection = false")},
	}})
}

// statusOf writes the status of Clusters past the provider.
func statusOf(t *testing.T, namespace string) dynamic.ResourceInterface {
	t.Helper()
	return clustersOf(t, "cluster.x-k8s.io/v1beta2", namespace)
}

// clustersOf are the Clusters past the provider and its user's rights.
func clustersOf(t *testing.T, apiVersion, namespace string) dynamic.ResourceInterface {
	t.Helper()
	file := os.Getenv("LAB_SUPERVISOR_KUBECONFIG")
	if file == "" {
		t.Skip("the test needs LAB_SUPERVISOR_KUBECONFIG to reach a cluster past the provider")
	}
	restConfig, err := clientcmd.BuildConfigFromFlags("", file)
	if err != nil {
		t.Fatal(err)
	}
	client, err := dynamic.NewForConfig(restConfig)
	if err != nil {
		t.Fatal(err)
	}
	gv, err := schema.ParseGroupVersion(apiVersion)
	if err != nil {
		t.Fatal(err)
	}
	return client.Resource(gv.WithResource("clusters")).Namespace(namespace)
}

// holdAddons says that the add-ons fail, as soon as there is a cluster.
func holdAddons(ctx context.Context, clusters dynamic.ResourceInterface) {
	status := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster", "metadata": map[string]any{"name": "prod"},
		"status": map[string]any{"conditions": []any{map[string]any{
			"type": "AddonsReconciled", "status": "False", "reason": "ReconcileFailed", "message": "antrea does not start",
			"lastTransitionTime": metav1.Now().UTC().Format(time.RFC3339),
		}}},
	}}
	for {
		if _, err := clusters.ApplyStatus(ctx, "prod", status, metav1.ApplyOptions{FieldManager: "addons", Force: true}); err == nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(200 * time.Millisecond):
		}
	}
}

package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

const address = "vks_cluster.test"

// platform is the Supervisor as somebody beside Terraform sees it.
func platform(t *testing.T) *supervisor.Client {
	t.Helper()
	acctest.Env(t)
	ca, err := os.ReadFile(os.Getenv("VKS_SUPERVISOR_CA_FILE"))
	if err != nil {
		t.Fatal(err)
	}
	client, err := supervisor.New(supervisor.Config{
		Server: os.Getenv("VKS_SUPERVISOR_SERVER"), CAPEM: ca,
		Username: os.Getenv("VKS_USERNAME"), Password: os.Getenv("VKS_PASSWORD"), MaxRetries: 4,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// alter changes the cluster behind Terraform's back, through its admission.
func alter(t *testing.T, namespace string, change func(*supervisor.ClusterSpec)) {
	t.Helper()
	client := platform(t)
	live, err := client.GetCluster(t.Context(), namespace, "prod")
	if err != nil {
		t.Fatal(err)
	}
	before, after := live.Spec(), live.Spec()
	change(&after)
	// A busy API server gives up on a webhook now and then: whoever does this by hand tries again.
	bounded, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	if err := await.OK(bounded, "the change of others", func(ctx context.Context) error {
		if _, err := client.ApplyCluster(ctx, after, false); err != nil {
			return err
		}
		_, _, err := client.PruneCluster(ctx, before, after)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// machines expects, as soon as an apply returned, so many machines, all of one
// version, and none of pools that there should not be.
type machines struct {
	t         *testing.T
	namespace string
	version   string
	pools     map[string]int // "" is the control plane
}

// CheckState looks at the Machine objects of the Supervisor.
func (m machines) CheckState(_ context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = m.problem()
}

func (m machines) problem() error {
	list, err := platform(m.t).Kube().List(m.t.Context(), kube.Ref{
		GVR: schema.GroupVersionResource{Group: "cluster.x-k8s.io", Version: "v1beta2", Resource: "machines"}, Kind: "Machine", Namespace: m.namespace,
	}, "")
	if err != nil {
		return err
	}
	found := map[string]int{}
	for i := range list.Items {
		if got, _, _ := unstructured.NestedString(list.Items[i].Object, "spec", "version"); got != m.version {
			return fmt.Errorf("machine %s is at %s, want %s", list.Items[i].GetName(), got, m.version)
		}
		found[list.Items[i].GetLabels()["topology.cluster.x-k8s.io/deployment-name"]]++
	}
	if !maps.Equal(found, m.pools) {
		return fmt.Errorf("machines by pool: %v, want %v", found, m.pools)
	}
	return nil
}

func lose(t *testing.T, namespace string) {
	t.Helper()
	client := platform(t)
	live, err := client.GetCluster(t.Context(), namespace, "prod")
	if err == nil {
		err = client.DeleteCluster(t.Context(), namespace, "prod", live.UID())
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	for tick := time.NewTicker(time.Second); ; {
		_, err := client.GetCluster(ctx, namespace, "prod")
		if errors.Is(err, fault.NotFound) {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal("the cluster does not go away")
		case <-tick.C:
		}
	}
}

func known(path string, check knownvalue.Check) statecheck.StateCheck {
	p := tfjsonpath.New(path)
	return statecheck.ExpectKnownValue(address, p, check)
}

// isTrue expects that condition among conditions.
type isTrue string

// CheckValue looks for the condition.
func (c isTrue) CheckValue(value any) error {
	list, _ := value.([]any)
	for _, item := range list {
		if condition, ok := item.(map[string]any); ok && condition["type"] == string(c) && condition["status"] == "True" {
			return nil
		}
	}
	return fmt.Errorf("%s is not true: %v", c, value)
}

// String says what is expected.
func (c isTrue) String() string { return string(c) + " is true" }

func inPlace() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}}
}

func nothing() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
}

// One cluster through its life: each step also proves that the plan after it
// is empty.
func TestAccCluster_lifecycle(t *testing.T) {
	acctest.OncePerProduct(t)
	const old, upgraded = "v1.33.6+vmware.1-fips", "v1.34.1+vmware.1"
	namespace := acctest.Name(t, "cluster")
	variables := config.Variables{"name": config.StringVariable(namespace)}
	hurried := config.Variables{"name": variables["name"], "update_timeout": config.StringVariable("15s")}
	dir := func(step string) config.TestStepConfigFunc {
		return config.StaticDirectory("testdata/TestAccCluster_lifecycle/" + step)
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			ConfigDirectory: dir("1_create"), ConfigVariables: variables,
			ConfigStateChecks: []statecheck.StateCheck{
				known("id", knownvalue.StringExact(namespace+"/prod")),
				known("kubernetes_version", knownvalue.StringExact("v1.33")),
				known("live_version", knownvalue.StringRegexp(regexp.MustCompile(`^v1\.33\.\d+\+`))),
				known("kubernetes_release", knownvalue.StringRegexp(regexp.MustCompile(`^v1\.33\.\d+---`))),
				known("cluster_class", knownvalue.StringRegexp(regexp.MustCompile(`^builtin-generic-v3`))),
				known("cluster_class_namespace", knownvalue.StringExact("vmware-system-vks-public")),
				known("api_endpoint", knownvalue.NotNull()),
				known("phase", knownvalue.StringExact("Provisioned")),
				known("conditions", isTrue("AddonsReconciled")),
				known("node_counts", knownvalue.ObjectPartial(map[string]knownvalue.Check{
					"control_plane": knownvalue.ObjectPartial(map[string]knownvalue.Check{"available": knownvalue.Int64Exact(3)}),
					"workers":       knownvalue.ObjectPartial(map[string]knownvalue.Check{"available": knownvalue.Int64Exact(2)}),
				})),
				machines{t, namespace, old, map[string]int{"": 3, "workers": 1, "gone": 1}},
				known("deletion_protection", knownvalue.Bool(false)),
			},
		},
		{ // the same by its names
			ConfigDirectory: dir("1_create"), ConfigVariables: variables,
			ResourceName: address, ImportState: true, ImportStateVerify: true,
			// Text that means the same, what moves by itself, and what is not of the cluster.
			ImportStateVerifyIgnore: []string{"kubernetes_version", "variables", "conditions", "node_counts", "wait_for"},
		},
		{ // what is not in state is: only admission and controllers wrote it
			PreConfig: func() {
				alter(t, namespace, func(s *supervisor.ClusterSpec) { s.Labels["somebody"] = "else" })
			},
			ConfigDirectory: dir("1_create"), ConfigVariables: variables, ConfigPlanChecks: nothing(),
		},
		{
			ConfigDirectory: dir("2_grow"), ConfigVariables: variables, ConfigPlanChecks: inPlace(),
			ConfigStateChecks: []statecheck.StateCheck{
				known("node_counts", knownvalue.ObjectPartial(map[string]knownvalue.Check{
					"workers": knownvalue.ObjectPartial(map[string]knownvalue.Check{"available": knownvalue.Int64Exact(3)}),
				})),
				machines{t, namespace, old, map[string]int{"": 3, "workers": 2, "extra": 1}},
			},
		},
		{ // out of time: the next apply, of more time, waits for what is left
			ConfigDirectory: dir("3_upgrade"), ConfigVariables: hurried,
			ExpectError: regexp.MustCompile(`(?s)VKS cluster did not become available.*timeouts\.update`),
		},
		{
			ConfigDirectory: dir("3_upgrade"), ConfigVariables: variables, ConfigPlanChecks: inPlace(),
			ConfigStateChecks: []statecheck.StateCheck{
				known("kubernetes_version", knownvalue.StringExact("v1.34.1+vmware.1-vkr.4")),
				known("live_version", knownvalue.StringExact("v1.34.1+vmware.1")),
				known("node_counts", knownvalue.ObjectPartial(map[string]knownvalue.Check{
					"workers": knownvalue.ObjectPartial(map[string]knownvalue.Check{"up_to_date": knownvalue.Int64Exact(3)}),
				})),
				machines{t, namespace, upgraded, map[string]int{"": 3, "workers": 2, "extra": 1}},
			},
		},
		{ // drift: everything that was changed is found and put back
			PreConfig: func() {
				alter(t, namespace, func(s *supervisor.ClusterSpec) { // of one pool: a roll of all takes long
					*s.Pools["workers"].Replicas = 1
					s.Labels["tier"] = "changed"
					s.Pools["extra"].Variables["kubernetes"] = map[string]any{"kubeletConfiguration": map[string]any{"maxPods": int64(40)}}
				})
			},
			ConfigDirectory: dir("3_upgrade"), ConfigVariables: variables, ConfigPlanChecks: inPlace(),
			ConfigStateChecks: []statecheck.StateCheck{machines{t, namespace, upgraded, map[string]int{"": 3, "workers": 2, "extra": 1}}},
		},
		{
			ConfigDirectory: dir("4_shrink"), ConfigVariables: variables, ConfigPlanChecks: inPlace(),
			ConfigStateChecks: []statecheck.StateCheck{
				known("live_version", knownvalue.StringExact("v1.34.1+vmware.1")),
				known("node_pools", knownvalue.MapSizeExact(1)),
				machines{t, namespace, upgraded, map[string]int{"": 3, "workers": 2}}, // as many as the autoscaler found
				known("variables", knownvalue.Null()),
				known("labels", knownvalue.Null()),
			},
		},
		{ // gone
			PreConfig:       func() { lose(t, namespace) },
			ConfigDirectory: dir("4_shrink"), ConfigVariables: variables,
			PlanOnly: true, ExpectNonEmptyPlan: true,
		},
	}})
}

// An import of a cluster that this provider made needs no change afterwards.
func TestAccCluster_import(t *testing.T) {
	namespace := acctest.Name(t, "import")
	variables := config.Variables{"name": config.StringVariable(namespace)}
	dir := config.StaticDirectory("testdata/TestAccCluster_import/1_create")
	acctest.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{ConfigDirectory: dir, ConfigVariables: variables},
			{
				ConfigDirectory: dir, ConfigVariables: variables, ResourceName: address,
				ImportState: true, ImportStateKind: resource.ImportBlockWithID,
				ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop)}},
			},
			{
				ConfigDirectory: dir, ConfigVariables: variables, ResourceName: address,
				ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity,
				ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop)}},
			},
		},
	})
}

package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/acctest/smalllab"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
	"github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

const namespaceOnly = `
variable "name" { type = string }

resource "vks_namespace" "test" {
  name             = var.name
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
}
`

// unawaited is a cluster that nobody waits for, with some lines.
func unawaited(lines ...string) string {
	return namespaceOnly + inline("vks_namespace.test.name", append([]string{"wait_for = []"}, lines...)...)
}

func refOf(group, version, resourceName, kind, namespace, name string) kube.Ref {
	return kube.Ref{GVR: schema.GroupVersionResource{Group: group, Version: version, Resource: resourceName}, Kind: kind, Namespace: namespace, Name: name}
}

func packageConfig(plugin, namespace string) kube.Ref {
	return refOf("cni.tanzu.vmware.com", "v1alpha1", plugin+"configs", strings.ToUpper(plugin[:1])+plugin[1:]+"Config", namespace, "prod-"+plugin+"-package")
}

func addonConfig(plugin, namespace string) kube.Ref {
	return refOf("addons.kubernetes.vmware.com", "v1alpha1", "addonconfigs", "AddonConfig", namespace, "prod-"+plugin)
}

func bootstrapOf(namespace string) kube.Ref {
	return refOf("run.tanzu.vmware.com", "v1alpha3", "clusterbootstraps", "ClusterBootstrap", namespace, "prod")
}

// says expects text of that form in an object at a path.
func says(t *testing.T, ref kube.Ref, want string, path ...string) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		object, err := platform(t).Kube().Get(t.Context(), ref)
		if err != nil {
			return err
		}
		got, _, _ := unstructured.NestedFieldNoCopy(object.Object, path...)
		if !regexp.MustCompile("^" + want + "$").MatchString(fmt.Sprint(got)) {
			return fmt.Errorf("%s: %s is %v, want %s", ref, strings.Join(path, "."), got, want)
		}
		return nil
	}
}

func absent(t *testing.T, refs ...kube.Ref) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		for _, ref := range refs {
			if _, err := platform(t).Kube().Get(t.Context(), ref); !fault.IsNotFound(err) {
				return errors.Join(fmt.Errorf("%s is there", ref), err)
			}
		}
		return nil
	}
}

// tamper changes an object behind Terraform's back.
func tamper(t *testing.T, ref kube.Ref, patch string) {
	t.Helper()
	if _, err := platform(t).Kube().MergePatch(t.Context(), ref, []byte(patch)); err != nil {
		t.Fatal(err)
	}
}

// wrote gives what was written into a namespace of the Supervisor since mark:
// the resource of each request, dry runs left out.
func wrote(t *testing.T, log *traffic.Client, mark int64, namespace string) []string {
	t.Helper()
	requests, err := log.Requests(t.Context(), traffic.Query{Since: mark})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range requests {
		_, rest, ok := strings.Cut(r.Path, "/namespaces/"+namespace+"/")
		if ok && r.Method != "GET" && strings.HasPrefix(r.Path, "/apis/") && !strings.Contains(r.Query, "dryRun") {
			out = append(out, strings.Split(rest, "/")[0])
		}
	}
	return out
}

func markOf(t *testing.T, log *traffic.Client) int64 {
	t.Helper()
	mark, err := log.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return mark
}

// Before Kubernetes 1.35: Calico is chosen by a ClusterBootstrap and configured
// by a CalicoConfig, both before the Cluster.
func TestAccCluster_cniCalico(t *testing.T) {
	acctest.OncePerProduct(t)
	namespace := acctest.Name(t, "calico")
	variables := config.Variables{"name": config.StringVariable(namespace)}
	log := acctest.Traffic(t)
	mark := markOf(t, log)
	ref := packageConfig("calico", namespace)
	with := func(cni string) string { return unawaited(`kubernetes_version = "v1.34"`, cni) }
	const (
		first    = `cni = { name = "calico", config = jsonencode({ calico = { config = { vethMTU = 1400, skipCNIBinaries = false } } }) }`
		second   = `cni = { name = "calico", config = jsonencode({ calico = { config = { vethMTU = 1300 } } }) }`
		unset    = `cni = { name = "calico" }`
		another  = `cni = { name = "antrea" }`
		settings = "calico"
	)
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: with(first), ConfigVariables: variables,
			Check: resource.ComposeAggregateTestCheckFunc(
				says(t, ref, "1400", "spec", settings, "config", "vethMTU"),
				says(t, bootstrapOf(namespace), `calico(\.tanzu\.vmware\.com\..*|\*)`, "spec", "cni", "refName"),
				says(t, bootstrapOf(namespace), "prod-calico-package", "spec", "cni", "valuesFrom", "providerRef", "name"),
				func(*terraform.State) error {
					if got := strings.Join(wrote(t, log, mark, namespace), " "); !strings.HasPrefix(got, "calicoconfigs clusterbootstraps clusters") {
						return fmt.Errorf("written in this order: %s", got)
					}
					return nil
				},
			),
		},
		{ // in other words
			Config:          with(`cni = { name = "calico", config = "{\"calico\":{\"config\":{\"skipCNIBinaries\":false,\"vethMTU\":1400,\"x\":null}}}" }`),
			ConfigVariables: variables, ConfigPlanChecks: nothing(),
		},
		{
			Config: with(second), ConfigVariables: variables, ConfigPlanChecks: inPlace(),
			Check: resource.ComposeAggregateTestCheckFunc(
				says(t, ref, "1300", "spec", settings, "config", "vethMTU"),
				says(t, ref, "<nil>", "spec", settings, "config", "skipCNIBinaries"),
			),
		},
		{ // somebody changed it
			PreConfig: func() { tamper(t, ref, `{"spec":{"calico":{"config":{"vethMTU":9000,"other":1}}}}`) },
			Config:    with(second), ConfigVariables: variables, ConfigPlanChecks: inPlace(),
			Check: resource.ComposeAggregateTestCheckFunc(says(t, ref, "1300", "spec", settings, "config", "vethMTU"), says(t, ref, "1", "spec", settings, "config", "other")),
		},
		{
			Config: with(another), ConfigVariables: variables, PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)Network plugin of a VKS cluster cannot change.*has\s+the\s+network\s+plugin\s+calico`),
		},
		{
			Config: unawaited(`kubernetes_version = "v1.34"`), ConfigVariables: variables, PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)cannot change.*without\s+cni`),
		},
		{
			Config: with(second), ConfigVariables: variables, ResourceName: address, ImportState: true, ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"kubernetes_version", "conditions", "node_counts", "wait_for", "phase", "api_endpoint", "failure_domains"},
		},
		{ // only ours goes
			Config: with(unset), ConfigVariables: variables, ConfigPlanChecks: inPlace(),
			Check: resource.ComposeAggregateTestCheckFunc(says(t, ref, `map\[other:1\]`, "spec", settings, "config")),
		},
	}})
	if err := absent(t, ref, bootstrapOf(namespace))(nil); err != nil {
		t.Error(err)
	}
}

// Antrea needs no ClusterBootstrap. Its settings of a killed apply, or of
// somebody else, are taken over; those that are deleted come back.
func TestAccCluster_cniAntrea(t *testing.T) {
	acctest.OncePerProduct(t)
	namespace := acctest.Name(t, "antrea")
	variables := config.Variables{"name": config.StringVariable(namespace)}
	ref := packageConfig("antrea", namespace)
	cni := func(settings string) string {
		return unawaited(`kubernetes_version = "v1.34"`, `cni = { name = "antrea", config = jsonencode({ antrea = { config = `+settings+` } }) }`)
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: namespaceOnly, ConfigVariables: variables},
		{
			PreConfig: func() { // what an apply leaves that was killed before the Cluster
				of := supervisor.CNIOf{Namespace: namespace, Cluster: "prod", Name: "antrea"}
				err := platform(t).ApplyCNI(t.Context(), of, nil, map[string]any{"antrea": map[string]any{"config": map[string]any{"left": "over", "noSNAT": false}}})
				if err != nil {
					t.Fatal(err)
				}
			},
			Config: cni(`{ noSNAT = true }`), ConfigVariables: variables,
			Check: resource.ComposeAggregateTestCheckFunc(
				says(t, ref, "true", "spec", "antrea", "config", "noSNAT"), says(t, ref, "<nil>", "spec", "antrea", "config", "left"),
			),
		},
		{ // somebody deleted it; the platform may have made its own meanwhile
			PreConfig: func() {
				if err := platform(t).Kube().Delete(t.Context(), ref, kube.DeleteOptions{}); err != nil {
					t.Fatal(err)
				}
			},
			Config: cni(`{ noSNAT = true }`), ConfigVariables: variables, ConfigPlanChecks: inPlace(),
			Check: says(t, ref, "true", "spec", "antrea", "config", "noSNAT"),
		},
		{ // the default one, without settings: nothing is left to say
			Config: unawaited(`kubernetes_version = "v1.34"`), ConfigVariables: variables, ConfigPlanChecks: inPlace(),
			Check: says(t, ref, "<nil>", "spec", "antrea", "config", "noSNAT"),
		},
		{
			Config:          unawaited(`kubernetes_version = "v1.34"`, `cni = { name = "calico" }`),
			ConfigVariables: variables, PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)cannot change.*has\s+the\s+network\s+plugin\s+antrea`),
		},
	}})
}

// From Kubernetes 1.35 on, the variable chooses and an AddonConfig configures.
func TestAccCluster_cniAddons(t *testing.T) {
	acctest.OncePerProduct(t)
	for _, plugin := range []string{"antrea", "calico", "cilium"} {
		t.Run(plugin, func(t *testing.T) {
			namespace := acctest.Name(t, plugin)
			variables := config.Variables{"name": config.StringVariable(namespace)}
			log := acctest.Traffic(t)
			mark := markOf(t, log)
			ref := addonConfig(plugin, namespace)
			with := func(cni string) string { return unawaited(`kubernetes_version = "v1.35"`, cni) }
			settings := func(mtu int) string {
				return fmt.Sprintf(`cni = { name = %q, config = jsonencode({ mtu = %d }) }`, plugin, mtu)
			}
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
				{
					Config: with(settings(1400)), ConfigVariables: variables,
					Check: resource.ComposeAggregateTestCheckFunc(
						says(t, ref, "1400", "spec", "values", "mtu"),
						says(t, ref, "true", "metadata", "annotations", "clusteraddon.addons.kubernetes.vmware.com/owned-for-deletion"),
						chooses(t, namespace, plugin),
						func(*terraform.State) error {
							if got := strings.Join(wrote(t, log, mark, namespace), " "); !strings.HasPrefix(got, "addonconfigs clusters") {
								return fmt.Errorf("written in this order: %s", got)
							}
							return nil
						},
					),
				},
				{ // another change leaves the choice alone
					Config: with(settings(1300)), ConfigVariables: variables, ConfigPlanChecks: inPlace(),
					Check: resource.ComposeAggregateTestCheckFunc(says(t, ref, "1300", "spec", "values", "mtu"), chooses(t, namespace, plugin)),
				},
				{
					PreConfig: func() { tamper(t, ref, `{"spec":{"values":{"mtu":9000}}}`) },
					Config:    with(settings(1300)), ConfigVariables: variables, ConfigPlanChecks: inPlace(),
					Check: says(t, ref, "1300", "spec", "values", "mtu"),
				},
				{
					Config: with(settings(1300)), ConfigVariables: variables, ResourceName: address, ImportState: true, ImportStateVerify: true,
					ImportStateVerifyIgnore: []string{"kubernetes_version", "conditions", "node_counts", "wait_for", "phase", "api_endpoint", "failure_domains"},
				},
				{
					Config: with(`cni = { name = "` + plugin + `" }`), ConfigVariables: variables, ConfigPlanChecks: inPlace(),
					Check: resource.ComposeAggregateTestCheckFunc(says(t, ref, "<nil>", "spec", "values", "mtu"), chooses(t, namespace, plugin)),
				},
			}})
			if err := absent(t, ref)(nil); err != nil {
				t.Error(err)
			}
		})
	}
}

func chooses(t *testing.T, namespace, plugin string) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		live, err := platform(t).GetCluster(t.Context(), namespace, "prod")
		if err != nil {
			return err
		}
		if got, want := fmt.Sprint(live.Spec().Variables["bootstrapAddons"]), "map[cniRef:map[name:"+plugin+" namespace:vmware-system-vks-public]]"; got != want {
			return fmt.Errorf("bootstrapAddons is %s, want %s", got, want)
		}
		return nil
	}
}

// An upgrade to 1.35 takes the settings along, and a read without settings is
// one request.
func TestAccCluster_cniUpgrade(t *testing.T) {
	acctest.Once(t)
	namespace := acctest.Name(t, "cniup")
	variables := config.Variables{"name": config.StringVariable(namespace)}
	with := func(version string) string {
		return namespaceOnly + inline("vks_namespace.test.name", `kubernetes_version = "`+version+`"`, `cni = { name = "antrea", config = jsonencode({ antrea = { config = { noSNAT = true } } }) }`)
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: with("v1.34"), ConfigVariables: variables},
		{
			Config: with("v1.35"), ConfigVariables: variables, ConfigPlanChecks: inPlace(),
			Check:             says(t, addonConfig("antrea", namespace), "true", "spec", "values", "antrea", "config", "noSNAT"),
			ConfigStateChecks: []statecheck.StateCheck{known("live_version", knownvalue.StringRegexp(regexp.MustCompile(`^v1\.35\.`)))},
		},
	}})
}

// A Cluster that cannot be made leaves nothing behind: neither when admission
// refuses it, nor when it fails after its settings were written.
func TestAccCluster_cniFailed(t *testing.T) {
	acctest.Once(t)
	namespace := acctest.Name(t, "cnifail")
	variables := config.Variables{"name": config.StringVariable(namespace)}
	log := acctest.Traffic(t)
	const cni = `cni = { name = "calico", config = jsonencode({ calico = { config = { vethMTU = 1400 } } }) }`
	left := func() {
		if err := absent(t, packageConfig("calico", namespace), bootstrapOf(namespace))(nil); err != nil {
			t.Error(err)
		}
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: unawaited(`kubernetes_version = "v1.34"`, cni, `control_plane = { vm_class = "best-effort-8xlarge" }`), ConfigVariables: variables,
			ExpectError: regexp.MustCompile(`not\s+bound\s+to\s+the\s+namespace`),
		},
		{
			PreConfig: func() {
				left()
				id, err := log.Inject(t.Context(), traffic.Fault{ // the second write of the Cluster: the first is the dry run
					Method: "PATCH", Path: "/namespaces/" + namespace + "/clusters/prod$", After: 1, Count: 1, Status: 422,
					Header: map[string]string{"Content-Type": "application/json"},
					Body:   `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"the quota is used up","reason":"Invalid","code":422}`,
				})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = log.Remove(context.WithoutCancel(t.Context()), id) })
			},
			Config: unawaited(`kubernetes_version = "v1.34"`, cni), ConfigVariables: variables, ExpectError: regexp.MustCompile(`quota\s+is\s+used\s+up`),
		},
		{
			PreConfig: left,
			Config:    unawaited(`kubernetes_version = "v1.34"`, cni), ConfigVariables: variables,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)}},
			Check:            says(t, packageConfig("calico", namespace), "1400", "spec", "calico", "config", "vethMTU"),
		},
	}})
}

// What cannot work is said at plan.
func TestAccCluster_cniBadInput(t *testing.T) {
	var steps []resource.TestStep
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{`cni = { name = "flannel" }`}, `value must be one of`},
		{[]string{`cni = { config = "{}" }`}, `(?s)"name" is required`},
		{[]string{`cni = { name = "cilium" }`}, `(?s)Network plugin not available.*comes with\s+v1\.35`},
		{[]string{`cni = { name = "antrea", config = "[]" }`}, `must be an object`},
		{[]string{`cni = { name = "antrea", config = "{" }`}, `Invalid JSON`},
		{[]string{`kubernetes_version = "v1.35"`, `cni = { name = "antrea" }`, `variables = jsonencode({ bootstrapAddons = { cniRef = { name = "antrea" } } })`}, `Variable set twice`},
		{[]string{`kubernetes_version = "v1.35"`, `cni = { name = "cilium" }`, `node_pools = { win = { replicas = 1, os_image = { name = "windows" } } }`}, `does not run on Windows`},
		{[]string{`node_pools = { a = { autoscaler = { min = 1, max = 150 } } }`}, `(?s)Too many nodes.*151\s+nodes`},
		{[]string{`network = { pods = ["192.168.0.0/22"], services = ["10.96.0.0/12"] }`, `node_pools = { a = { replicas = 2 } }`}, `(?s)room for 4\s+nodes\s+\(a\s+/24\s+each\), and 3\s+and 2 more`},
		{[]string{`network = { pods = ["192.168.0.0/24"], services = ["10.96.0.0/12"] }`, `cni = { name = "calico" }`, `node_pools = { a = { replicas = 2 } }`}, `(?s)room for 4\s+nodes\s+\(a\s+/26\s+each\)`},
		{[]string{`network = { pods = ["fd00:1::/64"], services = ["fd00:1::/112"] }`}, `pods fd00:1::/64\s+overlaps\s+services`},
		{[]string{`network = { pods = ["192.168.0.0/16", "192.168.128.0/17"], services = ["10.96.0.0/12"] }`}, `overlaps\s+pods`},
		{[]string{`network = { pods = ["10.244.0.0/16"], services = ["10.96.0.0/12"] }`}, `(?s)overlaps the Supervisor's network.*workload\s+network\s+primary-workload\s+10\.244\.0\.0/20`},
		{[]string{`network = { pods = ["172.31.0.0/16"], services = ["10.96.0.0/12"] }`}, `(?s)overlaps the Supervisor's network.*services\s+172\.31\.0\.0/22`},
		{[]string{`network = { pods = ["192.168.0.0/16"], services = ["10.244.0.0/20"] }`}, `(?s)overlaps the Supervisor's network.*workload\s+network`},
	} {
		steps = append(steps, resource.TestStep{Config: inline(`"team-a"`, c.lines...), PlanOnly: true, ExpectError: regexp.MustCompile(c.want)})
	}
	for _, lines := range [][]string{ // what is right
		{`network = { pods = ["192.168.0.0/22"], services = ["10.96.0.0/12"] }`, `node_pools = { a = { replicas = 2, rollout = { max_surge = "0", max_unavailable = "1" } } }`},
		{`network = { pods = ["192.168.0.0/23"], services = ["10.96.0.0/12"] }`, `cni = { name = "calico" }`, `node_pools = { a = { replicas = 5 } }`},
		{`network = { pods = ["192.168.0.0/16"], services = ["172.31.2.0/24"] }`}, // services over services: a warning
		{`network = { pods = ["192.168.0.0/16", "fd00:1::/48"], services = ["10.96.0.0/12", "fd00:2::/112"] }`},
	} {
		steps = append(steps, resource.TestStep{Config: inline(`"team-a"`, lines...), PlanOnly: true, ExpectNonEmptyPlan: true})
	}
	acctest.Test(t, resource.TestCase{Steps: steps})
}

func TestAccCluster_cniUnknown(t *testing.T) {
	const from = `
resource "terraform_data" "x" {
  input = %s
}
`
	var steps []resource.TestStep
	for _, c := range []struct{ value, line string }{
		{`{ name = "antrea" }`, `cni = terraform_data.x.output`},
		{`"calico"`, `cni = { name = terraform_data.x.output }`},
		{`1400`, `cni = { name = "calico", config = jsonencode({ calico = { config = { vethMTU = terraform_data.x.output } } }) }`},
		{`"v1.36"`, `cni = { name = "cilium" }` + "\n  kubernetes_version = terraform_data.x.output"},
	} {
		lines := strings.Split(c.line, "\n  ")
		steps = append(steps, resource.TestStep{Config: fmt.Sprintf(from, c.value) + inline(`"team-a"`, lines...), PlanOnly: true, ExpectNonEmptyPlan: true})
	}
	acctest.Test(t, resource.TestCase{Steps: steps})
}

// The Supervisor's ranges are read once for all clusters of a run.
func TestAccCluster_rangesOnce(t *testing.T) {
	acctest.Once(t)
	lab := smalllab.New(t, vcenter.Options{})
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config:   lab.Config(inline(`"team-a"`) + strings.NewReplacer(`"test"`, `"other"`, `"prod"`, `"other"`).Replace(inline(`"team-a"`))),
		PlanOnly: true, ExpectNonEmptyPlan: true,
	}}})
	reads, runs := 0, 0
	for _, r := range lab.Seam.Requests(func(traffic.Request) bool { return true }) {
		switch {
		case r.Method == "GET" && strings.HasPrefix(r.Path, "/api/vcenter/namespace-management/clusters/"):
			reads++
		case r.Method == "POST" && r.Path == "/api/session":
			runs++
		}
	}
	if reads == 0 || reads != runs {
		t.Errorf("%d reads in %d runs", reads, runs)
	}
}

// Where vCenter cannot be asked, the plan goes on.
func TestAccCluster_rangesAway(t *testing.T) {
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: `
provider "vks" {
  vcenter     = { server = "127.0.0.1:1" }
  max_retries = 0
}
` + inline(`"team-a"`, `network = { pods = ["10.244.0.0/16"], services = ["10.96.0.0/12"] }`),
		PlanOnly: true, ExpectNonEmptyPlan: true,
	}}})
}

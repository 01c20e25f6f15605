package dataprotection_test

import (
	"errors"
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/acctest/attached"
)

const address = "vks_data_protection.test"

func value(attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), check)
}

func step(test, dir, name string, more resource.TestStep) resource.TestStep {
	more.ConfigDirectory = config.StaticDirectory("testdata/" + test + "/" + dir)
	more.ConfigVariables = config.Variables{"name": config.StringVariable(name)}
	if !more.ImportState && !more.Destroy {
		more.ConfigPlanChecks.PostApplyPostRefresh = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	}
	return more
}

func expectUpdate() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}}
}

// TestAccDataProtection takes an installation of its own through its life.
func TestAccDataProtection(t *testing.T) {
	cluster, name := attached.New(t), acctest.Name(t, "velero")
	s := func(dir string, more resource.TestStep) resource.TestStep {
		return step("TestAccDataProtection", dir, name, more)
	}
	imported := resource.TestStep{
		ResourceName: address, ImportState: true, ImportStateVerify: true,
		ImportStateVerifyIgnore: []string{"on_destroy", "server_version", "plugins_loaded", "timeouts", "pod_labels", "pod_annotations", "resources", "node_agent_resources"},
	}
	acctest.Test(t, resource.TestCase{
		CheckDestroy: removed(cluster, name),
		Steps: []resource.TestStep{
			s("create", resource.TestStep{ConfigStateChecks: installed(name), Check: privileged(cluster, name)}),
			s("create", imported),
			s("update", resource.TestStep{ConfigPlanChecks: expectUpdate(), ConfigStateChecks: updated(), Check: noAgent(cluster, name)}),
			s("update", imported),
			s("keep", resource.TestStep{ConfigPlanChecks: expectUpdate(), ConfigStateChecks: installed(name)}),
			// Somebody adds a plugin and scales what is there.
			s("keep", resource.TestStep{
				PreConfig: func() {
					cluster.Patch(attached.Deployments, name, "velero", `{"spec":{"template":{"spec":{"initContainers":[`+
						`{"name":"velero-velero-plugin-for-aws","image":"velero/velero-plugin-for-aws:v1.0.0"},{"name":"other","image":"example.com/other:1"}]}}}}`)
				},
				ConfigPlanChecks: expectUpdate(), ConfigStateChecks: installed(name),
			}),
			s("keep", resource.TestStep{
				PreConfig:        func() { cluster.Delete(attached.DaemonSets, name, "node-agent") },
				ConfigPlanChecks: expectUpdate(), ConfigStateChecks: installed(name),
			}),
			s("keep", resource.TestStep{
				PreConfig:        func() { cluster.Delete(attached.Deployments, name, "velero") },
				ConfigPlanChecks: expectUpdate(), ConfigStateChecks: installed(name),
			}),
			// A destroy that was cut short after the server: the next one finishes it.
			s("keep", resource.TestStep{PreConfig: func() { cluster.Delete(attached.Deployments, name, "velero") }, Destroy: true}),
		},
	})
}

func installed(name string) []statecheck.StateCheck {
	return []statecheck.StateCheck{
		value("id", knownvalue.StringExact("-/"+name)),
		value("adopted", knownvalue.Bool(false)),
		value("ready", knownvalue.Bool(true)),
		value("running_image", knownvalue.StringExact("velero/velero:v1.18.3")),
		value("server_version", knownvalue.NotNull()),
		value("plugins", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("velero/velero-plugin-for-aws:v1.14.3")})),
		value("plugins_loaded", knownvalue.SetPartial([]knownvalue.Check{knownvalue.StringExact("velero.io/aws"), knownvalue.StringExact("velero.io/pod")})),
		value("node_agent", knownvalue.Bool(true)),
		value("csi_snapshots", knownvalue.Bool(true)),
		value("features", knownvalue.Null()),
		value("resources", knownvalue.Null()),
	}
}

func updated() []statecheck.StateCheck {
	return []statecheck.StateCheck{
		value("ready", knownvalue.Bool(true)), value("node_agent", knownvalue.Bool(false)), value("csi_snapshots", knownvalue.Bool(false)),
		value("default_snapshot_move_data", knownvalue.Bool(true)),
		value("features", knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("EnableAPIGroupVersions")})),
		value("resources", knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"cpu_request": knownvalue.StringExact("1000m"), "memory_limit": knownvalue.StringExact("1Gi"), "memory_request": knownvalue.Null(),
		})),
		value("pod_labels", knownvalue.MapExact(map[string]knownvalue.Check{"team": knownvalue.StringExact("a")})),
	}
}

// privileged: the node agent needs a namespace that lets it in; and the question
// to the server is not left behind.
func privileged(cluster *attached.Cluster, name string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		namespace := cluster.Get(attached.Namespaces, "", name)
		if level := namespace.GetLabels()["pod-security.kubernetes.io/enforce"]; level != "privileged" {
			return fmt.Errorf("the namespace enforces %q", level)
		}
		if left := cluster.Count(attached.Requests, name); left != 0 {
			return fmt.Errorf("%d ServerStatusRequests are left", left)
		}
		return nil
	}
}

func noAgent(cluster *attached.Cluster, name string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if cluster.Get(attached.DaemonSets, name, "node-agent") != nil {
			return errors.New("the node agent is left")
		}
		return nil
	}
}

// removed: the installation is gone, and what another Velero needs is not.
func removed(cluster *attached.Cluster, name string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if cluster.Get(attached.Namespaces, "", name) != nil {
			return errors.New("the namespace is left")
		}
		if cluster.Get(attached.Locations, "velero", "default") == nil {
			return errors.New("the other Velero has lost its location")
		}
		return nil
	}
}

// TestAccDataProtection_adopt: a Velero of somebody else is used as it is.
func TestAccDataProtection_adopt(t *testing.T) {
	cluster := attached.New(t)
	before := spec(t, cluster)
	untouched := func(*terraform.State) error {
		if after := spec(t, cluster); after != before {
			return fmt.Errorf("the adopted Velero was changed:\n%s\n%s", before, after)
		}
		return nil
	}
	acctest.Test(t, resource.TestCase{
		CheckDestroy: untouched,
		Steps: []resource.TestStep{
			step("TestAccDataProtection_adopt", "adopt", "velero", resource.TestStep{
				Check: untouched,
				ConfigStateChecks: []statecheck.StateCheck{
					value("adopted", knownvalue.Bool(true)), value("ready", knownvalue.Bool(true)), value("server_version", knownvalue.NotNull()),
					value("running_image", knownvalue.StringExact("velero/velero:v1.18.3")),
				},
			}),
		},
	})
}

func spec(t *testing.T, cluster *attached.Cluster) string {
	t.Helper()
	live := cluster.Get(attached.Deployments, "velero", "velero")
	if live == nil {
		t.Fatal("the lab's Velero is not there")
	}
	content, _, _ := unstructured.NestedMap(live.Object, "spec")
	return fmt.Sprint(live.GetGeneration(), live.GetLabels(), content)
}

func TestAccDataProtection_identity(t *testing.T) {
	attached.Kubeconfig(t)
	s := func(more resource.TestStep) resource.TestStep {
		return step("TestAccDataProtection_adopt", "adopt", "velero", more)
	}
	acctest.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			s(resource.TestStep{ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectIdentity(address, map[string]knownvalue.Check{
				"cluster_id": knownvalue.StringExact("-"), "namespace": knownvalue.StringExact("velero"),
			})}}),
			s(resource.TestStep{
				ResourceName: address, ImportState: true, ImportStateVerify: true,
				ImportStateVerifyIgnore: []string{"velero_image", "node_agent", "on_destroy", "server_version", "plugins_loaded"},
			}),
		},
	})
}

func TestAccDataProtection_failures(t *testing.T) {
	attached.Kubeconfig(t)
	for name, c := range map[string]struct{ body, want string }{
		"not to be adopted": {`adopt = false`, `(?s)Unable to create data protection.*adopt\s+is\s+false`},
		"bad quantity":      {`resources = { cpu_request = "half" }`, `Invalid quantity`},
		"bad namespace":     {`namespace = "Velero"`, `Invalid name`},
		"unknown uploader":  {`uploader = "restic"`, `kopia`},
		"CSI as a feature":  {`features = ["EnableCSI"]`, `EnableCSI`},
	} {
		t.Run(name, func(t *testing.T) {
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
				Config: "resource \"vks_data_protection\" \"test\" {\n " + c.body + "\n}\n", ExpectError: regexp.MustCompile(c.want),
			}}})
		})
	}
}

// TestAccDataProtection_timeout: an image that nobody has is named, and so is
// what to raise; the installation stays in state and goes with it.
func TestAccDataProtection_timeout(t *testing.T) {
	cluster, name := attached.New(t), acctest.Name(t, "broken")
	acctest.Test(t, resource.TestCase{
		CheckDestroy: removed(cluster, name),
		Steps: []resource.TestStep{{
			Config: fmt.Sprintf("resource \"vks_data_protection\" \"test\" {\n namespace = %q\n velero_image = \"example.com/does-not-exist:1\"\n"+
				" on_destroy = \"remove\"\n timeouts = { create = \"30s\" }\n}\n", name),
			ExpectError: regexp.MustCompile(`(?s)Velero is not ready.*Deployment velero.*timeouts\.create`),
		}},
	})
}

// TestAccDataProtection_cluster installs Velero on a VKS cluster of its own, by
// its id, and removes all of it: the API that schedules need is gone then.
func TestAccDataProtection_cluster(t *testing.T) {
	variables := config.Variables{"name": config.StringVariable(acctest.Name(t, "whole"))}
	const base = `
variable "name" { type = string }

resource "vks_namespace" "test" {
  name             = var.name
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
}

resource "vks_cluster" "test" {
  name               = "prod"
  namespace          = vks_namespace.test.name
  kubernetes_version = "v1.33"
  vm_class           = "best-effort-small"
  storage_class      = "gold-policy"
  network            = { pods = ["192.168.0.0/16"], services = ["10.96.0.0/12"] }
  control_plane      = {}
  node_pools         = { workers = { replicas = 1 } }
}
`
	const installed = `
resource "vks_data_protection" "test" {
  cluster_id = vks_cluster.test.id
  on_destroy = "remove"
}
`
	const orphan = `
resource "vks_backup_schedule" "test" {
  cluster_id = vks_cluster.test.id
  name       = "orphan"
  rpo        = "4h"
}
`
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: base + installed, ConfigVariables: variables,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{plancheck.ExpectUnknownValue(address, tfjsonpath.New("cluster_id"))},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			ConfigStateChecks: []statecheck.StateCheck{value("ready", knownvalue.Bool(true)), value("adopted", knownvalue.Bool(false))},
		},
		{Config: base, ConfigVariables: variables},
		{Config: base + orphan, ConfigVariables: variables, ExpectError: regexp.MustCompile(`(?s)Unable to create backup schedule.*Velero's\s+API.*add\s+a\s+vks_data_protection`)},
	}})
}

package cluster_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
)

// imported are shapes of clusters that differ most: pools with overrides,
// everything of the newest class, zones and overrides of the legacy class.
var imported = []string{"02", "05", "08", "11"}

// makeCluster makes the cluster as its author did: with the manifest where there
// is one, else with what was made of it.
func makeCluster(t *testing.T, number, namespace string) {
	t.Helper()
	object := expectedCluster(t, number)
	if os.Getenv(manifestDir) != "" {
		object = writtenCluster(t, number)
	}
	object.SetNamespace(namespace)
	object.SetName("prod")
	_, err := clustersOf(t, object.GetAPIVersion(), namespace).Create(t.Context(), object, metav1.CreateOptions{FieldManager: "kubectl-create"})
	if err != nil {
		t.Fatal(err)
	}
}

// A cluster that others made is imported without a change into the configuration
// that says the same.
func TestAccCluster_manifestImport(t *testing.T) {
	acctest.OncePerProduct(t)
	acctest.Env(t)
	for _, number := range imported {
		t.Run(number, func(t *testing.T) {
			namespace := acctest.Name(t, "import-"+number)
			variables := config.Variables{"name": config.StringVariable(namespace), "wait_for": config.ListVariable(config.StringVariable("available"))}
			block := "\nimport {\n  to = vks_cluster.test\n  id = \"" + namespace + "/prod\"\n}\n"
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
				{Config: manifestFiles(t, number, "namespace.tf"), ConfigVariables: config.Variables{"name": variables["name"]}},
				{
					PreConfig:       func() { makeCluster(t, number, namespace) },
					Config:          manifestFiles(t, number, "namespace.tf", "main.tf") + block,
					ConfigVariables: variables,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop),
					}},
				},
			}})
		})
	}
}

// The configuration that the CLI writes for such a cluster plans no change.
func TestAccCluster_generatedConfiguration(t *testing.T) {
	acctest.OncePerProduct(t)
	for _, number := range imported {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			cli := acctest.NewCLI(t)
			namespace := acctest.Name(t, "generate-"+number)
			cli.Setenv("TF_VAR_name", namespace)
			write := func(name, text string) {
				if err := os.WriteFile(filepath.Join(cli.Dir(), name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write("provider.tf", "terraform {\n  required_providers {\n    vks = { source = \"vksops/vks\" }\n  }\n}\n")
			write("namespace.tf", manifestFiles(t, number, "namespace.tf"))
			t.Cleanup(func() { cli.Detached().MustRun(t, "destroy", "-auto-approve", "-no-color") })
			cli.MustRun(t, "apply", "-auto-approve", "-no-color")
			makeCluster(t, number, namespace)
			block := func(provider string) string {
				return "import {\n  to = vks_cluster.made\n  id = \"" + namespace + "/prod\"\n" + provider + "}\n"
			}
			// The CLI looks for hashicorp/vks without a provider, as long as there is no
			// configuration; with one, it refuses it.
			write("import.tf", block("  provider = vks\n"))
			plan, code := cli.Run(t, "plan", "-generate-config-out=made.tf", "-no-color")
			write("import.tf", block(""))
			if code != 0 || !strings.Contains(plan, "1 to import, 0 to add, 0 to change, 0 to destroy") {
				t.Fatalf("the import ends with %d, or changes something:\n%s", code, plan)
			}
			// So that the namespace outlives the cluster, as a user would write it.
			made, err := os.ReadFile(filepath.Join(cli.Dir(), "made.tf"))
			if err != nil {
				t.Fatal(err)
			}
			write("made.tf", strings.Replace(string(made), `"`+namespace+`"`, "vks_namespace.test.name", 1))
			cli.MustRun(t, "apply", "-auto-approve", "-no-color")
			if plan, code := cli.Run(t, "plan", "-detailed-exitcode", "-no-color"); code != 0 {
				t.Errorf("a plan after the import ends with %d:\n%s", code, plan)
			}
		})
	}
}

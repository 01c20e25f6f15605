package cluster_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
)

// A Supervisor that serves v1beta1 of the Cluster API only: the same
// configuration is made, waited for, upgraded and waited for.
func TestAccCluster_olderAPI(t *testing.T) {
	acctest.Once(t)
	acctest.Env(t)
	server := os.Getenv("LAB_SUPERVISOR_V1BETA1_SERVER")
	if server == "" {
		t.Skip("only the lab has a Supervisor of the older kind")
	}
	namespace := acctest.Name(t, "older")
	config := func(version string, pools string) string {
		return fmt.Sprintf("provider \"vks\" {\n  supervisor = { server = %q }\n}\n", server) +
			inNamespace(namespace, `kubernetes_version = "`+version+`"`, `node_pools = `+pools)
	}
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: config("v1.33", `{ a = { replicas = 1 } }`),
			ConfigStateChecks: []statecheck.StateCheck{
				known("phase", knownvalue.StringExact("Provisioned")),
				machines{t, namespace, "v1.33.6+vmware.1-fips", map[string]int{"": 1, "a": 1}},
			},
		},
		{
			Config: config("v1.34.1", `{ a = { replicas = 2 } }`), ConfigPlanChecks: inPlace(),
			ConfigStateChecks: []statecheck.StateCheck{machines{t, namespace, "v1.34.1+vmware.1", map[string]int{"": 1, "a": 2}}},
		},
	}})
}

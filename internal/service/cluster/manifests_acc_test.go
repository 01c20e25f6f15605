package cluster_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
)

// manifests are configurations that say what Clusters that people run say. Their
// numbers are those of the manifests that VKS_MANIFEST_DIR has. expected.yaml is
// what each makes of it, stored as v1beta2.
const manifests = "testdata/manifests"

const manifestDir = "VKS_MANIFEST_DIR"

// Each configuration gives the Cluster that it should, and a second plan is empty.
func TestAccCluster_manifests(t *testing.T) {
	acctest.OncePerProduct(t)
	acctest.Env(t)
	for _, number := range manifestNumbers(t) {
		t.Run(number, func(t *testing.T) {
			namespace := acctest.Name(t, "manifest-"+number)
			variables := config.Variables{"name": config.StringVariable(namespace)}
			files := manifestFiles(t, number, "namespace.tf", "main.tf")
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
				{Config: files, ConfigVariables: variables, Check: storedAs(t, number, namespace)},
				{Config: files, ConfigVariables: variables, PlanOnly: true},
			}})
		})
	}
}

// The same configurations on a Supervisor that serves Clusters as v1beta1 only.
func TestAccCluster_manifestsOldAPI(t *testing.T) {
	acctest.Once(t)
	acctest.Env(t)
	server := os.Getenv("LAB_SUPERVISOR_V1BETA1_SERVER")
	if server == "" {
		t.Skip("LAB_SUPERVISOR_V1BETA1_SERVER names no Supervisor that has only v1beta1")
	}
	provider := fmt.Sprintf("provider \"vks\" {\n  supervisor = { server = %q }\n}\n", server)
	for _, number := range []string{"08", "14", "19"} {
		t.Run(number, func(t *testing.T) {
			namespace := acctest.Name(t, "old-"+number)
			variables := config.Variables{"name": config.StringVariable(namespace)}
			files := provider + manifestFiles(t, number, "namespace.tf", "main.tf")
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
				{Config: files, ConfigVariables: variables, Check: storedAs(t, number, namespace)},
				{Config: files, ConfigVariables: variables, PlanOnly: true},
			}})
		})
	}
}

func manifestNumbers(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(manifests)
	if err != nil {
		t.Fatal(err)
	}
	numbers := make([]string, 0, len(entries))
	for _, e := range entries {
		numbers = append(numbers, e.Name())
	}
	return numbers
}

func manifestFiles(t *testing.T, number string, names ...string) string {
	t.Helper()
	var all strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(manifests, number, name))
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// storedAs compares the stored Cluster with all that it should be, and with the
// manifest that people wrote, in the API version of each.
func storedAs(t *testing.T, number, namespace string) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		expected := expectedCluster(t, number)
		live := storedCluster(t, expected.GetAPIVersion(), namespace)
		for _, part := range []string{"clusterNetwork", "topology", "availabilityGates"} {
			d := deviations{release: live.GetLabels()[releaseLabel], exactly: true}
			d.compare("spec."+part, field(expected, "spec", part), field(live, "spec", part))
			for _, found := range d.found {
				t.Error(found)
			}
		}
		t.Run("file", func(t *testing.T) {
			written := writtenCluster(t, number)
			live := storedCluster(t, written.GetAPIVersion(), namespace)
			d := deviations{release: live.GetLabels()[releaseLabel]}
			d.compare("spec", written.Object["spec"], live.Object["spec"])
			for _, part := range []string{"labels", "annotations"} {
				d.compare(part, field(written, "metadata", part), field(live, "metadata", part))
			}
			for _, found := range d.found {
				t.Error(found)
			}
		})
		return nil
	}
}

func field(object *unstructured.Unstructured, path ...string) any {
	value, _, _ := unstructured.NestedFieldNoCopy(object.Object, path...)
	return value
}

func storedCluster(t *testing.T, apiVersion, namespace string) *unstructured.Unstructured {
	t.Helper()
	live, err := clustersOf(t, apiVersion, namespace).Get(t.Context(), "prod", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return live
}

func expectedCluster(t *testing.T, number string) *unstructured.Unstructured {
	t.Helper()
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(manifestFiles(t, number, "expected.yaml")), &object.Object); err != nil {
		t.Fatal(err)
	}
	return object
}

// writtenCluster is the Cluster of the manifest, with our names for what is its
// author's own.
func writtenCluster(t *testing.T, number string) *unstructured.Unstructured {
	t.Helper()
	dir := os.Getenv(manifestDir)
	if dir == "" {
		t.Skip(manifestDir + " names no directory with the manifests: only what the configuration should give was compared")
	}
	files, err := filepath.Glob(filepath.Join(dir, number+"-*.yaml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%s has %d manifests of number %s, want one (%v)", dir, len(files), number, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for document := range strings.SplitSeq(string(text), "\n---") {
		object := map[string]any{}
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			t.Fatal(err)
		}
		if object["kind"] == "Cluster" {
			ours, _ := rename(object).(map[string]any)
			return &unstructured.Unstructured{Object: ours}
		}
	}
	t.Fatalf("no Cluster in %s", files[0])
	return nil
}

// authors are values that a manifest has from where it was written, and what the
// configurations have in their place.
var authors = []struct {
	theirs *regexp.Regexp
	ours   string
}{
	{regexp.MustCompile(`^(tanzu|nfs|<STORAGE_CLASS>|vsan-esa-default-policy-raid5|management-storage-policy-single-node)$`), "gold-policy"},
	{regexp.MustCompile(`^<OIDC_CLIENT_ID>$`), "console"},
	{regexp.MustCompile(`(?s)^---AUTHORIZED ACCESS ONLY---.*`), "Authorized use only."},
	{regexp.MustCompile(`(?s)^(apiVersion: apiserver\.config|LS0tCmFwaVZlcnNpb24).*`), "encrypt: everything\n"},
	{regexp.MustCompile(`(?s)^ssh-rsa .*`), "ssh-ed25519 AAAAC3test\n"},
	{regexp.MustCompile(`^.*-ssh-password-hashed$`), "prod-ssh-password-hashed"},
	{regexp.MustCompile(`^zone(\d)$`), "zone-$1"},
}

func rename(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			value[key] = rename(inner)
		}
	case []any:
		for i := range value {
			value[i] = rename(value[i])
		}
	case string:
		for _, a := range authors {
			if a.theirs.MatchString(value) {
				return a.theirs.ReplaceAllString(value, a.ours)
			}
		}
	}
	return value
}

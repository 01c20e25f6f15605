package namespace_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
)

// A namespace with VKS clusters is not destroyed, unless that is asked for.
func TestDestroyWithClusters(t *testing.T) {
	p, name := newPlatform(t), acctest.Name(t, "ns")
	admin := supervisorAdmin(t)
	body := func(force string) string {
		return `resource "vks_namespace" "test" {
		  name             = "` + name + `"
		  storage_policies = { "` + p.names[0] + `" = {} }
		  vm_classes       = ["` + p.classes[0] + `"]
		  force_destroy    = ` + force + `
		}
		output "storage_class" {
		  value = vks_namespace.test.storage_classes["` + p.names[0] + `"]
		}`
	}
	acctest.Test(t, resource.TestCase{
		CheckDestroy: p.gone(t, name),
		Steps: []resource.TestStep{
			{
				Config: body("false"),
				Check: func(s *terraform.State) error {
					storage, _ := s.RootModule().Outputs["storage_class"].Value.(string)
					_, err := admin.Namespace(name).Create(t.Context(), workload("prod", p.classes[0], storage), metav1.CreateOptions{})
					return err
				},
			},
			{Config: body("false"), Destroy: true, ExpectError: regexp.MustCompile(`(?s)VKS clusters are in it: prod.*force_destroy\s+=\s+true`)},
			{Config: body("true")},
		},
	})
}

// supervisorAdmin writes Clusters past the provider.
func supervisorAdmin(t *testing.T) dynamic.NamespaceableResourceInterface {
	t.Helper()
	file := os.Getenv("LAB_SUPERVISOR_KUBECONFIG")
	if file == "" {
		t.Skip("the test needs LAB_SUPERVISOR_KUBECONFIG to make a cluster")
	}
	config, err := clientcmd.BuildConfigFromFlags("", file)
	if err != nil {
		t.Fatal(err)
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client.Resource(schema.GroupVersionResource{Group: "cluster.x-k8s.io", Version: "v1beta2", Resource: "clusters"})
}

func workload(name, vmClass, storageClass string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster", "metadata": map[string]any{"name": name},
		"spec": map[string]any{
			"clusterNetwork": map[string]any{
				"pods":          map[string]any{"cidrBlocks": []any{"192.168.160.0/20"}},
				"services":      map[string]any{"cidrBlocks": []any{"10.96.0.0/12"}},
				"serviceDomain": "cluster.local",
			},
			"topology": map[string]any{
				"classRef":     map[string]any{"name": "builtin-generic-v3.6.0", "namespace": "vmware-system-vks-public"},
				"version":      "v1.33",
				"controlPlane": map[string]any{"replicas": int64(1)},
				"variables": []any{
					map[string]any{"name": "vmClass", "value": vmClass},
					map[string]any{"name": "storageClass", "value": storageClass},
				},
			},
		},
	}}
}

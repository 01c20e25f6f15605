package supervisor

import (
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// No clusters in a namespace is one thing, and a namespace of another Supervisor
// is another: an API server lists nothing in both.
func TestClustersOfANamespaceThatIsNotThere(t *testing.T) {
	t.Parallel()
	const group = "/apis/cluster.x-k8s.io/v1beta2"
	f := &fake{password: "secret", objects: map[string]string{
		group:                                 `{"kind":"APIResourceList","groupVersion":"cluster.x-k8s.io/v1beta2","resources":[{"name":"clusters","namespaced":true,"kind":"Cluster","verbs":["list"]}]}`,
		group + "/namespaces/team-a/clusters": `{"kind":"ClusterList","apiVersion":"cluster.x-k8s.io/v1beta2","metadata":{},"items":[]}`,
		group + "/namespaces/team-b/clusters": `{"kind":"ClusterList","apiVersion":"cluster.x-k8s.io/v1beta2","metadata":{},"items":[]}`,
	}}
	client, _ := start(t, f, nil)
	if names, err := client.Clusters(t.Context(), "team-a"); err != nil || len(names) != 0 {
		t.Errorf("team-a: %v, %v", names, err)
	}
	if names, err := client.Clusters(t.Context(), "team-b"); !fault.IsNotFound(err) {
		t.Errorf("team-b: %v, %v", names, err)
	}
}

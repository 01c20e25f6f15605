package supervisor

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Only what nobody else has a part in is deleted with a cluster that is gone.
func TestOnlyOurs(t *testing.T) {
	t.Parallel()
	entry := func(manager, subresource string, fields map[string]any) any {
		return map[string]any{"manager": manager, "operation": "Apply", "subresource": subresource, "fieldsV1": fields}
	}
	spec, status := map[string]any{"f:spec": map[string]any{"f:a": map[string]any{}}}, map[string]any{"f:status": map[string]any{}}
	ours := entry("terraform-provider-vks", "", spec)
	for name, c := range map[string]struct {
		managers []any
		owners   []any
		want     bool
	}{
		"ours":                 {managers: []any{ours}, want: true},
		"with a status":        {managers: []any{ours, entry("vks", "status", status)}, want: true},
		"somebody else's":      {managers: []any{entry("kubectl", "", spec)}},
		"somebody else's, too": {managers: []any{ours, entry("kubectl", "", spec)}},
		"of the platform's":    {managers: []any{ours}, owners: []any{map[string]any{"kind": "Cluster", "name": "prod", "uid": "1", "apiVersion": "v1"}}},
		"not told":             {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			metadata := map[string]any{"managedFields": c.managers}
			if c.owners != nil {
				metadata["ownerReferences"] = c.owners
			}
			if got := onlyOurs(&unstructured.Unstructured{Object: map[string]any{"metadata": metadata}}); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

// The names are what the platform finds the objects by.
func TestCNIOf(t *testing.T) {
	t.Parallel()
	for want, of := range map[string]CNIOf{
		"AntreaConfig team-a/prod-antrea-package": {Namespace: "team-a", Cluster: "prod", Name: "antrea"},
		"CalicoConfig team-a/prod-calico-package": {Namespace: "team-a", Cluster: "prod", Name: "calico"},
		"AddonConfig team-a/prod-cilium":          {Namespace: "team-a", Cluster: "prod", Name: "cilium", Addons: true},
	} {
		if got := of.ref().String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

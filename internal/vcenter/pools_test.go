package vcenter

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"
)

// Pools of VKS clusters lie in those of their namespaces, and may have the name
// of another namespace.
func TestPoolsOfNamespaces(t *testing.T) {
	t.Parallel()
	pool := func(id, name, parent, cluster string) managedObject {
		ref := func(id string) types.ManagedObjectReference {
			return types.ManagedObjectReference{Value: id}
		}
		return managedObject{ref: ref(id), properties: map[string]any{"name": name, "parent": ref(parent), "owner": ref(cluster)}}
	}
	got := poolsOf([]managedObject{
		pool("r-1", "Resources", "c-1", "c-1"), pool("n-1", "Namespaces", "r-1", "c-1"), pool("p-1", "team-a", "n-1", "c-1"),
		pool("r-2", "Resources", "c-2", "c-2"), pool("n-2", "Namespaces", "r-2", "c-2"), pool("p-2", "team-a", "n-2", "c-2"),
		pool("p-3", "prod", "n-2", "c-2"), pool("p-4", "prod", "p-1", "c-1"), pool("p-5", "prod", "r-1", "c-1"),
	})
	want := namespacePools{"team-a": {"c-1": {"p-1"}, "c-2": {"p-2"}}, "prod": {"c-2": {"p-3"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

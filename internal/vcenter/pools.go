package vcenter

import (
	"context"
	"slices"
)

// namespacesPool is the pool in each cluster that holds those of namespaces.
const namespacesPool = "Namespaces"

var poolProperties = []string{"name", "parent", "owner"}

// namespacePools are the pools of all namespaces, by namespace and by the
// managed object id of the compute cluster that they are in.
type namespacePools map[string]map[string][]string

// NamespacePools gives the managed object ids of a namespace's resource pools by
// compute cluster. All namespaces share one reading of the inventory, until this
// client changes something.
func (c *Client) NamespacePools(ctx context.Context, namespace string) (map[string][]string, error) {
	all, err := c.vim.pools.get(ctx, func(ctx context.Context) (namespacePools, error) {
		objects, err := c.inventory(ctx, "read resource pools", map[string][]string{"ResourcePool": poolProperties})
		return poolsOf(objects), err
	})
	return all[namespace], err
}

// ofNamespaces finds the pools of namespaces. Other pools may have the same
// names: VKS clusters get pools, too, inside those of their namespaces.
func ofNamespaces(pools []managedObject) []managedObject {
	holders := map[string]bool{}
	for _, o := range pools {
		if o.text("name") == namespacesPool {
			holders[o.ref.Value] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(pools), func(o managedObject) bool { return !holders[o.reference("parent")] })
}

func poolsOf(objects []managedObject) namespacePools {
	pools := namespacePools{}
	for _, o := range ofNamespaces(objects) {
		name, cluster := unescape(o.text("name")), o.reference("owner")
		if pools[name] == nil {
			pools[name] = map[string][]string{}
		}
		pools[name][cluster] = append(pools[name][cluster], o.ref.Value)
	}
	for _, byCluster := range pools {
		for _, ids := range byCluster {
			slices.Sort(ids)
		}
	}
	return pools
}

package vcenter

import (
	"context"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// sharesParent is the pool in each compute cluster that holds those of namespaces.
const sharesParent = "Namespaces"

// PoolShare is the share that a namespace has of one compute cluster: a
// resource pool. A namespace has one in each compute cluster that it spans, and
// vCenter splits the namespace's limits among them.
type PoolShare struct {
	// ID and Cluster are managed object ids: "resgroup-42", "domain-c9".
	ID, Cluster string
	// Namespace is the name of the pool.
	Namespace string
	// nil = no limit.
	CPULimitMHz, MemoryLimitMiB *int64
	// What the machines in it consume now, the containers' hosts among them; nil
	// = not known.
	CPUConsumedMHz, MemoryConsumedMiB *int64
}

var shareProperties = []string{
	"name", "parent", "owner", "config.cpuAllocation", "config.memoryAllocation", "summary.quickStats",
}

// PoolShares gives the pools of all namespaces that the account may see. It
// makes as many requests for a thousand as for one, and is read anew each time:
// limits are what an apply changes.
func (c *Client) PoolShares(ctx context.Context) ([]PoolShare, error) {
	objects, err := c.inventory(ctx, "read resource pools", map[string][]string{"ResourcePool": shareProperties})
	return sharesOf(objects), err
}

// sharesOf leaves out pools of other uses, those of VKS clusters inside of a
// namespace's among them, and pools whose limits the account may not read.
func sharesOf(objects []managedObject) []PoolShare {
	holders := map[string]bool{}
	for _, o := range objects {
		if o.text("name") == sharesParent {
			holders[o.ref.Value] = true
		}
	}
	var shares []PoolShare
	for _, o := range objects {
		cpu, knowCPU := o.properties["config.cpuAllocation"].(types.ResourceAllocationInfo)
		memory, knowMemory := o.properties["config.memoryAllocation"].(types.ResourceAllocationInfo)
		if !holders[o.reference("parent")] || !knowCPU || !knowMemory {
			continue
		}
		share := PoolShare{
			ID: o.ref.Value, Cluster: o.reference("owner"), Namespace: unescape(o.text("name")),
			CPULimitMHz: allocated(cpu), MemoryLimitMiB: allocated(memory),
		}
		if now, ok := o.properties["summary.quickStats"].(types.ResourcePoolQuickStats); ok {
			share.CPUConsumedMHz, share.MemoryConsumedMiB = &now.OverallCpuUsage, &now.HostMemoryUsage
		}
		shares = append(shares, share)
	}
	slices.SortFunc(shares, func(a, b PoolShare) int { return strings.Compare(a.Namespace+"\x00"+a.ID, b.Namespace+"\x00"+b.ID) })
	return shares
}

// allocated is the limit of a pool, where -1 stands for none.
func allocated(a types.ResourceAllocationInfo) *int64 {
	if a.Limit == nil || *a.Limit < 0 {
		return nil
	}
	return a.Limit
}

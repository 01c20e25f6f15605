package vcenter

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// consume shows in the quickStats of a namespace's pools what its machines take, in equal parts. The simulator has
// none, where vCenter always does. The machines of the lab's clusters are none of the simulator's: what stands for
// them is the usage that the other side reports.
func (v *VCenter) consume(name string, s statsInfo) {
	v.mu.Lock()
	var refs []types.ManagedObjectReference
	if r := v.namespaces[name]; r != nil {
		for _, ref := range r.pools {
			refs = append(refs, ref)
		}
	}
	v.mu.Unlock()
	for _, ref := range refs {
		parts := int64(len(refs))
		v.setQuickStats(ref, types.ResourcePoolQuickStats{OverallCpuUsage: s.CPUUsed / parts, HostMemoryUsage: s.MemoryUsed / parts})
	}
}

// setQuickStats gives a pool a summary of its own: the simulator's pools share one.
func (v *VCenter) setQuickStats(ref types.ManagedObjectReference, stats types.ResourcePoolQuickStats) {
	pool, ok := v.registry().Get(ref).(*simulator.ResourcePool)
	if !ok {
		return
	}
	v.registry().WithLock(v.model.Service.Context, pool, func() {
		own := *pool.Summary.GetResourcePoolSummary()
		own.Name, own.QuickStats = pool.Name, &stats
		pool.Summary = &own
	})
}

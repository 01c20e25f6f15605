package vcenter

import (
	"fmt"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// namespacesName is that of the pool below each cluster's root, and of the VM folder, which hold those of namespaces.
const namespacesName = "Namespaces"

// poolPlan is what one compute cluster's pool of a namespace should be.
type poolPlan struct {
	cluster cluster
	spec    types.ResourceConfigSpec
}

// plan splits limits: those of a zone over its clusters, and where a zone has none, those of the namespace over all
// its pools, as vSphere does. The caller holds v.mu.
func (r *record) plan() []poolPlan {
	pools := 0
	for _, z := range r.zones {
		pools += len(z.clusters)
	}
	var plans []poolPlan
	for _, z := range r.zones {
		for _, c := range z.clusters {
			plans = append(plans, poolPlan{cluster: c, spec: types.ResourceConfigSpec{
				CpuAllocation:    allocation(share(z.spec.CPULimitMHz, len(z.clusters), r.spec.quota.get("cpu_limit"), pools), share(z.spec.CPUReservationMHz, len(z.clusters), nil, 0)),
				MemoryAllocation: allocation(share(z.spec.MemoryLimitMiB, len(z.clusters), r.spec.quota.get("memory_limit"), pools), share(z.spec.MemoryReservationMiB, len(z.clusters), nil, 0)),
			}})
		}
	}
	return plans
}

func share(own *int64, clusters int, all *int64, pools int) *int64 {
	switch {
	case own != nil:
		return types.NewInt64(*own / int64(clusters))
	case all != nil:
		return types.NewInt64(*all / int64(pools))
	}
	return nil
}

func allocation(limit, reservation *int64) types.ResourceAllocationInfo {
	a := types.ResourceAllocationInfo{
		Limit: types.NewInt64(-1), Reservation: types.NewInt64(0), ExpandableReservation: types.NewBool(true),
		Shares: &types.SharesInfo{Level: types.SharesLevelNormal, Shares: 4000},
	}
	if limit != nil {
		a.Limit = limit
	}
	if reservation != nil {
		a.Reservation = reservation
	}
	return a
}

// realisePools makes the resource pools and the VM folder of a namespace what its spec says.
func (v *VCenter) realisePools(r *record) error {
	v.pools.Lock()
	defer v.pools.Unlock()
	v.mu.Lock()
	plans := r.plan()
	have := map[string]types.ManagedObjectReference{}
	for k, ref := range r.pools {
		have[k] = ref
	}
	folder := r.folder
	v.mu.Unlock()

	pools := map[string]types.ManagedObjectReference{}
	for _, p := range plans {
		ref, ok := have[p.cluster.ref.Value]
		delete(have, p.cluster.ref.Value)
		var err error
		if ok {
			err = object.NewResourcePool(v.vim, ref).UpdateConfig(v.ctx, "", &p.spec)
		} else {
			ref, err = v.createPool(p, r.name)
			v.setQuickStats(ref, types.ResourcePoolQuickStats{})
		}
		if err != nil {
			return fmt.Errorf("resource pool in %s: %w", p.cluster.name, err)
		}
		pools[p.cluster.ref.Value] = ref
	}
	for _, ref := range have {
		if err := v.destroy(ref); err != nil {
			return err
		}
	}
	if folder == nil {
		made, err := v.createFolder(r.name)
		if err != nil {
			return fmt.Errorf("VM folder: %w", err)
		}
		folder = &made
	}
	v.mu.Lock()
	r.pools, r.folder = pools, folder
	v.mu.Unlock()
	return nil
}

func (v *VCenter) createPool(p poolPlan, name string) (types.ManagedObjectReference, error) {
	parent, err := v.childPool(p.cluster.root, namespacesName, types.DefaultResourceConfigSpec())
	if err != nil {
		return parent, err
	}
	return v.childPool(parent, name, p.spec)
}

// childPool finds or creates a pool by name.
func (v *VCenter) childPool(parent types.ManagedObjectReference, name string, spec types.ResourceConfigSpec) (types.ManagedObjectReference, error) {
	r := v.registry()
	if pool, ok := r.Get(parent).(*simulator.ResourcePool); ok {
		var found *types.ManagedObjectReference
		r.WithLock(v.model.Service.Context, pool, func() {
			if e := r.FindByName(name, pool.ResourcePool.ResourcePool); e != nil {
				ref := e.Reference()
				found = &ref
			}
		})
		if found != nil {
			return *found, nil
		}
	}
	pool, err := object.NewResourcePool(v.vim, parent).Create(v.ctx, name, spec)
	if err != nil {
		return types.ManagedObjectReference{}, err
	}
	return pool.Reference(), nil
}

func (v *VCenter) createFolder(name string) (types.ManagedObjectReference, error) {
	parent, err := v.childFolder(v.inv.vmFolder, namespacesName)
	if err != nil {
		return parent, err
	}
	return v.childFolder(parent, name)
}

func (v *VCenter) childFolder(parent types.ManagedObjectReference, name string) (types.ManagedObjectReference, error) {
	r := v.registry()
	if f, ok := r.Get(parent).(*simulator.Folder); ok {
		var found *types.ManagedObjectReference
		r.WithLock(v.model.Service.Context, f, func() {
			if e := r.FindByName(name, f.ChildEntity); e != nil {
				ref := e.Reference()
				found = &ref
			}
		})
		if found != nil {
			return *found, nil
		}
	}
	folder, err := object.NewFolder(v.vim, parent).CreateFolder(v.ctx, name)
	if err != nil {
		return types.ManagedObjectReference{}, err
	}
	return folder.Reference(), nil
}

func (v *VCenter) removePools(r *record) error {
	v.pools.Lock()
	defer v.pools.Unlock()
	v.mu.Lock()
	var refs []types.ManagedObjectReference
	for _, ref := range r.pools {
		refs = append(refs, ref)
	}
	if r.folder != nil {
		refs = append(refs, *r.folder)
	}
	v.mu.Unlock()
	for _, ref := range refs {
		if err := v.destroy(ref); err != nil {
			return err
		}
	}
	return nil
}

func (v *VCenter) destroy(ref types.ManagedObjectReference) error {
	task, err := object.NewCommon(v.vim, ref).Destroy(v.ctx)
	if err != nil {
		return fmt.Errorf("destroy %s: %w", ref.Value, err)
	}
	if err := task.Wait(v.ctx); err != nil {
		return fmt.Errorf("destroy %s: %w", ref.Value, err)
	}
	return nil
}

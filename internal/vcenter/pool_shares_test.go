package vcenter

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
)

// The number of requests is the same for every size; -1 is no limit, 0 is one.
//
//nolint:paralleltest // simulators that are built at the same time race
func TestPoolShares(t *testing.T) {
	counts := map[int]int64{}
	for _, size := range []int{1, 30} {
		c, count, model := newSimulated(t, func(m *simulator.Model) { m.Cluster, m.Machine = 2, 0 }, "secret")
		client, err := vim25.NewClient(t.Context(), model.Service)
		if err != nil {
			t.Fatal(err)
		}
		roots, err := find.NewFinder(client).ResourcePoolList(t.Context(), "/DC0/host/DC0_C*/Resources")
		if err != nil || len(roots) != 2 {
			t.Fatal(roots, err)
		}
		spec := func(cpu, memory int64) types.ResourceConfigSpec {
			s := types.DefaultResourceConfigSpec()
			s.CpuAllocation.Limit, s.MemoryAllocation.Limit = &cpu, &memory
			return s
		}
		made := func(parent *object.ResourcePool, name string, spec types.ResourceConfigSpec) *object.ResourcePool {
			pool, err := parent.Create(t.Context(), name, spec)
			if err != nil {
				t.Fatal(err)
			}
			return pool
		}
		for _, root := range roots {
			parent := made(root, sharesParent, spec(-1, -1))
			for n := range size {
				inside := made(parent, "team-"+string(rune('A'+n)), spec(1000, -1))
				made(inside, "team-B", spec(7, 7)) // of a cluster in the namespace
			}
			made(root, "team-A", spec(9, 9)) // somebody's own
		}
		before := count.requests.Load()
		shares, err := c.PoolShares(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		counts[size] = count.requests.Load() - before
		if len(shares) != 2*size {
			t.Fatalf("%d pools: %+v", len(shares), shares)
		}
		limit := int64(1000)
		for _, s := range shares[:2] {
			want := PoolShare{ID: s.ID, Cluster: s.Cluster, Namespace: "team-A", CPULimitMHz: &limit}
			if diff := cmp.Diff(want, s); diff != "" || s.ID == "" || s.Cluster == "" {
				t.Error(diff, s)
			}
		}
		if shares[0].Cluster == shares[1].Cluster {
			t.Error("two pools in one cluster")
		}
	}
	if counts[1] != counts[30] {
		t.Errorf("requests by number of namespaces: %v", counts)
	}
}

func TestSharesOf(t *testing.T) {
	t.Parallel()
	pool := func(id, name, parent string, more map[string]any) managedObject {
		o := managedObject{ref: types.ManagedObjectReference{Type: "ResourcePool", Value: id}, properties: map[string]any{
			"name": name, "parent": types.ManagedObjectReference{Value: parent},
		}}
		for key, value := range more {
			o.properties[key] = value
		}
		return o
	}
	none, some := int64(0), int64(500)
	limits := map[string]any{
		"config.cpuAllocation":    types.ResourceAllocationInfo{Limit: &none},
		"config.memoryAllocation": types.ResourceAllocationInfo{},
		"summary.quickStats":      types.ResourcePoolQuickStats{OverallCpuUsage: 300, HostMemoryUsage: 500},
	}
	got := sharesOf([]managedObject{
		pool("resgroup-1", sharesParent, "resgroup-0", limits), pool("resgroup-2", "a%2fb", "resgroup-1", limits),
		pool("resgroup-3", "hidden", "resgroup-1", nil),
	})
	used := int64(300)
	want := []PoolShare{{ID: "resgroup-2", Namespace: "a/b", CPULimitMHz: &none, CPUConsumedMHz: &used, MemoryConsumedMiB: &some}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

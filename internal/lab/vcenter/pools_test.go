package vcenter

import (
	"context"
	"fmt"
	"testing"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// pool reads limits and reservations of a namespace's pool: CPU limit, CPU reservation, memory limit and reservation.
func (l *lab) pool(moid string) string {
	l.t.Helper()
	p, ok := l.registry().Get(types.ManagedObjectReference{Type: "ResourcePool", Value: moid}).(*simulator.ResourcePool)
	if !ok {
		return "gone"
	}
	var out string
	l.registry().WithLock(l.model.Service.Context, p, func() {
		c, m := p.Config.CpuAllocation, p.Config.MemoryAllocation
		out = fmt.Sprint(*c.Limit, *c.Reservation, *m.Limit, *m.Reservation)
	})
	return out
}

func (l *lab) zonePools(name string) map[string]string {
	l.t.Helper()
	ns, _, _ := l.Namespace(name)
	out := map[string]string{}
	for _, z := range ns.Zones {
		for i, moid := range z.PoolMoIDs {
			out[fmt.Sprintf("%s/%d", z.Name, i)] = l.pool(moid)
		}
	}
	return out
}

func TestPools(t *testing.T) {
	t.Parallel()
	// Three zones, the first of them with two clusters.
	l := start(t, Options{Clusters: 4, HostsPerCluster: 1})
	l.create("team-a", `,"resource_spec":{"cpu_limit":4000,"memory_limit":800}`)
	check := func(want map[string]string) {
		t.Helper()
		if got := l.zonePools("team-a"); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("pools %v, want %v", got, want)
		}
	}
	check(map[string]string{"zone-1/0": "1000 0 200 0", "zone-1/1": "1000 0 200 0", "zone-2/0": "1000 0 200 0", "zone-3/0": "1000 0 200 0"})

	before, _, _ := l.Namespace("team-a")
	l.want("PATCH", instances+"/team-a", `{"resource_spec":{"cpu_limit_unset":true},"zones":[{"name":"zone-1","cpu_limit_mhz":500,"memory_reservation_mib":50}]}`, 204, "")
	l.waitStatus("team-a", running)
	check(map[string]string{"zone-1/0": "250 0 200 25", "zone-1/1": "250 0 200 25", "zone-2/0": "-1 0 200 0", "zone-3/0": "-1 0 200 0"})
	after, _, _ := l.Namespace("team-a")
	if before.Zones[0].PoolMoID != after.Zones[0].PoolMoID {
		t.Error("an update made another pool")
	}

	l.want("DELETE", instances+"/team-a/zones/zone-3", "", 204, "")
	l.eventually("zone-3 is drained", func() bool { return len(l.info("team-a").Zones) == 2 && len(l.zonePools("team-a")) == 3 })
	l.eventually("its pool is gone", func() bool { return l.pool(after.Zones[2].PoolMoID) == "gone" })
	l.waitStatus("team-a", running)

	l.want("DELETE", instances+"/team-a", "", 204, "")
	l.waitGone()
	for _, z := range after.Zones {
		for _, moid := range z.PoolMoIDs {
			if got := l.pool(moid); got != "gone" {
				t.Errorf("pool %s of %s is still there", moid, z.Name)
			}
		}
	}
	if l.registry().Get(types.ManagedObjectReference{Type: "Folder", Value: after.Zones[0].FolderMoID}) != nil {
		t.Error("the folder is still there")
	}
}

// usageOf reports the same usage for every namespace.
type usageOf struct {
	noHooks
	stats Stats
}

func (u usageOf) Usage(context.Context, string) (Stats, error) { return u.stats, nil }

// What machines consume is in the quickStats of the pools, in equal parts.
func TestConsumption(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Clusters: 2, HostsPerCluster: 1, Hooks: usageOf{stats: Stats{CPUUsedMHz: 3000, MemoryUsedMiB: 800}}})
	l.create("team-a", "")
	l.eventually("the pools show it", func() bool {
		l.want("GET", instances+"/team-a", "", 200, "")
		ns, _, _ := l.Namespace("team-a")
		for _, z := range ns.Zones {
			pool, ok := l.registry().Get(types.ManagedObjectReference{Type: "ResourcePool", Value: z.PoolMoID}).(*simulator.ResourcePool)
			if !ok {
				return false
			}
			var shown types.ResourcePoolQuickStats
			l.registry().WithLock(l.model.Service.Context, pool, func() { shown = *pool.Summary.GetResourcePoolSummary().QuickStats })
			if shown.OverallCpuUsage != 1500 || shown.HostMemoryUsage != 400 {
				return false
			}
		}
		return true
	})
}

func TestRemoveZone(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Clusters: 2, HostsPerCluster: 1})
	l.create("team-a", `,"zones":[{"name":"zone-1"}]`)
	path := instances + "/team-a/zones/"
	l.want("DELETE", path+"zone-2", "", 404, "NOT_FOUND")
	l.want("DELETE", path+"zone-1", "", 400, "INVALID_ARGUMENT")
	l.want("DELETE", instances+"/team-x/zones/zone-1", "", 404, "NOT_FOUND")
	// PATCH adds the zone that it lists and keeps the other.
	l.want("PATCH", instances+"/team-a", `{"zones":[{"name":"zone-2"}]}`, 204, "")
	l.waitStatus("team-a", running)
	if got := l.info("team-a").Zones; len(got) != 2 {
		t.Fatalf("zones %+v", got)
	}
	// With a long drain the mark can be seen, and the zone cannot come back meanwhile.
	l.mu.Lock()
	l.namespaces["team-a"].zones[1].removing = true
	l.mu.Unlock()
	if got := l.info("team-a").Zones[1]; !got.MarkedForRemoval || got.Type != "MANAGEMENT" {
		t.Errorf("zone %+v", got)
	}
	l.want("PATCH", instances+"/team-a", `{"zones":[{"name":"zone-2"}]}`, 400, "NOT_ALLOWED_IN_CURRENT_STATE")
	l.want("DELETE", path+"zone-2", "", 204, "")
}

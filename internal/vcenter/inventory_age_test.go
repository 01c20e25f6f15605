package vcenter

import (
	"testing"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	clocktesting "k8s.io/utils/clock/testing"
)

// What is read of hosts and VMs is shared for a moment, and read anew after it.
//
//nolint:paralleltest // simulators that are built at the same time race
func TestInventoryAges(t *testing.T) {
	c, count, model := newSimulated(t, func(*simulator.Model) {}, "secret")
	clock := clocktesting.NewFakePassiveClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	c.refreshed.hosts.clock, c.refreshed.machines.clock = clock, clock
	used := func() int64 {
		t.Helper()
		clusters, err := c.ComputeClusters(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.PoweredOnVMs(t.Context()); err != nil {
			t.Fatal(err)
		}
		return clusters[0].Hosts[0].CPUUsedMHz
	}
	load := func(mhz int32) {
		hosts(t, model, func(_ int, h *mo.HostSystem) { h.Summary.QuickStats.OverallCpuUsage = mhz })
	}
	load(1000)
	used()
	load(2000)

	clock.SetTime(clock.Now().Add(inventoryLifetime - 1))
	before := count.requests.Load()
	if got := used(); got != 1000 || count.requests.Load() != before {
		t.Errorf("a young reading was not shared: %d MHz after %d more requests", got, count.requests.Load()-before)
	}
	clock.SetTime(clock.Now().Add(1))
	if got := used(); got != 2000 {
		t.Errorf("an old reading was shared: %d MHz", got)
	}
	// A reading each, of hosts and of VMs: a view, its content and its end.
	if n := count.requests.Load() - before; n != 6 {
		t.Errorf("reading both anew made %d requests", n)
	}
	before = count.requests.Load()
	if used(); count.requests.Load() != before {
		t.Error("the new reading is not shared")
	}
}

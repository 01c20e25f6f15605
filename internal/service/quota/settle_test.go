package quota

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// of runs for the namespace a.
func of(t *testing.T, c *center, k *kubernetes) namespaceModel {
	t.Helper()
	m := newModel()
	m.Namespace = types.StringValue("a")
	if to := m.run(t, c, k); to.HasError() {
		t.Fatal(*to)
	}
	return m.Namespaces["a"]
}

// Machines of a class that the namespace no longer has are sized as vCenter says.
func TestClassOfVCenter(t *testing.T) {
	t.Parallel()
	c, k := sample()
	want := of(t, c, k)
	if c.classLists.Load() != 0 {
		t.Errorf("classes that the namespace has took %d lists", c.classLists.Load())
	}
	c, k = sample()
	delete(k.usage.Namespaces["a"].Classes, "large")
	c.classes = []vcenter.VMClass{
		{Name: "large", CPUs: 4, MemoryMiB: 16384, CPUReservationPercent: 100, MemoryReservationPercent: 100},
		{Name: "small", CPUs: 99},
	}
	if diff := cmp.Diff(want, of(t, c, k), embedded); diff != "" || c.classLists.Load() != 1 {
		t.Errorf("%d lists: %s", c.classLists.Load(), diff)
	}
}

// Where nothing knows a class, the sums that its machines are in are not known.
func TestUnknownClass(t *testing.T) {
	t.Parallel()
	c, k := sample()
	in := k.usage.Namespaces["a"]
	delete(in.Classes, "large")
	in.Clusters = append(in.Clusters, supervisor.ClusterUsage{Name: "dev"})
	c.namespaces["a"].StoragePolicies = nil
	in.Storage[0].LimitMiB = nil
	got := of(t, c, k)
	reasons := strings.Join(got.Reasons, "\n")
	for _, want := range []string{
		`what 2 machines are sized for: the namespace has no VM class "large"`,
		`what the machines are sized for that the autoscaler of prod/np may add: the namespace has no VM class "large"`,
		"no privilege for classes",
	} {
		if !strings.Contains(reasons, want) {
			t.Errorf("%q is not in %q", want, reasons)
		}
	}
	zone := got.Zones["zone-a"]
	for what, n := range map[string]*int64{
		"cpu": got.CPU.Allocated, "memory": got.Memory.Allocated, "cpu reserved": got.CPU.Reserved, "memory max": got.Memory.Max,
		"percent": got.Memory.AllocatedPercent, "zone": zone.Memory.Allocated, "cluster": got.Clusters["prod"].VCPUs, "cluster memory": got.Clusters["prod"].MemoryMiB,
	} {
		if n != nil {
			t.Errorf("%s is %d", what, *n)
		}
	}
	if got.Blocked != nil || got.Clusters["prod"].WorkerNodes != 3 || *got.Clusters["dev"].VCPUs != 0 || got.Memory.Used == nil || got.Storage.Allocated == nil {
		t.Errorf("got %+v", got)
	}
}

// A pool that scales from zero has no machine that shows what class is missing.
func TestUnknownClassFromZero(t *testing.T) {
	t.Parallel()
	c, k := sample()
	c.namespaces["a"].StoragePolicies, k.usage.Namespaces["a"].Storage = nil, nil
	k.usage.Namespaces["a"].Clusters[0].Pools[0] = supervisor.NodeGroup{Name: "np", VMClass: "none", Max: ptr(2)}
	got := of(t, c, k)
	if got.Blocked != nil || got.Memory.Max != nil || *got.Memory.Allocated != 8192 || !strings.Contains(strings.Join(got.Reasons, "\n"), `"none"`) {
		t.Errorf("blocked %v, memory %+v, reasons %v", got.Blocked, got.Memory, got.Reasons)
	}
}

// Without the speed of cores a limit on CPU may stop the autoscaler.
func TestHeadroomWithoutHosts(t *testing.T) {
	t.Parallel()
	for _, limited := range []bool{true, false} {
		c, k := sample()
		c.noHosts = true
		c.namespaces["a"].StoragePolicies, k.usage.Namespaces["a"].Storage = nil, nil
		delete(c.namespaces["a"].Limits, vcenter.MemoryLimit)
		if !limited {
			delete(c.namespaces["a"].Limits, vcenter.CPULimit)
		}
		got := of(t, c, k)
		if (got.Blocked == nil) != limited || got.Blocked != nil && *got.Blocked {
			t.Errorf("limited %t: blocked %v, reasons %v", limited, got.Blocked, got.Reasons)
		}
	}
}

// A machine without a zone is in the only one; of several, none is guessed.
func TestZoneOfAMachine(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		zones []vcenter.NamespaceZone
		want  *int64
		said  bool
	}{
		"one": {zones: []vcenter.NamespaceZone{{Name: "zone-a"}}, want: ptr(28000)},
		"two": {zones: []vcenter.NamespaceZone{{Name: "zone-a"}, {Name: "zone-b"}}, said: true},
	} {
		c, k := sample()
		eachMachine(k.usage.Namespaces["a"], func(m *supervisor.Node) { m.Zone = "" })
		c.namespaces["a"].Zones = tc.zones
		c.shares = nil
		got := of(t, c, k)
		if diff := cmp.Diff(tc.want, got.Zones["zone-a"].CPU.Allocated); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if strings.Contains(strings.Join(got.Reasons, "\n"), "in which zone 5 of them") != tc.said || *got.CPU.Allocated != 28000 {
			t.Errorf("%s: reasons %v", name, got.Reasons)
		}
	}
}

// Limits of all zones are the namespace's limit, however it is asked for.
func TestLimitsOfZones(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		own  *int64
		zone supervisor.ZoneUsage // of zone-b
		want *int64
	}{
		"all":                {zone: supervisor.ZoneUsage{CPULimitMHz: ptr(20001)}, want: ptr(40001)},
		"one without":        {},
		"a limit of its own": {own: ptr(7000), zone: supervisor.ZoneUsage{CPULimitMHz: ptr(20001)}, want: ptr(7000)},
	} {
		c, k := sample()
		n, in := c.namespaces["a"], k.usage.Namespaces["a"]
		n.Limits = vcenter.Limits{}
		if tc.own != nil {
			n.Limits[vcenter.CPULimit] = *tc.own
		}
		in.Zones["zone-b"] = tc.zone
		// vSphere rounds each pool of zone-b down.
		parts := []*int64{ptr(20000), ptr(10000), ptr(10000)}
		switch {
		case tc.own != nil:
			parts = []*int64{ptr(3000), ptr(2000), ptr(2000)}
		case tc.want == nil:
			parts[1], parts[2] = nil, nil
		}
		c.shares, in.Pools = nil, nil
		for i, part := range parts {
			c.shares = append(c.shares, vcenter.PoolShare{ID: "p", Cluster: []string{"domain-c1", "domain-c2", "domain-c3"}[i], Namespace: "a", CPULimitMHz: part})
		}
		if diff := cmp.Diff(tc.want, of(t, c, k).CPU.Limit); diff != "" {
			t.Errorf("%s, named: %s", name, diff)
		}
		m := newModel()
		if to := m.run(t, c, k); to.HasError() {
			t.Fatal(*to)
		}
		if diff := cmp.Diff(tc.want, m.Namespaces["a"].CPU.Limit); diff != "" {
			t.Errorf("%s, listed: %s", name, diff)
		}
	}
}

// Limits that could not be read are no limits to promise room within.
func TestHeadroomWithoutLimits(t *testing.T) {
	t.Parallel()
	c, k := sample()
	c.noPools, c.refused = true, "a"
	k.usage.Namespaces["a"].Storage = nil
	m := newModel()
	if to := m.run(t, c, k); to.HasError() {
		t.Fatal(*to)
	}
	if got := m.Namespaces["a"]; got.Blocked != nil || got.Clusters == nil {
		t.Errorf("status %s, blocked %v, reasons %v", got.Status, got.Blocked, got.Reasons)
	}
}

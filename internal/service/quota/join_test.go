package quota

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// center is a vCenter in memory, with two Supervisors.
type center struct {
	namespaces  map[string]*vcenter.Namespace
	gets, lists atomic.Int64
	noPolicies  bool
	noHosts     bool
	shares      []vcenter.PoolShare
	noPools     bool
	// several Supervisors, and none is named.
	several bool
	// noTopology: zones may not be read.
	noTopology bool
	// classes are those of all, asked for so many times.
	classes    []vcenter.VMClass
	classLists atomic.Int64
	// refused is a namespace that the account may not read.
	refused string
}

func (c *center) PoolShares(context.Context) ([]vcenter.PoolShare, error) {
	if c.noPools {
		return nil, errors.New("no privilege for pools")
	}
	return c.shares, nil
}

func (c *center) ResolveSupervisor(context.Context, string) (vcenter.Supervisor, error) {
	if c.several {
		return vcenter.Supervisor{}, &fault.Error{Kind: fault.Invalid, Op: "find Supervisor", Message: "several", Advice: "Name one of them."}
	}
	return vcenter.Supervisor{ID: "sv-1", Name: "supervisor"}, nil
}

func (c *center) Topology(context.Context, vcenter.Supervisor) ([]vcenter.SupervisorZone, error) {
	if c.noTopology {
		return nil, errors.New("no privilege for zones")
	}
	return []vcenter.SupervisorZone{{Name: "zone-a", Clusters: []string{"domain-c1"}}}, nil
}

func (c *center) Namespaces(context.Context) ([]vcenter.NamespaceSummary, error) {
	c.lists.Add(1)
	list := []vcenter.NamespaceSummary{{Name: "going", Supervisor: "sv-1"}} // it has no pool any more
	for name, n := range c.namespaces {
		list = append(list, vcenter.NamespaceSummary{Name: name, Supervisor: n.Supervisor, Stats: n.Stats})
	}
	return list, nil
}

func (c *center) SharedNamespace(_ context.Context, name string) (*vcenter.Namespace, error) {
	c.gets.Add(1)
	if name == c.refused {
		return nil, &fault.Error{Kind: fault.Forbidden, Op: "read namespace " + name, Message: "no privilege"}
	}
	if n := c.namespaces[name]; n != nil {
		return n, nil
	}
	return nil, &fault.Error{Kind: fault.NotFound, Op: "read namespace " + name}
}

func (c *center) StoragePolicies(context.Context) ([]vcenter.StoragePolicy, error) {
	if c.noPolicies {
		return nil, errors.New("no privilege for policies")
	}
	return []vcenter.StoragePolicy{{ID: "p-1", Name: "Gold Policy"}}, nil
}

func (c *center) VMClasses(context.Context) ([]vcenter.VMClass, error) {
	c.classLists.Add(1)
	if c.classes == nil {
		return nil, errors.New("no privilege for classes")
	}
	return c.classes, nil
}

func (c *center) ComputeClusters(context.Context) ([]vcenter.ComputeCluster, error) {
	if c.noHosts {
		return nil, errors.New("no privilege for hosts")
	}
	return []vcenter.ComputeCluster{
		{ID: "domain-c1", Hosts: []vcenter.Host{{CPUMHz: 3000}, {CPUMHz: 2000}}}, {ID: "domain-c9", Hosts: []vcenter.Host{{CPUMHz: 1000}}},
	}, nil
}

type kubernetes struct {
	usage *supervisor.Usage
	err   error
	asked []string
}

func (k *kubernetes) Usage(_ context.Context, namespaces []string) (*supervisor.Usage, error) {
	k.asked = namespaces
	return k.usage, k.err
}

var embedded = cmp.AllowUnexported(machineModel{})

func ptr(n int64) *int64 { return &n }

func sample() (*center, *kubernetes) {
	c := &center{namespaces: map[string]*vcenter.Namespace{
		"a": {
			Name: "a", Supervisor: "sv-1", Stats: vcenter.NamespaceStats{CPUUsed: 4000, MemoryUsed: 8192, StorageUsed: 51200},
			Limits:          vcenter.Limits{vcenter.CPULimit: 40000, vcenter.MemoryLimit: 65536, vcenter.PodCount: 10, vcenter.SecretCount: 5},
			StoragePolicies: []vcenter.StorageSpec{{Policy: "p-1", Limit: ptr(102400)}, {Policy: "p-2"}},
			Zones:           []vcenter.NamespaceZone{{Name: "zone-a"}, {Name: "zone-b"}},
		},
		"b":       {Name: "b", Supervisor: "sv-1"},
		"foreign": {Name: "foreign", Supervisor: "sv-2"},
	}, shares: []vcenter.PoolShare{
		{
			ID: "resgroup-1", Cluster: "domain-c1", Namespace: "a", CPULimitMHz: ptr(15000), MemoryLimitMiB: ptr(32768),
			CPUConsumedMHz: ptr(3000), MemoryConsumedMiB: ptr(6000),
		},
		{
			ID: "resgroup-2", Cluster: "domain-c2", Namespace: "a", CPULimitMHz: ptr(25000), MemoryLimitMiB: ptr(32768),
			CPUConsumedMHz: ptr(1500), MemoryConsumedMiB: ptr(500),
		},
		{ID: "resgroup-3", Cluster: "domain-c1", Namespace: "b"},
		{ID: "resgroup-4", Cluster: "domain-c2", Namespace: "b", CPULimitMHz: ptr(7)},
	}}
	node := func(name, class, zone string) supervisor.Node {
		return supervisor.Node{Name: name, VMClass: class, Zone: zone}
	}
	k := &kubernetes{usage: &supervisor.Usage{Machines: true, Limits: true, Namespaces: map[string]*supervisor.NamespaceUsage{
		"a": {
			Clusters: []supervisor.ClusterUsage{{
				Name:         "prod",
				ControlPlane: supervisor.NodeGroup{VMClass: "small", StorageClass: "gold-policy", Nodes: []supervisor.Node{node("cp", "small", "zone-a")}},
				Pools: []supervisor.NodeGroup{{
					Name: "np", VMClass: "large", StorageClass: "gold-policy", Max: ptr(5), Volumes: []supervisor.Volume{{MiB: 10240}},
					Nodes: []supervisor.Node{node("n1", "large", "zone-a"), node("n2", "large", "zone-b"), node("n3", "small", "zone-b")},
				}},
			}},
			Machines: []supervisor.Node{node("alone", "small", "zone-b")},
			Classes: map[string]supervisor.VMClass{
				"small": {CPUs: 2, MemoryMiB: 4096}, "large": {CPUs: 4, MemoryMiB: 16384, CPURequestMilli: 4000, MemoryRequestMiB: 16384},
			},
			StorageKnown: true, StorageLimitMiB: ptr(409600), Pools: []string{"resgroup-2", "resgroup-1"},
			Storage: []supervisor.StorageUsage{{PolicyID: "p-1", StorageClass: "gold-policy", LimitMiB: ptr(102400), UsedMiB: 51200, ReservedMiB: 1024}},
			Objects: map[string]supervisor.ObjectUsage{"pods": {Limit: ptr(10), Used: ptr(9)}},
			Zones:   map[string]supervisor.ZoneUsage{"zone-a": {CPULimitMHz: ptr(20000), CPUReservationMHz: ptr(20000)}},
		},
		"b": {},
	}}}
	return c, k
}

func (m *model) run(t *testing.T, c *center, k *kubernetes) *diag.Diagnostics {
	t.Helper()
	to := &diag.Diagnostics{}
	m.setDefaults()
	r := reader{vcenter: c, supervisor: func(context.Context) (supervisorUsage, error) { return k, nil }}
	if f := r.read(t.Context(), m, to); !to.HasError() {
		m.assess(t.Context(), f, to)
	}
	return to
}

func newModel() *model {
	return &model{NamespaceNames: types.SetNull(types.StringType), Rates: types.ObjectNull(rateTypes)}
}

var rateTypes = map[string]attr.Type{"cpu_ghz_hour": types.Float64Type, "memory_gib_hour": types.Float64Type, "storage_gib_month": types.Float64Type}

func TestOneNamespace(t *testing.T) {
	t.Parallel()
	c, k := sample()
	m := newModel()
	m.Namespace = types.StringValue("a")
	m.Rates = types.ObjectValueMust(rateTypes, map[string]attr.Value{
		"cpu_ghz_hour": types.Float64Value(1), "memory_gib_hour": types.Float64Value(0), "storage_gib_month": types.Float64Null(),
	})
	if to := m.run(t, c, k); len(*to) > 0 {
		t.Fatal(*to)
	}
	got := m.Namespaces["a"]
	// 4 machines of 2 (small: cp, n3, alone) and 4 vCPUs (large: n1, n2) at 2000 MHz; two more large ones may come.
	for what, diff := range map[string]string{
		"cpu": cmp.Diff(machineModel{amountModel{
			Limit: ptr(40000), Used: ptr(4000), Allocated: ptr(28000), Reserved: ptr(16000), Max: ptr(44000),
			Free: ptr(36000), UsedPercent: ptr(10), AllocatedPercent: ptr(70),
		}, ptr(4500)}, got.CPU, embedded),
		"memory": cmp.Diff(machineModel{amountModel{
			Limit: ptr(65536), Used: ptr(8192), Allocated: ptr(45056), Reserved: ptr(32768), Max: ptr(77824),
			Free: ptr(57344), UsedPercent: ptr(12), AllocatedPercent: ptr(68),
		}, ptr(6500)}, got.Memory, embedded),
		"storage": cmp.Diff(amountModel{Used: ptr(51200), Allocated: ptr(52224), Reserved: ptr(1024), Max: ptr(52224 + 2*30720)}, got.Storage),
		"policies": cmp.Diff(map[string]amountModel{
			"Gold Policy": {
				Limit: ptr(102400), Used: ptr(51200), Allocated: ptr(52224), Reserved: ptr(1024), Max: ptr(113664),
				Free: ptr(51200), UsedPercent: ptr(50), AllocatedPercent: ptr(51),
			},
			"p-2": {Used: ptr(0), Allocated: ptr(0), Reserved: ptr(0), Max: ptr(0)},
		}, got.StoragePolicies),
		"objects": cmp.Diff(map[string]objectModel{"pods": {Limit: ptr(10), Used: ptr(9)}, "secrets": {Limit: ptr(5)}}, got.Objects),
		"zone": cmp.Diff(zoneModel{
			CPU:    machineModel{amountModel{Limit: ptr(20000), Allocated: ptr(12000), Reserved: ptr(20000), AllocatedPercent: ptr(60)}, ptr(3000)},
			Memory: machineModel{amountModel{Allocated: ptr(20480)}, ptr(6000)},
		}, got.Zones["zone-a"], embedded),
		"clusters": cmp.Diff(map[string]clusterModel{
			"prod": {ControlPlaneNodes: 1, WorkerNodes: 3, MaxWorkerNodes: 5, VCPUs: ptr(12), MemoryMiB: ptr(40960), StorageMiB: 4*20480 + 3*10240},
		}, got.Clusters),
		"cost": cmp.Diff(&costModel{CPU: number64(28 * 730), Memory: number64(0), Storage: number64(0), Total: number64(28 * 730)}, got.Cost),
	} {
		if diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	if !*got.Blocked || got.Status != "warning" || len(got.Zones) != 2 || m.ID.ValueString() != "a" {
		t.Errorf("blocked %t, status %s, reasons %v", *got.Blocked, got.Status, got.Reasons)
	}
	if c.gets.Load() != 1 || c.lists.Load() != 0 {
		t.Errorf("one namespace took %d reads and %d lists", c.gets.Load(), c.lists.Load())
	}
}

func TestAllNamespaces(t *testing.T) {
	t.Parallel()
	c, k := sample()
	m := newModel()
	if to := m.run(t, c, k); len(*to) > 0 {
		t.Fatal(*to)
	}
	if len(m.Namespaces) != 2 || m.ID.ValueString() != "sv-1" || c.lists.Load() != 1 || c.gets.Load() != 1 {
		t.Errorf("%d namespaces, id %s, %d lists, %d reads", len(m.Namespaces), m.ID, c.lists.Load(), c.gets.Load())
	}
	if diff := cmp.Diff([]string{"a", "b", "going"}, k.asked); diff != "" {
		t.Error(diff)
	}
	a, b := m.Namespaces["a"], m.Namespaces["b"]
	if *a.CPU.Limit != 40000 || *a.Memory.Limit != 65536 || *a.Storage.Limit != 409600 || *a.CPU.Used != 4000 || *a.Objects["pods"].Limit != 10 ||
		*a.StoragePolicies["Gold Policy"].Limit != 102400 || len(a.Zones) != 1 {
		t.Errorf("namespace a: %+v", a)
	}
	if b.CPU.Limit != nil || b.Memory.Limit != nil || b.Storage.Limit != nil || b.CPU.Consumed != nil {
		t.Errorf("namespace b: %+v", b)
	}
	if len(m.Reasons) == 0 || !strings.HasPrefix(m.Reasons[0], "namespace a: ") {
		t.Errorf("reasons %v", m.Reasons)
	}
}

// number64 is a cost that is known.
func number64(n float64) *float64 { return &n }

func TestWhole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sum, annotated, want *int64 }{
		"as split":         {ptr(19998), ptr(20000), ptr(20000)},
		"the same":         {ptr(300), ptr(300), ptr(300)},
		"more than a rest": {ptr(19998), ptr(20001), ptr(19998)},
		"limits of zones":  {ptr(15000), ptr(9000), ptr(15000)},
		"not annotated":    {ptr(10), nil, ptr(10)},
		"no limit":         {nil, ptr(10), nil},
	} {
		if diff := cmp.Diff(c.want, whole(c.sum, 3, c.annotated)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Where something that is listed is not to be had, each namespace is asked for.
func TestAllNamespacesOneByOne(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*center, *kubernetes)
		gap   string
		gets  int64
	}{
		"no Supervisor": {func(_ *center, k *kubernetes) { k.err = errors.New("no route") }, "no route", 3},
		"no quotas":     {func(_ *center, k *kubernetes) { k.usage.Limits, k.usage.Gaps = false, []string{"limits: forbidden"} }, "limits: forbidden", 3},
		"no pools":      {func(c *center, _ *kubernetes) { c.noPools = true }, "no privilege for pools", 3},
		"hidden pools":  {func(c *center, _ *kubernetes) { c.shares = c.shares[1:] }, "", 2},
		"refused": {func(c *center, _ *kubernetes) {
			c.noPools, c.refused = true, "a"
		}, "no privilege for pools", 3},
	} {
		vc, k := sample()
		k.usage.Namespaces["going"] = &supervisor.NamespaceUsage{}
		c.spoil(vc, k)
		m := newModel()
		to := m.run(t, vc, k)
		if to.HasError() || vc.gets.Load() != c.gets || len(m.Namespaces) != 2 {
			t.Errorf("%s: %d reads, %d namespaces, %v", name, vc.gets.Load(), len(m.Namespaces), *to)
			continue
		}
		reasons := strings.Join(m.Reasons, "\n")
		if !strings.Contains(reasons, c.gap) || !strings.Contains(strings.Join(m.Namespaces["a"].Reasons, "\n"), c.gap) {
			t.Errorf("%s: reasons %v", name, m.Reasons)
		}
		limit := m.Namespaces["a"].CPU.Limit
		if name == "refused" {
			if limit != nil || !strings.Contains(reasons, "not known: namespace a: limits: ") {
				t.Errorf("%s: limit %v, reasons %v", name, limit, m.Reasons)
			}
			continue
		}
		if limit == nil || *limit != 40000 {
			t.Errorf("%s: limit %v", name, limit)
		}
	}
}

// More than a few that are named take no more requests; that each took some is said.
func TestManyNamed(t *testing.T) {
	t.Parallel()
	for _, pools := range []bool{true, false} {
		c, k := sample()
		names := []attr.Value{}
		for i := range few + 1 {
			name := fmt.Sprintf("team-%d", i)
			names = append(names, types.StringValue(name))
			c.namespaces[name] = &vcenter.Namespace{Name: name, Supervisor: "sv-1"}
			k.usage.Namespaces[name] = &supervisor.NamespaceUsage{}
			if pools {
				c.shares = append(c.shares, vcenter.PoolShare{Namespace: name})
			}
		}
		m := newModel()
		m.NamespaceNames = types.SetValueMust(types.StringType, names)
		to := m.run(t, c, k)
		want := int64(0)
		if !pools {
			want = few + 1
		}
		if c.lists.Load() != 1 || c.gets.Load() != want || to.HasError() || len(m.Namespaces) != few+1 {
			t.Errorf("%d lists, %d reads, %d namespaces: %v", c.lists.Load(), c.gets.Load(), len(m.Namespaces), *to)
		}
		if !pools && (to.WarningsCount() != 1 || !strings.Contains((*to)[0].Detail(), "9 of 9 namespaces were read one by one: the account does not see")) {
			t.Error(*to)
		}
	}
}

func TestWithoutTheSupervisor(t *testing.T) {
	t.Parallel()
	c, k := sample()
	k.err = &fault.Error{Kind: fault.Unauthenticated, Op: "log in", Message: "wrong password"}
	c.noHosts, c.noPolicies = true, true
	m := newModel()
	m.Namespace = types.StringValue("a")
	m.Rates = types.ObjectValueMust(map[string]attr.Type{
		"cpu_ghz_hour": types.Float64Type, "memory_gib_hour": types.Float64Type, "storage_gib_month": types.Float64Type,
	}, map[string]attr.Value{"cpu_ghz_hour": types.Float64Value(1), "memory_gib_hour": types.Float64Null(), "storage_gib_month": types.Float64Null()})
	to := m.run(t, c, k)
	if to.HasError() || to.WarningsCount() != 1 {
		t.Fatal(*to)
	}
	for _, want := range []string{"wrong password", "no privilege for hosts", "no privilege for policies"} {
		if !strings.Contains((*to)[0].Detail(), want) {
			t.Errorf("the warning does not say %q: %s", want, (*to)[0].Detail())
		}
	}
	got := m.Namespaces["a"]
	if reasons := strings.Join(got.Reasons, "\n"); !strings.Contains(reasons, "not known: what the Supervisor has") || !strings.Contains(reasons, "wrong password") {
		t.Errorf("reasons %v", got.Reasons)
	}
	if *got.CPU.Used != 4000 || got.CPU.Allocated != nil || got.Memory.Max != nil || got.Clusters != nil || got.Blocked != nil || got.Cost.CPU != nil || got.Cost.Total != nil {
		t.Errorf("got %+v", got)
	}
	if p, ok := got.StoragePolicies["p-1"]; !ok || *p.Limit != 102400 || p.Used != nil || p.Free != nil {
		t.Errorf("policies %+v", got.StoragePolicies)
	}
	if o := got.Objects["pods"]; *o.Limit != 10 || o.Used != nil {
		t.Errorf("objects %+v", got.Objects)
	}
}

func TestAnotherSupervisor(t *testing.T) {
	t.Parallel()
	c, k := sample()
	m := newModel()
	m.NamespaceNames = types.SetValueMust(types.StringType, []attr.Value{types.StringValue("foreign"), types.StringValue("b")})
	to := m.run(t, c, k)
	if to.HasError() || to.WarningsCount() != 1 || !strings.Contains((*to)[0].Detail(), "another Supervisor (sv-2)") {
		t.Fatal(*to)
	}
	if len(k.asked) != 1 || m.Namespaces["foreign"].Clusters != nil || m.Namespaces["b"].Clusters == nil {
		t.Errorf("asked for %v, got %+v", k.asked, m.Namespaces)
	}
}

// Which Supervisor the provider's is, is not known: none is asked, and why is said.
func TestNoSupervisorNamed(t *testing.T) {
	t.Parallel()
	c, k := sample()
	c.several = true
	m := newModel()
	m.NamespaceNames = types.SetValueMust(types.StringType, []attr.Value{types.StringValue("foreign"), types.StringValue("b")})
	to := m.run(t, c, k)
	if to.HasError() || len(k.asked) > 0 {
		t.Fatal(*to, k.asked)
	}
	for _, name := range []string{"foreign", "b"} {
		got := m.Namespaces[name]
		reasons := strings.Join(got.Reasons, "\n")
		if got.Memory.Allocated != nil || got.Clusters != nil || got.Storage.Allocated != nil || got.CPU.Used == nil {
			t.Errorf("%s: %+v", name, got)
		}
		if !strings.Contains(reasons, "what the Supervisor has in the namespaces") || strings.Count(reasons, "several. Name one of them.") != 2 {
			t.Errorf("%s: reasons %q", name, got.Reasons)
		}
	}
}

// Without zones both the speed of hosts and what is consumed by zone are not known.
func TestWithoutZones(t *testing.T) {
	t.Parallel()
	c, k := sample()
	c.noTopology = true
	m := newModel()
	m.Namespace = types.StringValue("a")
	if to := m.run(t, c, k); to.HasError() {
		t.Fatal(*to)
	}
	got := m.Namespaces["a"]
	reasons := strings.Join(got.Reasons, "\n")
	if !strings.Contains(reasons, "CPU of machines in MHz, and what machines consume by zone") || !strings.Contains(reasons, "no privilege for zones") {
		t.Errorf("reasons %v", got.Reasons)
	}
	if got.CPU.Allocated != nil || got.Zones["zone-a"].Memory.Consumed != nil || got.CPU.Consumed == nil {
		t.Errorf("got %+v", got)
	}
}

// Each cause is said that namespaces took requests of their own, and of how many.
func TestWhyOneByOne(t *testing.T) {
	t.Parallel()
	c, k := sample()
	k.usage.OneByOne, k.usage.Limits = "lists are forbidden", false
	names := []attr.Value{}
	for i := range 2 * few {
		name := fmt.Sprintf("team-%d", i)
		names = append(names, types.StringValue(name))
		c.namespaces[name] = &vcenter.Namespace{Name: name, Supervisor: "sv-1"}
		if i >= few+2 {
			c.namespaces[name].Supervisor = "sv-2"
			continue
		}
		k.usage.Namespaces[name] = &supervisor.NamespaceUsage{}
		if i > 0 {
			c.shares = append(c.shares, vcenter.PoolShare{Namespace: name})
		}
	}
	m := newModel()
	m.NamespaceNames = types.SetValueMust(types.StringType, names)
	to := m.run(t, c, k)
	said := ""
	for _, d := range *to {
		if strings.HasPrefix(d.Summary(), "Quota usage took") {
			said = d.Detail()
		}
	}
	for _, want := range []string{
		"lists are forbidden", "16 of 16 namespaces", "the quotas on the Supervisor could not be read (10)",
		"they are on another Supervisor than the provider's (6)", "the account does not see their resource pools in vCenter (7)",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in %q", want, said)
		}
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	c, k := sample()
	m := newModel()
	m.Namespace = types.StringValue("nowhere")
	to := m.run(t, c, k)
	if to.ErrorsCount() != 1 || (*to)[0].Summary() != "vSphere Namespace not found" || !strings.Contains((*to)[0].Detail(), "nowhere") {
		t.Error(*to)
	}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	var resp datasource.SchemaResponse
	NewDataSource().Schema(t.Context(), datasource.SchemaRequest{}, &resp)
	if d := resp.Schema.ValidateImplementation(t.Context()); d.HasError() {
		t.Error(d)
	}
}

package quota

import (
	"context"
	"errors"
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
}

func (c *center) ResolveSupervisor(context.Context, string) (vcenter.Supervisor, error) {
	return vcenter.Supervisor{ID: "sv-1", Name: "supervisor"}, nil
}

func (c *center) Topology(context.Context, vcenter.Supervisor) ([]vcenter.SupervisorZone, error) {
	return []vcenter.SupervisorZone{{Name: "zone-a", Clusters: []string{"domain-c1"}}}, nil
}

func (c *center) Namespaces(context.Context) ([]vcenter.NamespaceSummary, error) {
	c.lists.Add(1)
	list := []vcenter.NamespaceSummary{{Name: "going", Supervisor: "sv-1"}}
	for name, n := range c.namespaces {
		list = append(list, vcenter.NamespaceSummary{Name: name, Supervisor: n.Supervisor})
	}
	return list, nil
}

func (c *center) SharedNamespace(_ context.Context, name string) (*vcenter.Namespace, error) {
	c.gets.Add(1)
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

func whole(n int64) *int64 { return &n }

func sample() (*center, *kubernetes) {
	c := &center{namespaces: map[string]*vcenter.Namespace{
		"a": {
			Name: "a", Supervisor: "sv-1", Stats: vcenter.NamespaceStats{CPUUsed: 4000, MemoryUsed: 8192, StorageUsed: 51200},
			Limits:          vcenter.Limits{vcenter.CPULimit: 40000, vcenter.MemoryLimit: 65536, vcenter.PodCount: 10, vcenter.SecretCount: 5},
			StoragePolicies: []vcenter.StorageSpec{{Policy: "p-1", Limit: whole(102400)}, {Policy: "p-2"}},
			Zones:           []vcenter.NamespaceZone{{Name: "zone-a"}, {Name: "zone-b"}},
		},
		"b":       {Name: "b", Supervisor: "sv-1"},
		"foreign": {Name: "foreign", Supervisor: "sv-2"},
	}}
	node := func(name, class, zone string) supervisor.Node {
		return supervisor.Node{Name: name, VMClass: class, Zone: zone}
	}
	k := &kubernetes{usage: &supervisor.Usage{Machines: true, Storage: true, Objects: true, Namespaces: map[string]*supervisor.NamespaceUsage{
		"a": {
			Clusters: []supervisor.ClusterUsage{{
				Name:         "prod",
				ControlPlane: supervisor.NodeGroup{VMClass: "small", StorageClass: "gold-policy", Nodes: []supervisor.Node{node("cp", "small", "zone-a")}},
				Pools: []supervisor.NodeGroup{{
					Name: "np", VMClass: "large", StorageClass: "gold-policy", Max: whole(5), Volumes: []supervisor.Volume{{MiB: 10240}},
					Nodes: []supervisor.Node{node("n1", "large", "zone-a"), node("n2", "large", "zone-b"), node("n3", "small", "zone-b")},
				}},
			}},
			Machines: []supervisor.Node{node("alone", "small", "")},
			Classes: map[string]supervisor.VMClass{
				"small": {CPUs: 2, MemoryMiB: 4096}, "large": {CPUs: 4, MemoryMiB: 16384, CPURequestMilli: 4000, MemoryRequestMiB: 16384},
			},
			Storage: []supervisor.StorageUsage{{PolicyID: "p-1", StorageClass: "gold-policy", UsedMiB: 51200, ReservedMiB: 1024}},
			Objects: map[string]supervisor.ObjectUsage{"pods": {Limit: whole(10), Used: whole(9)}},
			Zones:   map[string]supervisor.ZoneUsage{"zone-a": {CPULimitMHz: whole(20000), CPUReservationMHz: whole(20000)}},
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
		"cpu": cmp.Diff(amountModel{
			Limit: whole(40000), Used: whole(4000), Allocated: whole(28000), Reserved: whole(16000), Max: whole(44000),
			Free: whole(36000), UsedPercent: whole(10), AllocatedPercent: whole(70),
		}, got.CPU),
		"memory": cmp.Diff(amountModel{
			Limit: whole(65536), Used: whole(8192), Allocated: whole(45056), Reserved: whole(32768), Max: whole(77824),
			Free: whole(57344), UsedPercent: whole(12), AllocatedPercent: whole(68),
		}, got.Memory),
		"storage": cmp.Diff(amountModel{Used: whole(51200), Allocated: whole(52224), Reserved: whole(1024), Max: whole(52224 + 2*30720)}, got.Storage),
		"policies": cmp.Diff(map[string]amountModel{
			"Gold Policy": {
				Limit: whole(102400), Used: whole(51200), Allocated: whole(52224), Reserved: whole(1024), Max: whole(113664),
				Free: whole(51200), UsedPercent: whole(50), AllocatedPercent: whole(51),
			},
			"p-2": {Used: whole(0), Allocated: whole(0), Reserved: whole(0), Max: whole(0)},
		}, got.StoragePolicies),
		"objects": cmp.Diff(map[string]objectModel{"pods": {Limit: whole(10), Used: whole(9)}, "secrets": {Limit: whole(5)}}, got.Objects),
		"zone": cmp.Diff(zoneModel{
			CPU:    amountModel{Limit: whole(20000), Allocated: whole(12000), Reserved: whole(20000), AllocatedPercent: whole(60)},
			Memory: amountModel{Allocated: whole(20480)},
		}, got.Zones["zone-a"]),
		"clusters": cmp.Diff(map[string]clusterModel{
			"prod": {ControlPlaneNodes: 1, WorkerNodes: 3, MaxWorkerNodes: 5, VCPUs: 12, MemoryMiB: 40960, StorageMiB: 4*20480 + 3*10240},
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
	if len(m.Namespaces) != 2 || m.ID.ValueString() != "sv-1" || c.lists.Load() != 1 || c.gets.Load() != 3 {
		t.Errorf("%d namespaces, id %s, %d lists, %d reads", len(m.Namespaces), m.ID, c.lists.Load(), c.gets.Load())
	}
	if diff := cmp.Diff([]string{"a", "b"}, k.asked); diff != "" {
		t.Error(diff)
	}
	if len(m.Reasons) == 0 || !strings.HasPrefix(m.Reasons[0], "namespace a: ") {
		t.Errorf("reasons %v", m.Reasons)
	}
}

// number is a cost that is known.
func number64(n float64) *float64 { return &n }

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

func TestUnknownClass(t *testing.T) {
	t.Parallel()
	c, k := sample()
	delete(k.usage.Namespaces["a"].Classes, "large")
	m := newModel()
	m.Namespace = types.StringValue("a")
	to := m.run(t, c, k)
	if to.WarningsCount() != 1 || !strings.Contains((*to)[0].Detail(), `2 machines of namespace a are not counted: it has no VM class "large"`) {
		t.Error(*to)
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

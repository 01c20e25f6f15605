package headroom

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/domain/headroom"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// inventory is a vCenter in memory.
type inventory struct {
	clusters []vcenter.ComputeCluster
	vms      []vcenter.VM
	err      error
}

func (i *inventory) ResolveSupervisor(_ context.Context, name string) (vcenter.Supervisor, error) {
	if name == "nowhere" {
		return vcenter.Supervisor{}, errors.New("there is no Supervisor nowhere")
	}
	return vcenter.Supervisor{ID: "sv-1", Name: "supervisor"}, nil
}

func (i *inventory) Topology(context.Context, vcenter.Supervisor) ([]vcenter.SupervisorZone, error) {
	return []vcenter.SupervisorZone{{Name: "zone-a", Clusters: []string{"domain-c1"}}, {Name: "zone-b", Clusters: []string{"domain-c2"}}}, nil
}

func (i *inventory) ComputeClusters(context.Context) ([]vcenter.ComputeCluster, error) {
	return i.clusters, i.err
}
func (i *inventory) PoweredOnVMs(context.Context) ([]vcenter.VM, error) { return i.vms, nil }
func (i *inventory) VMClasses(context.Context) ([]vcenter.VMClass, error) {
	return []vcenter.VMClass{
		{Name: "guaranteed-small", CPUs: 2, MemoryMiB: 4096, CPUReservationPercent: 100, MemoryReservationPercent: 100},
		{Name: "best-effort-small", CPUs: 2, MemoryMiB: 4096},
	}, nil
}

func sample() *inventory {
	host := func(id string, mhz int64) vcenter.Host {
		return vcenter.Host{
			ID: id, Name: "esx-" + id, CPUMHz: mhz, Cores: 8, Threads: 16, MemoryMiB: 32768, CPUUsedMHz: 1600, MemoryUsedMiB: 6144,
			Connection: "connected", Power: "poweredOn", Health: "green",
		}
	}
	broken := host("h3", 1000)
	broken.Connection = "notResponding"
	return &inventory{
		clusters: []vcenter.ComputeCluster{
			{ID: "domain-c1", Name: "one", Hosts: []vcenter.Host{host("h1", 2000), host("h2", 2000), broken}, HA: vcenter.Admission{HA: true, Policy: vcenter.AdmissionOff}},
			{ID: "domain-c2", Name: "same", Hosts: []vcenter.Host{host("h4", 2500)}},
			{ID: "domain-c3", Name: "same", Hosts: []vcenter.Host{host("h5", 3000)}},
		},
		vms: []vcenter.VM{{Name: "vm", HostID: "h1", CPUs: 4, MemoryMiB: 8192, CPUReservationMHz: 500, MemoryReservationMiB: 1024}},
	}
}

func newModel() *model {
	m := &model{ComputeClusters: types.SetNull(types.StringType), VM: types.ObjectNull(vmTypes)}
	m.setDefaults()
	return m
}

var vmTypes = map[string]attr.Type{
	"cpus": types.Int64Type, "memory_mib": types.Int64Type, "cpu_reservation_mhz": types.Int64Type, "memory_reservation_mib": types.Int64Type,
}

func names(list ...string) types.Set {
	var values []attr.Value
	for _, n := range list {
		values = append(values, types.StringValue(n))
	}
	return types.SetValueMust(types.StringType, values)
}

func TestReadOfASupervisor(t *testing.T) {
	t.Parallel()
	m := newModel()
	m.VMClass, m.IncludeHosts = types.StringValue("guaranteed-small"), types.BoolValue(true)
	var to diag.Diagnostics
	f := read(t.Context(), sample(), m, "", &to)
	m.assess(f, &to)
	if to.HasError() {
		t.Fatal(to)
	}
	// The slowest core is of the host that does not answer: vCenter takes all of a cluster.
	if want := (&headroom.Shape{VCPUs: 2, MemoryMiB: 4096, CPUReservationMHz: 2000, MemoryReservationMiB: 4096}); *f.shape != *want {
		t.Errorf("shape %+v", f.shape)
	}
	if m.ID.ValueString() != "sv-1" || len(m.Clusters) != 2 || len(m.Hosts) != 4 {
		t.Fatalf("id %s, %d clusters, %d hosts", m.ID, len(m.Clusters), len(m.Hosts))
	}
	one := m.Clusters["one"]
	want := sumsModel{
		Hosts: 3, UsableHosts: 2, CPUCapacityMHz: 32000, MemoryCapacityMiB: 65536, CPUUsedMHz: 3200, MemoryUsedMiB: 12288,
		CPUReservedMHz: 500, MemoryReservedMiB: 1024, VCPUsAllocated: 4, MemoryAllocatedMiB: 8192,
		CPUFreeMHz: 28800, MemoryFreeMiB: 53248, LargestFreeHostCPUMHz: 14400, LargestFreeHostMemoryMiB: 26624, SurvivesFailures: true,
	}
	if diff := cmp.Diff(want, one.sumsModel, cmpopts.IgnoreFields(sumsModel{}, "CPUUsedPercent", "MemoryUsedPercent", "Placeable", "PlaceableAfterFailures")); diff != "" {
		t.Error(diff)
	}
	if one.ID != "domain-c1" || *one.Zone != "zone-a" || !one.Admission.HAEnabled || *one.CPUUsedPercent != 10 || *one.Placeable == 0 {
		t.Errorf("got %+v", one)
	}
	if one.Status != "warning" || len(one.Reasons) != 1 || !strings.Contains(one.Reasons[0], "esx-h3 is not usable: not responding") {
		t.Errorf("status %s, reasons %v", one.Status, one.Reasons)
	}
	if h := m.Hosts[2]; h.Usable || *h.UnusableReason != "not responding" || *h.Health != "green" {
		t.Errorf("host %+v", h)
	}
	if *m.Placeable != *m.Total.Placeable || m.Status.ValueString() != "warning" {
		t.Errorf("%d placeable, status %s, reasons %v", *m.Placeable, m.Status, m.Reasons)
	}
}

func TestReadOfClusters(t *testing.T) {
	t.Parallel()
	m := newModel()
	m.ComputeClusters = names("same", "domain-c2")
	var to diag.Diagnostics
	f := read(t.Context(), sample(), m, "", &to)
	m.assess(f, &to)
	if to.HasError() {
		t.Fatal(to)
	}
	if m.ID.ValueString() != "domain-c2,domain-c3" || m.Clusters["same (domain-c2)"].Zone != nil || m.Clusters["same (domain-c3)"].Hosts != 1 {
		t.Errorf("id %s, clusters %+v", m.ID, m.Clusters)
	}
	if m.Placeable != nil || m.Hosts != nil || m.Reasons == nil {
		t.Errorf("nothing was asked to be placed, and no hosts: %+v", m)
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set  func(*model, *inventory)
		want string
	}{
		"unknown cluster": {func(m *model, _ *inventory) { m.ComputeClusters = names("two") }, `"two"`},
		"unknown cluster, known ones": {
			func(m *model, _ *inventory) { m.ComputeClusters = names("two") }, "one (domain-c1), same (domain-c2), same (domain-c3)",
		},
		"unknown class":      {func(m *model, _ *inventory) { m.VMClass = types.StringValue("huge") }, "best-effort-small, guaranteed-small"},
		"unknown supervisor": {func(m *model, _ *inventory) { m.Supervisor = types.StringValue("nowhere") }, "nowhere"},
		"cluster not seen":   {func(_ *model, i *inventory) { i.clusters = i.clusters[1:] }, "domain-c1"},
		"no inventory":       {func(_ *model, i *inventory) { i.err = errors.New("no privilege") }, "no privilege"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, p := newModel(), sample()
			c.set(m, p)
			var to diag.Diagnostics
			read(t.Context(), p, m, "", &to)
			if !to.HasError() || !strings.Contains(to.Errors()[0].Detail(), c.want) {
				t.Errorf("got %v", to)
			}
		})
	}
}

func TestShape(t *testing.T) {
	t.Parallel()
	m := newModel()
	m.VM = types.ObjectValueMust(vmTypes, map[string]attr.Value{
		"cpus": types.Int64Value(8), "memory_mib": types.Int64Value(1024), "cpu_reservation_mhz": types.Int64Null(), "memory_reservation_mib": types.Int64Value(512),
	})
	var to diag.Diagnostics
	got := m.shape(t.Context(), nil, 2000, &to)
	if diff := cmp.Diff(&headroom.Shape{VCPUs: 8, MemoryMiB: 1024, MemoryReservationMiB: 512}, got); diff != "" || to.HasError() {
		t.Error(diff, to)
	}
}

func TestUnusable(t *testing.T) {
	t.Parallel()
	for want, h := range map[string]vcenter.Host{
		"": {Connection: "connected", Power: "poweredOn"}, "disconnected": {Connection: "disconnected", Maintenance: true},
		"not responding": {Connection: "notResponding"}, "in maintenance mode": {Connection: "connected", Maintenance: true, Quarantine: true},
		"in quarantine mode": {Quarantine: true}, "in standby": {Power: "standBy"}, "powered off": {Power: "poweredOff"},
	} {
		if got := unusable(h); got != want {
			t.Errorf("%+v is %q, want %q", h, got, want)
		}
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

func TestValidate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		warning, critical types.Int64
		wrong             bool
	}{
		"defaults":        {types.Int64Null(), types.Int64Null(), false},
		"above default":   {types.Int64Value(91), types.Int64Null(), true},
		"below default":   {types.Int64Null(), types.Int64Value(70), true},
		"equal":           {types.Int64Value(50), types.Int64Value(50), false},
		"not known yet":   {types.Int64Value(99), types.Int64Unknown(), false},
		"the wrong order": {types.Int64Value(50), types.Int64Value(49), true},
	} {
		var to diag.Diagnostics
		(&model{Warning: c.warning, Critical: c.critical}).validate(&to)
		if to.HasError() != c.wrong {
			t.Errorf("%s: %v", name, to)
		}
	}
}

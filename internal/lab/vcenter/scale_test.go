package vcenter

import (
	"testing"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// Hosts that were added answer like those of the simulator's model.
func TestManyHosts(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Clusters: 2, HostsPerCluster: 20, VMs: 40})
	c, err := dial(t, l, defaultUser, defaultPass)
	if err != nil {
		t.Fatal(err)
	}
	list, err := find.NewFinder(c.Client).HostSystemList(t.Context(), "/...")
	if err != nil || len(list) != 40 {
		t.Fatalf("%d hosts, %v", len(list), err)
	}
	refs := make([]types.ManagedObjectReference, 0, len(list))
	for _, h := range list {
		refs = append(refs, h.Reference())
	}
	var hosts []mo.HostSystem
	if err := property.DefaultCollector(c.Client).Retrieve(t.Context(), refs, []string{"name", "parent", "summary", "hardware", "runtime", "datastore", "vm"}, &hosts); err != nil {
		t.Fatal(err)
	}
	uuids := map[string]bool{}
	for _, h := range hosts {
		uuids[h.Hardware.SystemInfo.Uuid] = true
		if h.Summary.Hardware.NumCpuCores != 32 || h.Hardware.CpuInfo.NumCpuCores != 32 || len(h.Datastore) != 1 || len(h.Vm) != 1 ||
			h.Runtime.ConnectionState != types.HostSystemConnectionStateConnected || h.Summary.Host.Value != h.Self.Value || h.Summary.Config.Name != h.Name {
			t.Errorf("%s: %d datastores, %d VMs, %+v", h.Name, len(h.Datastore), len(h.Vm), h.Summary)
		}
	}
	if len(uuids) != 40 {
		t.Errorf("%d uuids", len(uuids))
	}
	clusters, err := find.NewFinder(c.Client).ClusterComputeResourceList(t.Context(), "/...")
	if err != nil {
		t.Fatal(err)
	}
	var cr mo.ClusterComputeResource
	if err := clusters[0].Properties(t.Context(), clusters[0].Reference(), []string{"host", "summary"}, &cr); err != nil {
		t.Fatal(err)
	}
	if s := cr.Summary.GetComputeResourceSummary(); len(cr.Host) != 20 || s.NumHosts != 20 || s.NumEffectiveHosts != 20 || s.TotalMemory != 20*512<<30 {
		t.Errorf("%d hosts, summary %+v", len(cr.Host), s)
	}
}

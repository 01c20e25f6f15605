package vcenter

import (
	"testing"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// The VMs that are copies answer like those that the simulator made.
func TestManyVMs(t *testing.T) {
	t.Parallel()
	const many = 300
	l := start(t, Options{Clusters: 2, HostsPerCluster: 2, VMs: many})
	c, err := dial(t, l, defaultUser, defaultPass)
	if err != nil {
		t.Fatal(err)
	}
	views, err := view.NewManager(c.Client).CreateContainerView(t.Context(), c.ServiceContent.RootFolder, []string{"VirtualMachine"}, true)
	if err != nil {
		t.Fatal(err)
	}
	var vms []mo.VirtualMachine
	props := []string{"name", "parent", "summary", "runtime.host", "runtime.powerState", "resourcePool", "config.hardware", "config.uuid", "config.cpuAllocation", "guest"}
	if err := views.Retrieve(t.Context(), []string{"VirtualMachine"}, props, &vms); err != nil {
		t.Fatal(err)
	}
	if len(vms) != many {
		t.Fatalf("%d VMs", len(vms))
	}
	names, uuids, perHost := map[string]bool{}, map[string]bool{}, map[string]int{}
	for _, vm := range vms {
		names[vm.Name], uuids[vm.Config.Uuid] = true, true
		perHost[vm.Runtime.Host.Value]++
		if vm.Config.Hardware.NumCPU != vmCPUs || vm.Config.Hardware.MemoryMB != vmMemMiB || vm.Summary.Config.NumCpu != vmCPUs ||
			vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn || vm.Summary.Runtime.PowerState != vm.Runtime.PowerState ||
			vm.Summary.Vm.Value != vm.Self.Value || vm.Summary.Config.Name != vm.Name || *vm.Parent != l.inv.vmFolder ||
			vm.Summary.QuickStats.OverallCpuUsage == 0 || vm.Config.CpuAllocation == nil {
			t.Fatalf("%s: %+v", vm.Name, vm.Summary)
		}
	}
	if len(names) != many || len(uuids) != many {
		t.Errorf("%d names and %d uuids", len(names), len(uuids))
	}
	var hosts []mo.HostSystem
	refs := make([]types.ManagedObjectReference, 0, len(perHost))
	for id := range perHost {
		refs = append(refs, types.ManagedObjectReference{Type: "HostSystem", Value: id})
	}
	if err := property.DefaultCollector(c.Client).Retrieve(t.Context(), refs, []string{"name", "vm"}, &hosts); err != nil {
		t.Fatal(err)
	}
	for _, h := range hosts {
		if len(h.Vm) != many/4 || perHost[h.Self.Value] != many/4 {
			t.Errorf("%s has %d VMs", h.Name, len(h.Vm))
		}
	}
}

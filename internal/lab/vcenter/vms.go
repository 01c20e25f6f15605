package vcenter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	"golang.org/x/sync/errgroup"
)

const (
	vmCPUs   = 4
	vmMemMiB = 16 << 10
	// realVMs are made by the simulator itself, with tasks and files; that takes tens of milliseconds each. Those
	// beyond are copies of them, put straight into the registry.
	realVMs = 32
	// atOnce is how many are made at a time: making one is mostly waiting for its tasks.
	atOnce = 8
)

// buildVMs spreads powered-on VMs over all hosts.
func (v *VCenter) buildVMs() error {
	hosts := v.hostsInTurn()
	if len(hosts) == 0 {
		return nil
	}
	folder := object.NewFolder(v.vim, v.inv.vmFolder)
	originals := make([]*simulator.VirtualMachine, min(v.opts.VMs, realVMs))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for n := range originals {
		group.Go(func() error {
			vm, err := v.buildVM(folder, hosts[n%len(hosts)], n)
			originals[n] = vm
			if err != nil {
				return fmt.Errorf("VM %d: %w", n, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return v.copyVMs(originals, hosts)
}

// place is a host with the root pool of its cluster.
type place struct {
	cluster cluster
	host    types.ManagedObjectReference
}

// hostsInTurn lists the first host of each cluster, then the second of each, and so on.
func (v *VCenter) hostsInTurn() []place {
	var out []place
	for n := range v.opts.HostsPerCluster {
		for _, c := range v.inv.clusters {
			obj, ok := v.registry().Get(c.ref).(*simulator.ClusterComputeResource)
			if ok && n < len(obj.Host) {
				out = append(out, place{cluster: c, host: obj.Host[n]})
			}
		}
	}
	return out
}

func vmName(p place, n int) string { return fmt.Sprintf("%s_VM%d", p.cluster.name, n) }

func (v *VCenter) buildVM(folder *object.Folder, p place, n int) (*simulator.VirtualMachine, error) {
	spec := types.VirtualMachineConfigSpec{
		Name: vmName(p, n), GuestId: string(types.VirtualMachineGuestOsIdentifierOtherLinux64Guest),
		Files:   &types.VirtualMachineFileInfo{VmPathName: "[LocalDS_0]"},
		NumCPUs: vmCPUs, MemoryMB: vmMemMiB,
	}
	task, err := folder.CreateVM(v.ctx, spec, object.NewResourcePool(v.vim, p.cluster.root), object.NewHostSystem(v.vim, p.host))
	if err != nil {
		return nil, err
	}
	info, err := task.WaitForResult(v.ctx)
	if err != nil {
		return nil, err
	}
	ref, ok := info.Result.(types.ManagedObjectReference)
	if !ok {
		return nil, fmt.Errorf("created %T", info.Result)
	}
	if task, err = object.NewVirtualMachine(v.vim, ref).PowerOn(v.ctx); err != nil {
		return nil, err
	}
	if err := task.Wait(v.ctx); err != nil {
		return nil, err
	}
	vm, ok := v.registry().Get(ref).(*simulator.VirtualMachine)
	if !ok {
		return nil, fmt.Errorf("%s is no virtual machine", ref.Value)
	}
	v.registry().WithLock(v.model.Service.Context, vm, func() {
		vm.Summary.QuickStats.OverallCpuUsage = int32(200 + 100*(n%10))
		vm.Summary.QuickStats.HostMemoryUsage = vmMemMiB * 3 / 4
		vm.Summary.QuickStats.GuestMemoryUsage = vmMemMiB / 2
	})
	return vm, nil
}

// copyVMs makes the VMs beyond the real ones. Nothing else uses the inventory yet, so there is nobody to tell.
func (v *VCenter) copyVMs(originals []*simulator.VirtualMachine, hosts []place) error {
	r := v.registry()
	folder, ok := r.Get(v.inv.vmFolder).(*simulator.Folder)
	if !ok {
		return fmt.Errorf("%s is no folder", v.inv.vmFolder)
	}
	for n := len(originals); n < v.opts.VMs; n++ {
		vm := copyVM(originals[n%len(originals)], hosts[n%len(hosts)], n)
		r.PutEntity(folder, r.NewEntity(vm))
		vm.Summary.Vm = &vm.Self
		folder.ChildEntity = append(folder.ChildEntity, vm.Self)
		if host, ok := r.Get(*vm.Runtime.Host).(*simulator.HostSystem); ok {
			host.Vm = append(host.Vm, vm.Self)
		}
		if pool, ok := r.Get(*vm.ResourcePool).(*simulator.ResourcePool); ok {
			pool.Vm = append(pool.Vm, vm.Self)
		}
		for _, ref := range vm.Datastore {
			if ds, ok := r.Get(ref).(*simulator.Datastore); ok {
				ds.Vm = append(ds.Vm, vm.Self)
			}
		}
	}
	return nil
}

// copyVM shares with its original what nobody changes, such as devices and layout.
func copyVM(from *simulator.VirtualMachine, p place, n int) *simulator.VirtualMachine {
	vm := *from
	old, name := vm.Name, vmName(p, n)
	host, pool, config, guest := p.host, p.cluster.root, *from.Config, *from.Guest
	vm.Name, vm.Runtime.Host, vm.ResourcePool, vm.Config, vm.Guest = name, &host, &pool, &config, &guest
	config.Name, config.Uuid, config.InstanceUuid = name, uuid.NewString(), uuid.NewString()
	config.Files.VmPathName = strings.ReplaceAll(config.Files.VmPathName, old, name)
	vm.Summary.Runtime = vm.Runtime
	vm.Summary.Config.Name, vm.Summary.Config.Uuid, vm.Summary.Config.InstanceUuid = name, config.Uuid, config.InstanceUuid
	vm.Summary.Config.VmPathName = config.Files.VmPathName
	vm.Summary.QuickStats.OverallCpuUsage = int32(200 + 100*(n%10))
	vm.Datastore, vm.Network = slices.Clone(from.Datastore), slices.Clone(from.Network)
	vm.ManagedEntity = mo.ManagedEntity{ExtensibleManagedObject: from.ExtensibleManagedObject, Name: name}
	vm.Self = types.ManagedObjectReference{Type: "VirtualMachine"}
	return &vm
}

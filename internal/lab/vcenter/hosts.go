package vcenter

import (
	"fmt"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	"golang.org/x/sync/errgroup"
)

const (
	packages = 2
	// modelHosts is how many hosts the simulator's model builds by itself, one after the other; more than that are
	// added to the first host of each cluster, side by side. Adding one is mostly waiting for its task.
	modelHosts = 32
)

// modelHostsPerCluster is what the model is to build of the hosts of each cluster.
func (o Options) modelHostsPerCluster() int {
	if o.Clusters*o.HostsPerCluster > modelHosts {
		return 1
	}
	return o.HostsPerCluster
}

// addHosts adds what the model left out.
func (v *VCenter) addHosts() error {
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, c := range v.inv.clusters {
		group.Go(func() error {
			for n := v.opts.modelHostsPerCluster(); n < v.opts.HostsPerCluster; n++ {
				if err := v.addHost(c, n); err != nil {
					return fmt.Errorf("host %d of %s: %w", n, c.name, err)
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// addHost names the first host of the cluster as user, which to the simulator means: as that one is.
func (v *VCenter) addHost(c cluster, n int) error {
	spec := types.HostConnectSpec{HostName: fmt.Sprintf("%s_H%d", c.name, n), UserName: c.name + "_H0"}
	task, err := object.NewClusterComputeResource(v.vim, c.ref).AddHost(v.ctx, spec, true, nil, nil)
	if err != nil {
		return err
	}
	info, err := task.WaitForResult(v.ctx)
	if err != nil {
		return err
	}
	ref, ok := info.Result.(types.ManagedObjectReference)
	if !ok {
		return fmt.Errorf("added %T", info.Result)
	}
	r := v.registry()
	host, ok := r.Get(ref).(*simulator.HostSystem)
	if !ok {
		return fmt.Errorf("%s is no host", ref.Value)
	}
	for _, store := range host.Datastore {
		ds, ok := r.Get(store).(*simulator.Datastore)
		if !ok {
			continue
		}
		r.WithLock(v.model.Service.Context, ds, func() {
			if len(ds.Host) > 0 {
				ds.Host = append(ds.Host, types.DatastoreHostMount{Key: ref, MountInfo: ds.Host[0].MountInfo})
			}
		})
	}
	return nil
}

// shapeHosts gives all hosts the size that was asked for, and some load: the simulator's template is a laptop.
func (v *VCenter) shapeHosts() {
	shape := v.opts.Host
	memory := shape.MemoryMiB << 20
	for i, c := range v.inv.clusters {
		n := 0
		v.hosts(c.ref, func(h *mo.HostSystem) {
			own := *h.Hardware // added hosts share it with the first of their cluster
			h.Hardware = &own
			h.Hardware.SystemInfo.Uuid = h.Summary.Hardware.Uuid
			hw := h.Summary.Hardware
			hw.CpuMhz, hw.NumCpuPkgs, hw.NumCpuCores, hw.NumCpuThreads = shape.CPUMHz, packages, shape.Cores, 2*shape.Cores
			hw.MemorySize = memory
			hw.Vendor, hw.Model, hw.CpuModel = "Lab", "Simulated 2S", fmt.Sprintf("Simulated CPU @ %.2fGHz", float64(shape.CPUMHz)/1000)
			h.Hardware.MemorySize = memory
			h.Hardware.CpuInfo = types.HostCpuInfo{
				NumCpuPackages: packages, NumCpuCores: shape.Cores, NumCpuThreads: 2 * shape.Cores, Hz: int64(shape.CPUMHz) * 1_000_000,
			}
			percent := int64(15 + (7*n+3*i)%20)
			h.Summary.QuickStats.OverallCpuUsage = int32(int64(shape.CPUMHz) * int64(shape.Cores) * percent / 100)
			h.Summary.QuickStats.OverallMemoryUsage = int32(shape.MemoryMiB * (percent + 20) / 100)
			h.Summary.QuickStats.Uptime = 86400
			h.Summary.OverallStatus, h.OverallStatus = types.ManagedEntityStatusGreen, types.ManagedEntityStatusGreen
			n++
		})
	}
}

// shapeClusters sums the hosts up and switches DRS and HA on, with admission control for one host failure.
func (v *VCenter) shapeClusters() {
	r := v.registry()
	for _, c := range v.inv.clusters {
		obj, ok := r.Get(c.ref).(*simulator.ClusterComputeResource)
		if !ok {
			continue
		}
		hosts := len(obj.Host)
		mhz := int64(v.opts.Host.CPUMHz) * int64(v.opts.Host.Cores) * int64(hosts)
		mib := v.opts.Host.MemoryMiB * int64(hosts)
		cores := int16(int(v.opts.Host.Cores) * hosts) // a cluster has at most 96 hosts
		sum := obj.Summary.GetComputeResourceSummary()
		sum.TotalCpu, sum.EffectiveCpu = int32(mhz), int32(mhz*95/100) // the API has int32 here
		sum.TotalMemory = mib << 20
		sum.EffectiveMemory = mib * 95 / 100 // in MB, unlike the total
		sum.NumCpuCores, sum.NumCpuThreads = cores, 2*cores
		if config, ok := obj.ConfigurationEx.(*types.ClusterConfigInfoEx); ok {
			config.DasConfig.Enabled = types.NewBool(true)
			config.DasConfig.AdmissionControlEnabled = types.NewBool(true)
			config.DasConfig.FailoverLevel = 1
			config.DasConfig.AdmissionControlPolicy = &types.ClusterFailoverLevelAdmissionControlPolicy{FailoverLevel: 1}
			config.DrsConfig.Enabled = types.NewBool(true)
			config.DrsConfig.DefaultVmBehavior = types.DrsBehaviorFullyAutomated
		}
		if usage, ok := obj.Summary.(*types.ClusterComputeResourceSummary); ok {
			usage.CurrentFailoverLevel = int32(max(hosts-1, 0)) // hosts of a cluster
			if usage.UsageSummary != nil {
				usage.UsageSummary.TotalCpuCapacityMhz, usage.UsageSummary.TotalMemCapacityMB = int32(mhz), int32(mib) // as above
			}
		}
	}
}

package vcenter

import (
	"context"
	"slices"
	"strings"

	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
)

// ComputeCluster is a vSphere cluster.
type ComputeCluster struct {
	// ID is the managed object id: "domain-c9".
	ID, Name string
	HA       Admission
	Hosts    []Host // by name
}

// Host is an ESXi host of a cluster.
type Host struct {
	ID, Name string
	// CPUMHz is that of one core.
	CPUMHz, Cores, Threads, MemoryMiB int64
	CPUUsedMHz, MemoryUsedMiB         int64

	// Connection is connected, disconnected or notResponding.
	Connection string
	// Power is poweredOn, poweredOff, standBy or unknown.
	Power                   string
	Maintenance, Quarantine bool
	// Health is vCenter's overall status: green, yellow, red or gray.
	Health string
}

// VM is a virtual machine that is powered on; templates are none.
type VM struct {
	ID, Name, HostID                        string
	CPUs, MemoryMiB                         int64
	CPUReservationMHz, MemoryReservationMiB int64
}

const mibInBytes = 1 << 20

var hostProperties = []string{
	"name", "parent", "overallStatus",
	"summary.hardware.cpuMhz", "summary.hardware.numCpuCores", "summary.hardware.numCpuThreads", "summary.hardware.memorySize",
	"summary.quickStats.overallCpuUsage", "summary.quickStats.overallMemoryUsage",
	"runtime.connectionState", "runtime.powerState", "runtime.inMaintenanceMode", "runtime.inQuarantineMode",
}

var clusterProperties = []string{"name", "configurationEx"}

var vmProperties = []string{
	"name", "runtime.powerState", "runtime.host", "summary.config.template",
	"summary.config.numCpu", "summary.config.memorySizeMB", "summary.config.cpuReservation", "summary.config.memoryReservation",
}

// ComputeClusters gives all vSphere clusters with their hosts, by name. Those
// who ask within inventoryLifetime share one reading, which makes as many
// requests for a thousand hosts as for one.
func (c *Client) ComputeClusters(ctx context.Context) ([]ComputeCluster, error) {
	c.refreshed.hosts.expire(c.vim.compute.forget)
	return c.vim.compute.get(ctx, func(ctx context.Context) ([]ComputeCluster, error) {
		c.refreshed.hosts.begin()
		objects, err := c.inventory(ctx, "read hosts and clusters", map[string][]string{
			"HostSystem": hostProperties, "ClusterComputeResource": clusterProperties,
		})
		return clustersOf(objects), err
	})
}

// PoweredOnVMs gives all virtual machines that are powered on, and is shared
// like ComputeClusters. Where vCenter answers in pages, one request follows for
// each page.
func (c *Client) PoweredOnVMs(ctx context.Context) ([]VM, error) {
	c.refreshed.machines.expire(c.vim.machines.forget)
	return c.vim.machines.get(ctx, func(ctx context.Context) ([]VM, error) {
		c.refreshed.machines.begin()
		objects, err := c.inventory(ctx, "read virtual machines", map[string][]string{"VirtualMachine": vmProperties})
		return vmsOf(objects), err
	})
}

// inventory reads the properties of all objects of these types: one view, one
// retrieval, and nothing per object.
func (c *Client) inventory(ctx context.Context, op string, properties map[string][]string) ([]managedObject, error) {
	var content []types.ObjectContent
	err := c.vimRead(ctx, op, func(ctx context.Context, client *vim25.Client) error {
		kinds := make([]string, 0, len(properties))
		specs := make([]types.PropertySpec, 0, len(properties))
		for kind, paths := range properties {
			kinds = append(kinds, kind)
			specs = append(specs, types.PropertySpec{Type: kind, PathSet: paths})
		}
		all, err := view.NewManager(client).CreateContainerView(ctx, client.ServiceContent.RootFolder, kinds, true)
		if err != nil {
			return err
		}
		content = nil
		err = retrieve(ctx, client, all.Reference(), specs, &content)
		if destroyErr := all.Destroy(ctx); err == nil {
			err = destroyErr
		}
		return err
	})
	objects := make([]managedObject, len(content))
	for i := range content {
		objects[i] = newManagedObject(content[i])
	}
	return objects, err
}

func clustersOf(objects []managedObject) []ComputeCluster {
	byID := map[string]*ComputeCluster{}
	for _, o := range objects {
		if o.ref.Type == "ClusterComputeResource" {
			byID[o.ref.Value] = &ComputeCluster{ID: o.ref.Value, Name: unescape(o.text("name")), HA: admissionOf(o.properties["configurationEx"])}
		}
	}
	for _, o := range objects {
		// The parent of a host that stands alone is no cluster.
		if cluster := byID[o.reference("parent")]; o.ref.Type == "HostSystem" && cluster != nil {
			cluster.Hosts = append(cluster.Hosts, hostOf(o))
		}
	}
	clusters := make([]ComputeCluster, 0, len(byID))
	for _, c := range byID {
		slices.SortFunc(c.Hosts, func(a, b Host) int { return strings.Compare(a.Name, b.Name) })
		clusters = append(clusters, *c)
	}
	slices.SortFunc(clusters, func(a, b ComputeCluster) int { return strings.Compare(a.Name+"\x00"+a.ID, b.Name+"\x00"+b.ID) })
	return clusters
}

func hostOf(o managedObject) Host {
	return Host{
		ID: o.ref.Value, Name: unescape(o.text("name")),
		CPUMHz: o.number("summary.hardware.cpuMhz"), Cores: o.number("summary.hardware.numCpuCores"),
		Threads: o.number("summary.hardware.numCpuThreads"), MemoryMiB: o.number("summary.hardware.memorySize") / mibInBytes,
		CPUUsedMHz: o.number("summary.quickStats.overallCpuUsage"), MemoryUsedMiB: o.number("summary.quickStats.overallMemoryUsage"),
		Connection: o.text("runtime.connectionState"), Power: o.text("runtime.powerState"),
		Maintenance: o.flag("runtime.inMaintenanceMode"), Quarantine: o.flag("runtime.inQuarantineMode"),
		Health: o.text("overallStatus"),
	}
}

func vmsOf(objects []managedObject) []VM {
	var vms []VM
	for _, o := range objects {
		if o.text("runtime.powerState") != string(types.VirtualMachinePowerStatePoweredOn) || o.flag("summary.config.template") {
			continue
		}
		vms = append(vms, VM{
			ID: o.ref.Value, Name: unescape(o.text("name")), HostID: o.reference("runtime.host"),
			CPUs: o.number("summary.config.numCpu"), MemoryMiB: o.number("summary.config.memorySizeMB"),
			CPUReservationMHz:    o.number("summary.config.cpuReservation"),
			MemoryReservationMiB: o.number("summary.config.memoryReservation"),
		})
	}
	return vms
}

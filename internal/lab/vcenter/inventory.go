package vcenter

import (
	"fmt"
	"slices"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// inventory is what the handlers need to know of the simulator's objects.
type inventory struct {
	clusters []cluster
	vmFolder types.ManagedObjectReference
}

type cluster struct {
	name string
	ref  types.ManagedObjectReference
	root types.ManagedObjectReference // its root resource pool
}

// building is held while the simulator builds an inventory: it appends to templates that all instances in one
// process start from.
var building sync.Mutex

func (v *VCenter) buildInventory() error {
	m := simulator.VPX()
	m.Host = 0
	m.Cluster = v.opts.Clusters
	m.ClusterHost = v.opts.modelHostsPerCluster()
	m.Machine = 0
	m.ServiceContent.About.Version = v.version.release()
	m.ServiceContent.About.ApiVersion = v.version.String()
	m.ServiceContent.About.Build = "24755599"
	m.ServiceContent.About.FullName = fmt.Sprintf("VMware vCenter Server %s build-%s", v.version.release(), m.ServiceContent.About.Build)
	v.model = m

	building.Lock()
	defer building.Unlock()
	if err := m.Create(); err != nil {
		return err
	}
	m.Service.RegisterEndpoints = true
	ownSettings(m.Service.Context.Map)
	client, err := vim25.NewClient(v.ctx, m.Service)
	if err != nil {
		return err
	}
	v.vim = client
	v.inv = readInventory(m.Service.Context.Map)
	if err := v.addHosts(); err != nil {
		return err
	}
	v.shapeHosts()
	v.shapeClusters()
	return v.buildVMs()
}

// ownSettings copies the settings of the option manager, which are pointers that all instances share.
func ownSettings(r *simulator.Registry) {
	m := r.OptionManager()
	m.Setting = slices.Clone(m.Setting)
	for i, s := range m.Setting {
		own := *s.GetOptionValue()
		if own.Key == "config.vmacore.soap.sessionTimeout" {
			own.Value = "8760h" // expiry is in front of the simulator, see session.go
		}
		m.Setting[i] = &own
	}
}

func readInventory(r *simulator.Registry) *inventory {
	inv := &inventory{}
	for _, e := range r.All("ClusterComputeResource") {
		c, ok := e.(*simulator.ClusterComputeResource)
		if ok {
			inv.clusters = append(inv.clusters, cluster{name: c.Name, ref: c.Self, root: *c.ResourcePool})
		}
	}
	slices.SortFunc(inv.clusters, func(a, b cluster) int { return compareNumbered(a.name, b.name) })
	if dc, ok := r.Any("Datacenter").(*simulator.Datacenter); ok {
		inv.vmFolder = dc.VmFolder
	}
	return inv
}

// compareNumbered sorts DC0_C2 before DC0_C10.
func compareNumbered(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

func (inv *inventory) byName(name string) (cluster, bool) {
	i := slices.IndexFunc(inv.clusters, func(c cluster) bool { return c.name == name })
	if i < 0 {
		return cluster{}, false
	}
	return inv.clusters[i], true
}

func (inv *inventory) byID(moid string) (cluster, bool) {
	i := slices.IndexFunc(inv.clusters, func(c cluster) bool { return c.ref.Value == moid })
	if i < 0 {
		return cluster{}, false
	}
	return inv.clusters[i], true
}

func (v *VCenter) registry() *simulator.Registry { return v.model.Service.Context.Map }

// hosts calls do with each host of a cluster, under the host's lock.
func (v *VCenter) hosts(c types.ManagedObjectReference, do func(*mo.HostSystem)) {
	r := v.registry()
	obj, ok := r.Get(c).(*simulator.ClusterComputeResource)
	if !ok {
		return
	}
	for _, ref := range obj.Host {
		if h, ok := r.Get(ref).(*simulator.HostSystem); ok {
			r.WithLock(v.model.Service.Context, h, func() { do(&h.HostSystem) })
		}
	}
}

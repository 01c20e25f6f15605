package quota

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// settle fills in what the Supervisor does not say of machines and something else
// does, and notes what nothing says.
func (r *reader) settle(ctx context.Context, f *facts) {
	if f.usage == nil || !f.usage.Machines {
		return // said already
	}
	r.settleClasses(ctx, f)
	for _, n := range f.namespaces {
		if in := f.of(n.Name); in != nil {
			noteUnknownClasses(f, n.Name, in)
			settleZones(f, n, in)
		}
	}
}

// settleClasses takes the classes that a namespace no longer has, of machines
// that still exist or are to come, from all that vCenter has.
func (r *reader) settleClasses(ctx context.Context, f *facts) {
	lacking := false
	for _, in := range f.usage.Namespaces {
		machines, pools := unknownClasses(in)
		lacking = lacking || len(machines) > 0 || len(pools) > 0
	}
	if !lacking {
		return
	}
	classes, err := r.vcenter.VMClasses(ctx)
	if err != nil {
		f.miss("VM classes that namespaces no longer have: " + reason(err))
	}
	for _, in := range f.usage.Namespaces {
		if in.Classes == nil {
			in.Classes = map[string]supervisor.VMClass{}
		}
		for _, c := range classes {
			if _, own := in.Classes[c.Name]; !own {
				in.Classes[c.Name] = shapeOf(c)
			}
		}
	}
}

func shapeOf(c vcenter.VMClass) supervisor.VMClass {
	return supervisor.VMClass{
		CPUs: c.CPUs, MemoryMiB: c.MemoryMiB,
		CPURequestMilli: c.CPUs * 1000 * c.CPUReservationPercent / 100, MemoryRequestMiB: c.MemoryMiB * c.MemoryReservationPercent / 100,
	}
}

// unknownClasses are those of machines that exist, with their number, and those
// of pools that can still grow, by the pool.
func unknownClasses(in *supervisor.NamespaceUsage) (machines map[string]int, pools map[string]string) {
	machines, pools = map[string]int{}, map[string]string{}
	eachMachine(in, func(m *supervisor.Node) {
		if _, known := in.Classes[m.VMClass]; !known {
			machines[m.VMClass]++
		}
	})
	for _, c := range in.Clusters {
		for _, pool := range c.Pools {
			if _, known := in.Classes[pool.VMClass]; !known && pool.Max != nil && *pool.Max > int64(len(pool.Nodes)) {
				pools[c.Name+"/"+pool.Name] = pool.VMClass
			}
		}
	}
	return machines, pools
}

func noteUnknownClasses(f *facts, namespace string, in *supervisor.NamespaceUsage) {
	machines, pools := unknownClasses(in)
	for class, n := range machines {
		f.missNamespace(namespace, fmt.Sprintf("what %d machines are sized for: the namespace has no VM class %q", n, class))
	}
	for pool, class := range pools {
		f.missNamespace(namespace, fmt.Sprintf("what the machines are sized for that the autoscaler of %s may add: the namespace has no VM class %q", pool, class))
	}
}

// settleZones puts machines that name no zone into the only one that there is.
func settleZones(f *facts, n *vcenter.Namespace, in *supervisor.NamespaceUsage) {
	zones := zonesOf(f, n, in)
	if len(zones) == 0 {
		return
	}
	only, nowhere := "", 0
	if len(zones) == 1 {
		only = zones[0]
	}
	eachMachine(in, func(m *supervisor.Node) {
		if m.Zone == "" {
			m.Zone = only
			nowhere++
		}
	})
	if only == "" && nowhere > 0 {
		f.missNamespace(n.Name, fmt.Sprintf("what machines are sized for by zone: nothing says in which zone %d of them are", nowhere))
	}
}

// zonesOf are the zones of a namespace: those that vCenter or the Supervisor
// names, or else those of its resource pools, none where one is in no zone.
func zonesOf(f *facts, n *vcenter.Namespace, in *supervisor.NamespaceUsage) []string {
	zones := map[string]bool{}
	for _, z := range n.Zones {
		zones[z.Name] = true
	}
	for name := range in.Zones {
		zones[name] = true
	}
	if len(zones) > 0 {
		return slices.Collect(maps.Keys(zones))
	}
	for _, pool := range f.pools(n.Name) {
		zone := f.zones[pool.Cluster]
		if zone == "" {
			return nil
		}
		zones[zone] = true
	}
	return slices.Collect(maps.Keys(zones))
}

func eachMachine(in *supervisor.NamespaceUsage, do func(*supervisor.Node)) {
	all := func(nodes []supervisor.Node) {
		for i := range nodes {
			do(&nodes[i])
		}
	}
	all(in.Machines)
	for _, c := range in.Clusters {
		all(c.ControlPlane.Nodes)
		for _, pool := range c.Pools {
			all(pool.Nodes)
		}
	}
}

package headroom

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"golang.org/x/sync/errgroup"

	"github.com/vksops/terraform-provider-vks/internal/domain/headroom"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// facts are what was read, before any judgement.
type facts struct {
	id       string
	clusters []vcenter.ComputeCluster
	zones    map[string]string // by id of the cluster
	vms      []vcenter.VM
	shape    *headroom.Shape
}

// read asks for no more than what the configuration needs, whatever the size of
// the inventory. supervisor is the provider's.
func read(ctx context.Context, p platform, m *model, supervisor string, to *diag.Diagnostics) facts {
	f, classes := facts{zones: map[string]string{}}, []vcenter.VMClass(nil)
	var all []vcenter.ComputeCluster
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { all, err = p.ComputeClusters(gctx); return err })
	g.Go(func() (err error) { f.vms, err = p.PoweredOnVMs(gctx); return err })
	if !m.VMClass.IsNull() {
		g.Go(func() (err error) { classes, err = p.VMClasses(gctx); return err })
	}
	if m.ComputeClusters.IsNull() {
		if !m.Supervisor.IsNull() {
			supervisor = m.Supervisor.ValueString()
		}
		g.Go(func() error { return f.readTopology(gctx, p, supervisor) })
	}
	if err := g.Wait(); err != nil {
		diags.AddError(to, summary, who, err)
		return f
	}
	f.choose(ctx, m, all, to)
	f.shape = m.shape(ctx, classes, slowestCore(f.clusters), to)
	return f
}

// readTopology finds the clusters of a Supervisor, and the zone of each.
func (f *facts) readTopology(ctx context.Context, p platform, supervisor string) error {
	s, err := p.ResolveSupervisor(ctx, supervisor)
	if err != nil {
		return err
	}
	f.id = s.ID
	topology, err := p.Topology(ctx, s)
	for _, zone := range topology {
		for _, cluster := range zone.Clusters {
			f.zones[cluster] = zone.Name
		}
	}
	return err
}

// choose keeps the clusters that were asked for, each under a name of its own.
func (f *facts) choose(ctx context.Context, m *model, all []vcenter.ComputeCluster, to *diag.Diagnostics) {
	if m.ComputeClusters.IsNull() {
		for id := range f.zones {
			f.add(all, id, path.Root("supervisor"), to)
		}
	} else {
		var wanted []string
		to.Append(m.ComputeClusters.ElementsAs(ctx, &wanted, false)...)
		for _, name := range wanted {
			f.add(all, name, path.Root("compute_clusters"), to)
		}
		f.id = f.ids()
	}
	named := map[string]int{}
	for _, c := range f.clusters {
		named[c.Name]++
	}
	for i, c := range f.clusters {
		if named[c.Name] > 1 {
			f.clusters[i].Name = fmt.Sprintf("%s (%s)", c.Name, c.ID)
		}
	}
}

func (f *facts) add(all []vcenter.ComputeCluster, nameOrID string, at path.Path, to *diag.Diagnostics) {
	found := false
	for _, c := range all {
		if c.ID != nameOrID && c.Name != nameOrID {
			continue
		}
		found = true
		if !slices.ContainsFunc(f.clusters, func(have vcenter.ComputeCluster) bool { return have.ID == c.ID }) {
			f.clusters = append(f.clusters, c)
		}
	}
	if !found {
		names := make([]string, 0, len(all))
		for _, c := range all {
			names = append(names, fmt.Sprintf("%s (%s)", c.Name, c.ID))
		}
		to.AddAttributeError(at, "Compute cluster not found",
			fmt.Sprintf("vCenter has no compute cluster %q, or the account may not see it. It sees: %s.", nameOrID, listOrNone(names)))
	}
}

func (f *facts) ids() string {
	ids := make([]string, 0, len(f.clusters))
	for _, c := range f.clusters {
		ids = append(ids, c.ID)
	}
	slices.Sort(ids)
	return strings.Join(ids, ",")
}

// slowestCore is the MHz of the slowest core: vCenter works out what a class
// reserves with it.
func slowestCore(clusters []vcenter.ComputeCluster) int64 {
	var slowest int64
	for _, c := range clusters {
		for _, h := range c.Hosts {
			if h.CPUMHz > 0 && (slowest == 0 || h.CPUMHz < slowest) {
				slowest = h.CPUMHz
			}
		}
	}
	return slowest
}

func listOrNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// inventory turns what was read into what is judged.
func (f *facts) inventory() []headroom.Cluster {
	byHost := map[string][]headroom.VM{}
	for _, vm := range f.vms {
		byHost[vm.HostID] = append(byHost[vm.HostID], headroom.VM{Name: vm.Name, Shape: headroom.Shape{
			VCPUs: vm.CPUs, MemoryMiB: vm.MemoryMiB, CPUReservationMHz: vm.CPUReservationMHz, MemoryReservationMiB: vm.MemoryReservationMiB,
		}})
	}
	clusters := make([]headroom.Cluster, 0, len(f.clusters))
	for _, c := range f.clusters {
		cluster := headroom.Cluster{Name: c.Name}
		for _, h := range c.Hosts {
			cluster.Hosts = append(cluster.Hosts, headroom.Host{
				Name: h.Name, CPUMHz: h.CPUMHz * h.Cores, Cores: h.Cores, Threads: h.Threads, MemoryMiB: h.MemoryMiB,
				CPUUsedMHz: h.CPUUsedMHz, MemoryUsedMiB: h.MemoryUsedMiB, Unusable: unusable(h), VMs: byHost[h.ID],
			})
		}
		clusters = append(clusters, cluster)
	}
	return clusters
}

// unusable says why a host cannot take machines; "" = it can.
func unusable(h vcenter.Host) string {
	switch {
	case h.Connection == "notResponding":
		return "not responding"
	case h.Connection == "disconnected":
		return "disconnected"
	case h.Maintenance:
		return "in maintenance mode"
	case h.Quarantine:
		return "in quarantine mode"
	case h.Power == "standBy":
		return "in standby"
	case h.Power == "poweredOff":
		return "powered off"
	}
	return ""
}

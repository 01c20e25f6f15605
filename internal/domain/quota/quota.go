// Package quota judges how much of its quota a vSphere Namespace has used: free
// room, percentages, whether autoscalers can still reach their maximum, cost,
// and a status with reasons a person can act on.
//
// It is pure: the standard library only. No I/O, no clock, no Terraform, no
// Kubernetes types, none of our packages. CPU is in MHz, memory and storage in
// MiB, throughout.
package quota

import (
	"cmp"
	"fmt"
	"slices"
)

// Status sums up a judgement.
type Status string

// The states, from good to bad.
const (
	StatusOK       Status = "ok"
	StatusWarning  Status = "warning"
	StatusCritical Status = "critical"
)

func (s Status) rank() int {
	return slices.Index([]Status{StatusOK, StatusWarning, StatusCritical}, s)
}

// worse returns the worse of two states.
func worse(a, b Status) Status {
	if b.rank() > a.rank() {
		return b
	}
	return a
}

// Usage is what is known of one resource, in MHz (CPU) or MiB (memory, storage).
type Usage struct {
	Limit     *int64 // nil = no limit, 0 = none allowed
	Used      int64  // what vCenter reports in use
	Allocated int64  // what the machines and volumes that exist are sized for
	Reserved  int64  // what is reserved, so nobody else can have it
	Consumed  int64  // what machines take at this moment; 0 = nothing, or not known
	// Partial: more may be used, allocated or reserved than is known.
	Partial bool
}

// ObjectUsage is a limit on the number of objects of one kind.
type ObjectUsage struct {
	Limit *int64 // nil = no limit
	Used  int64
}

// ZoneUsage is the share of a namespace in one zone.
type ZoneUsage struct{ CPU, Memory Usage }

// Machine is the size of one node.
type Machine struct {
	VCPUs         int64
	CPUMHz        int64  // what the node counts against the CPU limit; 0 = not known, not counted
	MemoryMiB     int64  // 0 = not known, not counted
	StorageMiB    int64  // its disk and volumes
	StoragePolicy string // where they lie; "" = not known, only the namespace's limit counts
}

// Pool is a group of equal nodes of a cluster.
type Pool struct {
	Name    string
	Nodes   int64  // nodes that exist
	Max     *int64 // the autoscaler's maximum; nil = no autoscaler
	Machine Machine
}

// growth is how many nodes the autoscaler may still add.
func (p Pool) growth() int64 {
	if p.Max == nil {
		return 0
	}
	return max(0, *p.Max-p.Nodes)
}

// Cluster is a workload cluster of the namespace.
type Cluster struct {
	Name         string
	ControlPlane Pool
	Pools        []Pool // the workers
}

// Namespace is everything known of one namespace.
type Namespace struct {
	Name                 string
	CPU, Memory, Storage Usage
	StoragePolicies      map[string]Usage
	Objects              map[string]ObjectUsage
	Zones                map[string]ZoneUsage
	Clusters             []Cluster
	Unknown              []string // what is not known, and so was not judged
	// LimitsUnknown: there may be limits where none are given.
	LimitsUnknown bool
}

// Options are the thresholds, in percent of a limit, and what things cost.
type Options struct {
	WarningPercent, CriticalPercent int64
	Rates                           *Rates   // nil = no cost is worked out
	Unknown                         []string // what is not known of any namespace
}

// Amount is the judgement of one resource, in the unit of its Usage.
type Amount struct {
	Limit                     *int64 // nil = no limit
	Used, Allocated, Reserved int64
	Consumed                  int64  // what machines take at this moment
	Max                       int64  // Allocated once every autoscaler is at its maximum
	Free                      *int64 // Limit less Used, never below 0; nil = no limit
	// Percentages of the limit, rounded down; nil = no limit. Where the limit is
	// 0 they are 0 while nothing is used and 100 otherwise.
	UsedPercent, AllocatedPercent *int64
}

// ZoneReport is the judgement of one zone.
type ZoneReport struct{ CPU, Memory Amount }

// ClusterReport adds up the machines of a cluster that exist.
type ClusterReport struct {
	ControlPlaneNodes, WorkerNodes int64
	MaxWorkerNodes                 int64 // with every autoscaler at its maximum
	VCPUs, MemoryMiB, StorageMiB   int64
}

// NamespaceReport is the judgement of one namespace.
type NamespaceReport struct {
	CPU, Memory, Storage Amount
	StoragePolicies      map[string]Amount
	Objects              map[string]ObjectUsage
	Zones                map[string]ZoneReport
	Clusters             map[string]ClusterReport
	Cost                 *Cost // nil without rates
	// AutoscalerHeadroomBlocked: some autoscaler cannot reach its maximum; nil = not
	// known.
	AutoscalerHeadroomBlocked *bool
	Status                    Status
	Reasons                   []string
}

// Report is the judgement of all namespaces, by name.
type Report struct {
	Namespaces map[string]NamespaceReport
	Status     Status
	Reasons    []string // each with the namespace it is about; what is not known comes last
}

// Assess judges the namespaces. The only error is one in the options.
func Assess(namespaces []Namespace, opts Options) (Report, error) {
	if opts.WarningPercent < 0 || opts.WarningPercent > opts.CriticalPercent {
		return Report{}, fmt.Errorf("assess quota: warning at %d %% and critical at %d %%: want 0 <= warning <= critical",
			opts.WarningPercent, opts.CriticalPercent)
	}
	sorted := slices.Clone(namespaces)
	slices.SortStableFunc(sorted, func(a, b Namespace) int { return cmp.Compare(a.Name, b.Name) })
	report := Report{Namespaces: make(map[string]NamespaceReport, len(sorted)), Status: StatusOK}
	var missing []string
	for _, n := range sorted {
		r := assess(n, opts)
		report.Status = worse(report.Status, r.Status)
		for _, reason := range r.Reasons {
			report.Reasons = append(report.Reasons, fmt.Sprintf("namespace %s: %s", n.Name, reason))
		}
		for _, what := range n.Unknown {
			missing = append(missing, fmt.Sprintf("namespace %s: %s", n.Name, what))
		}
		// Of each namespace, but said once where all are looked at.
		r.Reasons = slices.Concat(r.Reasons, unknown(n.Unknown), unknown(opts.Unknown))
		report.Namespaces[n.Name] = r
	}
	report.Reasons = slices.Concat(report.Reasons, unknown(missing), unknown(opts.Unknown))
	return report, nil
}

// unknown are the reasons why a status may be better than it should: they do
// not make it worse, since nothing bad is known.
func unknown(list []string) []string {
	reasons := make([]string, 0, len(list))
	for _, what := range list {
		reasons = append(reasons, "not known: "+what)
	}
	return reasons
}

// assess judges one namespace by what is known of it.
func assess(n Namespace, opts Options) NamespaceReport {
	grown := growthOf(n.Clusters)
	j := judge{opts: opts, status: StatusOK}
	report := NamespaceReport{
		CPU:             j.machines("cpu", "MHz", n.CPU, grown.CPUMHz),
		Memory:          j.machines("memory", "MiB", n.Memory, grown.MemoryMiB),
		Storage:         j.volumes("storage", n.Storage, grown.storage()),
		StoragePolicies: make(map[string]Amount, len(n.StoragePolicies)),
		Objects:         make(map[string]ObjectUsage, len(n.Objects)),
		Zones:           make(map[string]ZoneReport, len(n.Zones)),
		Clusters:        make(map[string]ClusterReport, len(n.Clusters)),
		Cost:            costOf(n, opts.Rates),
	}
	for _, name := range sortedKeys(n.StoragePolicies) {
		report.StoragePolicies[name] = j.volumes("storage policy "+name, n.StoragePolicies[name], grown.StorageMiB[name])
	}
	for _, name := range sortedKeys(n.Objects) {
		report.Objects[name] = n.Objects[name]
		j.objects(name, n.Objects[name])
	}
	for _, name := range sortedKeys(n.Zones) {
		zone := n.Zones[name]
		report.Zones[name] = ZoneReport{
			CPU:    j.machines("cpu in zone "+name, "MHz", zone.CPU, 0),
			Memory: j.machines("memory in zone "+name, "MiB", zone.Memory, 0),
		}
	}
	for _, c := range n.Clusters {
		report.Clusters[c.Name] = clusterReport(c)
	}
	blocked := autoscalerReasons(n)
	for _, reason := range blocked {
		j.add(StatusWarning, reason)
	}
	if is := len(blocked) > 0; is || headroomKnown(n) {
		report.AutoscalerHeadroomBlocked = &is
	}
	report.Status, report.Reasons = j.status, j.reasons
	return report
}

func clusterReport(c Cluster) ClusterReport {
	report := ClusterReport{ControlPlaneNodes: c.ControlPlane.Nodes}
	for _, p := range append([]Pool{c.ControlPlane}, c.Pools...) {
		report.VCPUs += p.Nodes * p.Machine.VCPUs
		report.MemoryMiB += p.Nodes * p.Machine.MemoryMiB
		report.StorageMiB += p.Nodes * p.Machine.StorageMiB
	}
	for _, p := range c.Pools {
		report.WorkerNodes += p.Nodes
		report.MaxWorkerNodes += p.Nodes + p.growth()
	}
	return report
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

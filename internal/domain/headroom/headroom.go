// Package headroom judges whether vSphere clusters have room: sums and shares,
// how many machines of a size can still be placed, and whether the machines that
// run would find a place after hosts fail.
//
// It never promises a placement that does not exist: every count comes from an
// actual packing of machines onto hosts. It may miss a placement that only a
// cleverer packing, or moving machines that need not move, would find.
//
// It is pure: the standard library only. No I/O, no clock, no Terraform, no
// Kubernetes types, none of our packages. CPU is in MHz or vCPUs and memory in
// MiB, throughout.
package headroom

import (
	"cmp"
	"errors"
	"fmt"
	"math"
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

// Shape is the size of a machine.
type Shape struct {
	VCPUs, MemoryMiB                        int64
	CPUReservationMHz, MemoryReservationMiB int64
}

// VM is a machine that is powered on.
type VM struct {
	Name string
	Shape
}

// Host is one ESXi host and the machines powered on there.
type Host struct {
	Name                      string
	CPUMHz                    int64 // all cores together
	Cores                     int64 // physical cores
	Threads                   int64 // logical processors, the widest machine the host can run; 0 = not known, no such limit
	MemoryMiB                 int64
	CPUUsedMHz, MemoryUsedMiB int64
	Unusable                  string // why the host cannot take machines ("in maintenance mode"); "" = it can
	VMs                       []VM
}

// Cluster is a vSphere cluster.
type Cluster struct {
	Name  string
	Hosts []Host
}

// Options say what counts as room.
type Options struct {
	HostFailuresToTolerate          int64   // in each cluster
	CPUOvercommit                   float64 // vCPUs for each core
	MemoryOvercommit                float64 // memory of machines for each MiB of a host
	Shape                           *Shape  // the machine to place; nil = nothing is placed
	WarningPercent, CriticalPercent int64
}

func (o Options) validate() error {
	positive := func(f float64) bool { return f > 0 && !math.IsInf(f, 0) }
	switch {
	case o.HostFailuresToTolerate < 0:
		return fmt.Errorf("%d host failures to tolerate: want 0 or more", o.HostFailuresToTolerate)
	case !positive(o.CPUOvercommit) || !positive(o.MemoryOvercommit):
		return fmt.Errorf("overcommit of cpu %g and memory %g: want numbers above 0", o.CPUOvercommit, o.MemoryOvercommit)
	case o.WarningPercent < 0 || o.WarningPercent > o.CriticalPercent:
		return fmt.Errorf("warning at %d %% and critical at %d %%: want 0 <= warning <= critical", o.WarningPercent, o.CriticalPercent)
	case o.Shape != nil:
		return o.Shape.validate()
	}
	return nil
}

func (s Shape) validate() error {
	if min(s.VCPUs, s.MemoryMiB, s.CPUReservationMHz, s.MemoryReservationMiB) < 0 {
		return errors.New("the machine to place has a negative size")
	}
	if s == (Shape{}) {
		return errors.New("the machine to place has no size")
	}
	return nil
}

// Sums add up the usable hosts of a cluster, or of all clusters.
type Sums struct {
	Hosts, UsableHosts int64

	CPUCapacityMHz, MemoryCapacityMiB  int64 // physical, without overcommit
	CPUUsedMHz, MemoryUsedMiB          int64
	CPUReservedMHz, MemoryReservedMiB  int64 // by machines that are powered on
	VCPUsAllocated, MemoryAllocatedMiB int64 // sizes of machines that are powered on
	CPUFreeMHz, MemoryFreeMiB          int64 // capacity less used, host by host, never below 0

	CPUUsedPercent, MemoryUsedPercent *int64 // rounded down; nil = no usable host

	// The most free CPU and the most free memory of one host; not always the
	// same host.
	LargestFreeHostCPUMHz, LargestFreeHostMemoryMiB int64

	// Placeable is how many machines of the shape can be placed now;
	// PlaceableAfterFailures how many of them there is still room for after the
	// failures to tolerate, once everything that ran on the failed hosts has
	// been restarted. nil = no shape was asked for.
	Placeable, PlaceableAfterFailures *int64
	// SurvivesFailures tells whether everything that runs on the failed hosts
	// finds a place on the rest of its cluster.
	SurvivesFailures bool
}

// ClusterReport is the judgement of one cluster.
type ClusterReport struct {
	Sums
	Status  Status
	Reasons []string
}

// HostReport is one host, usable or not.
type HostReport struct {
	Cluster, Name                      string
	Unusable                           string // why not; "" = usable
	VMs                                int64
	CPUCapacityMHz, MemoryCapacityMiB  int64
	CPUUsedMHz, MemoryUsedMiB          int64
	CPUReservedMHz, MemoryReservedMiB  int64
	VCPUsAllocated, MemoryAllocatedMiB int64
	CPUFreeMHz, MemoryFreeMiB          int64
	Placeable                          *int64 // 0 on an unusable host; nil = no shape was asked for
}

// Report is the judgement of all clusters.
type Report struct {
	Clusters map[string]ClusterReport
	Hosts    []HostReport // by cluster and name
	Total    Sums
	Status   Status
	Reasons  []string // each with the cluster it is about
}

// Assess judges the clusters. The only error is one in the options.
func Assess(clusters []Cluster, opts Options) (Report, error) {
	if err := opts.validate(); err != nil {
		return Report{}, fmt.Errorf("assess headroom: %w", err)
	}
	sorted := slices.Clone(clusters)
	slices.SortStableFunc(sorted, func(a, b Cluster) int { return cmp.Compare(a.Name, b.Name) })

	report := Report{Clusters: make(map[string]ClusterReport, len(sorted)), Status: StatusOK}
	report.Total.SurvivesFailures = true
	if opts.Shape != nil {
		report.Total.Placeable, report.Total.PlaceableAfterFailures = new(int64), new(int64)
	}
	work := searchWork / max(1, len(sorted))
	for _, c := range sorted {
		cr, hosts := assess(c, opts, work)
		report.Clusters[c.Name] = cr
		report.Hosts = append(report.Hosts, hosts...)
		report.Total.add(cr.Sums)
		report.Status = worse(report.Status, cr.Status)
		for _, reason := range cr.Reasons {
			report.Reasons = append(report.Reasons, fmt.Sprintf("cluster %s: %s", c.Name, reason))
		}
	}
	report.Total.percents()
	if len(sorted) == 0 {
		report.Status, report.Reasons = StatusCritical, []string{"there are no clusters"}
	}
	return report, nil
}

// assess judges one cluster.
func assess(c Cluster, opts Options, work int) (ClusterReport, []HostReport) {
	hosts := slices.Clone(c.Hosts)
	slices.SortStableFunc(hosts, func(a, b Host) int { return cmp.Compare(a.Name, b.Name) })

	var sums Sums
	var usable []Host
	reports := make([]HostReport, 0, len(hosts))
	for _, h := range hosts {
		r := hostReport(c.Name, h, opts)
		reports = append(reports, r)
		sums.addHost(r)
		if h.Unusable == "" {
			usable = append(usable, h)
		}
	}
	sums.percents()

	p := newPacker(usable, opts)
	worst := p.failHosts(int(min(opts.HostFailuresToTolerate, int64(len(usable)))), opts.Shape, work)
	sums.SurvivesFailures = worst.survives && len(usable) > 0
	if opts.Shape != nil {
		placeable := p.placeable(opts.Shape)
		sums.Placeable, sums.PlaceableAfterFailures = &placeable, &worst.placeable
	}
	j := judge{opts: opts, status: StatusOK}
	j.hosts(hosts, len(usable))
	j.load(sums, usable)
	j.failures(usable, worst)
	j.shape(sums)
	return ClusterReport{Sums: sums, Status: j.status, Reasons: j.reasons}, reports
}

package headroom

import (
	"fmt"
	"strings"
)

// namedHosts is how many hosts a reason names before it only counts them.
const namedHosts = 5

// judge collects a status and the reasons for it.
type judge struct {
	opts    Options
	status  Status
	reasons []string
}

func (j *judge) add(s Status, format string, args ...any) {
	j.status = worse(j.status, s)
	j.reasons = append(j.reasons, fmt.Sprintf(format, args...))
}

// hosts says which hosts are not counted.
func (j *judge) hosts(hosts []Host, usable int) {
	for _, h := range hosts {
		if h.Unusable == "" {
			continue
		}
		still := ""
		if len(h.VMs) > 0 {
			still = fmt.Sprintf(", and %s on it", count(len(h.VMs), "machine runs", "machines run"))
		}
		j.add(StatusWarning, "host %s is not usable: %s%s", h.Name, h.Unusable, still)
	}
	if usable == 0 {
		j.add(StatusCritical, "no host is usable")
	}
}

// load compares what is in use with the thresholds, and sizes with overcommit.
func (j *judge) load(s Sums, usable []Host) {
	j.level("cpu", "MHz", "used", s.CPUUsedMHz, s.CPUCapacityMHz)
	j.level("memory", "MiB", "used", s.MemoryUsedMiB, s.MemoryCapacityMiB)
	if s.CPUReservedMHz > s.CPUUsedMHz {
		j.level("cpu", "MHz", "reserved", s.CPUReservedMHz, s.CPUCapacityMHz)
	}
	if s.MemoryReservedMiB > s.MemoryUsedMiB {
		j.level("memory", "MiB", "reserved", s.MemoryReservedMiB, s.MemoryCapacityMiB)
	}
	var vcpus, memory int64
	for _, h := range usable {
		vcpus += scaled(h.Cores, j.opts.CPUOvercommit)
		memory += scaled(h.MemoryMiB, j.opts.MemoryOvercommit)
	}
	if s.VCPUsAllocated > vcpus {
		j.add(StatusWarning, "machines have %d vCPUs, and an overcommit of %g allows %d", s.VCPUsAllocated, j.opts.CPUOvercommit, vcpus)
	}
	if s.MemoryAllocatedMiB > memory {
		j.add(StatusWarning, "machines have %d MiB of memory, and an overcommit of %g allows %d", s.MemoryAllocatedMiB, j.opts.MemoryOvercommit, memory)
	}
}

func (j *judge) level(noun, unit, verb string, value, capacity int64) {
	share := percent(value, capacity)
	if share == nil {
		return
	}
	switch {
	case *share >= j.opts.CriticalPercent:
		j.add(StatusCritical, "%s is %d %% %s (%d of %d %s)", noun, *share, verb, value, capacity, unit)
	case *share >= j.opts.WarningPercent:
		j.add(StatusWarning, "%s is %d %% %s (%d of %d %s)", noun, *share, verb, value, capacity, unit)
	}
}

// failures says what would have no place after the failures to tolerate.
func (j *judge) failures(usable []Host, f failure) {
	if f.survives {
		return
	}
	j.add(StatusCritical, "if %s %s, %d of %s no place on the other hosts%s",
		hostNames(usable, f.hosts), fails(len(f.hosts)), len(f.left), count(f.vms, "machine finds", "machines find"), f.why())
}

// why names the resource that is short, when it is so in sum.
func (f failure) why() string {
	short := func(noun, unit string, need, free int64) string {
		return fmt.Sprintf(": they need %d %s of %s and %d are free", need, unit, noun, free)
	}
	switch {
	case f.need.MemoryMiB > f.free.memory:
		return short("memory", "MiB", f.need.MemoryMiB, f.free.memory)
	case f.need.VCPUs > f.free.vcpus:
		return fmt.Sprintf(": they have %d vCPUs and there is room for %d", f.need.VCPUs, f.free.vcpus)
	case f.need.MemoryReservationMiB > f.free.memoryReservation:
		return short("reserved memory", "MiB", f.need.MemoryReservationMiB, f.free.memoryReservation)
	case f.need.CPUReservationMHz > f.free.cpuReservation:
		return short("reserved cpu", "MHz", f.need.CPUReservationMHz, f.free.cpuReservation)
	default:
		first := f.left[0]
		return fmt.Sprintf(": the room left is in pieces too small, the largest of these machines has %d vCPUs and %d MiB", first.VCPUs, first.MemoryMiB)
	}
}

// shape says when there is no room for the machine to place.
func (j *judge) shape(s Sums) {
	if s.Placeable == nil || s.UsableHosts == 0 {
		return
	}
	size := fmt.Sprintf("a machine of %d vCPUs and %d MiB", j.opts.Shape.VCPUs, j.opts.Shape.MemoryMiB)
	switch {
	case *s.Placeable == 0:
		j.add(StatusCritical, "no host has room for %s", size)
	case *s.PlaceableAfterFailures == 0 && s.SurvivesFailures:
		j.add(StatusWarning, "there is room for %s only while no host fails", size)
	}
}

func hostNames(hosts []Host, set []int) string {
	var names []string
	for _, i := range set[:min(len(set), namedHosts)] {
		names = append(names, hosts[i].Name)
	}
	if more := len(set) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	if len(set) == 1 {
		return "host " + names[0]
	}
	return "hosts " + strings.Join(names, ", ")
}

func fails(hosts int) string {
	if hosts == 1 {
		return "fails"
	}
	return "fail"
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

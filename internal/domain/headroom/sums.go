package headroom

import (
	"math"
	"math/bits"
)

func hostReport(cluster string, h Host, opts Options) HostReport {
	r := HostReport{
		Cluster: cluster, Name: h.Name, Unusable: h.Unusable, VMs: int64(len(h.VMs)),
		CPUCapacityMHz: h.CPUMHz, MemoryCapacityMiB: h.MemoryMiB,
		CPUUsedMHz: h.CPUUsedMHz, MemoryUsedMiB: h.MemoryUsedMiB,
	}
	for _, vm := range h.VMs {
		r.VCPUsAllocated += vm.VCPUs
		r.MemoryAllocatedMiB += vm.MemoryMiB
		r.CPUReservedMHz += vm.CPUReservationMHz
		r.MemoryReservedMiB += vm.MemoryReservationMiB
	}
	if h.Unusable == "" {
		r.CPUFreeMHz = max(0, h.CPUMHz-h.CPUUsedMHz)
		r.MemoryFreeMiB = max(0, h.MemoryMiB-h.MemoryUsedMiB)
	}
	if opts.Shape != nil {
		r.Placeable = new(int64)
		if h.Unusable == "" {
			free := roomOf(h, opts)
			*r.Placeable = free.count(opts.Shape)
		}
	}
	return r
}

// addHost counts a host; one that is not usable adds nothing but itself.
func (s *Sums) addHost(h HostReport) {
	s.Hosts++
	if h.Unusable != "" {
		return
	}
	s.UsableHosts++
	s.CPUCapacityMHz += h.CPUCapacityMHz
	s.MemoryCapacityMiB += h.MemoryCapacityMiB
	s.CPUUsedMHz += h.CPUUsedMHz
	s.MemoryUsedMiB += h.MemoryUsedMiB
	s.CPUReservedMHz += h.CPUReservedMHz
	s.MemoryReservedMiB += h.MemoryReservedMiB
	s.VCPUsAllocated += h.VCPUsAllocated
	s.MemoryAllocatedMiB += h.MemoryAllocatedMiB
	s.CPUFreeMHz += h.CPUFreeMHz
	s.MemoryFreeMiB += h.MemoryFreeMiB
	s.LargestFreeHostCPUMHz = max(s.LargestFreeHostCPUMHz, h.CPUFreeMHz)
	s.LargestFreeHostMemoryMiB = max(s.LargestFreeHostMemoryMiB, h.MemoryFreeMiB)
}

// add counts a cluster.
func (s *Sums) add(c Sums) {
	s.Hosts += c.Hosts
	s.UsableHosts += c.UsableHosts
	s.CPUCapacityMHz += c.CPUCapacityMHz
	s.MemoryCapacityMiB += c.MemoryCapacityMiB
	s.CPUUsedMHz += c.CPUUsedMHz
	s.MemoryUsedMiB += c.MemoryUsedMiB
	s.CPUReservedMHz += c.CPUReservedMHz
	s.MemoryReservedMiB += c.MemoryReservedMiB
	s.VCPUsAllocated += c.VCPUsAllocated
	s.MemoryAllocatedMiB += c.MemoryAllocatedMiB
	s.CPUFreeMHz += c.CPUFreeMHz
	s.MemoryFreeMiB += c.MemoryFreeMiB
	s.LargestFreeHostCPUMHz = max(s.LargestFreeHostCPUMHz, c.LargestFreeHostCPUMHz)
	s.LargestFreeHostMemoryMiB = max(s.LargestFreeHostMemoryMiB, c.LargestFreeHostMemoryMiB)
	s.SurvivesFailures = s.SurvivesFailures && c.SurvivesFailures
	if c.Placeable != nil {
		*s.Placeable += *c.Placeable
		*s.PlaceableAfterFailures += *c.PlaceableAfterFailures
	}
}

func (s *Sums) percents() {
	s.CPUUsedPercent = percent(s.CPUUsedMHz, s.CPUCapacityMHz)
	s.MemoryUsedPercent = percent(s.MemoryUsedMiB, s.MemoryCapacityMiB)
}

// percent returns value as a percentage of capacity, rounded down; nil when
// there is no capacity.
func percent(value, capacity int64) *int64 {
	if capacity <= 0 {
		return nil
	}
	share := int64(math.MaxInt64)
	hi, lo := bits.Mul64(uint64(max(0, value)), 100)
	if hi < uint64(capacity) {
		quotient, _ := bits.Div64(hi, lo, uint64(capacity))
		share = int64(min(quotient, math.MaxInt64))
	}
	return &share
}

// scaled multiplies a capacity by an overcommit, rounded down, but not because
// of the last bit of a float: 100 times 4.35 is 435.
func scaled(capacity int64, overcommit float64) int64 {
	v := float64(capacity) * overcommit
	if v >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(v * (1 + 1e-12))
}

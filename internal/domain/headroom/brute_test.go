package headroom

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAgainstBruteForce compares small random clusters with a search through
// every placement: what is promised must exist, and little may be missed.
func TestAgainstBruteForce(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 11))
	var survivable, found, best, promised int64
	for range 4000 {
		cluster, opts := randomCluster(random)
		report, err := Assess([]Cluster{cluster}, opts)
		if err != nil {
			t.Fatal(err)
		}
		got := report.Clusters[cluster.Name]
		exists, most := bruteForce(cluster.Hosts, opts)
		if got.SurvivesFailures && !exists {
			t.Fatalf("promised that failures are survived, but they are not: %+v %+v", cluster, opts)
		}
		if *got.PlaceableAfterFailures > most {
			t.Fatalf("promised %d machines after failures, %d can be placed: %+v %+v", *got.PlaceableAfterFailures, most, cluster, opts)
		}
		if exists {
			survivable++
			if got.SurvivesFailures {
				found++
			}
		}
		best, promised = best+most, promised+*got.PlaceableAfterFailures
	}
	t.Logf("survivable %d, found %d (%.2f %%); placeable at best %d, promised %d (%.2f %%)", survivable, found,
		100*float64(found)/float64(survivable), best, promised, 100*float64(promised)/float64(best))
	if survivable < 500 || found*100 < survivable*98 || promised*100 < best*90 {
		t.Errorf("too much is missed: survivable %d, found %d, at best %d, promised %d", survivable, found, best, promised)
	}
}

func randomCluster(r *rand.Rand) (Cluster, Options) {
	opts := options(&Shape{VCPUs: 1 + r.Int64N(3), MemoryMiB: 1 + r.Int64N(4)})
	opts.HostFailuresToTolerate = 1 + r.Int64N(2)
	opts.CPUOvercommit = []float64{1, 1.5, 4}[r.IntN(3)]
	if r.IntN(3) == 0 {
		opts.Shape.MemoryReservationMiB, opts.Shape.CPUReservationMHz = opts.Shape.MemoryMiB, r.Int64N(3)
	}
	c := Cluster{Name: "c"}
	for i := range 2 + r.IntN(3) {
		h := Host{Name: fmt.Sprint("h", i), CPUMHz: 4 + r.Int64N(8), Cores: 3 + r.Int64N(6), Threads: 2 + r.Int64N(8), MemoryMiB: 6 + r.Int64N(12)}
		for range r.IntN(4) {
			vm := VM{Shape: Shape{VCPUs: 1 + r.Int64N(3), MemoryMiB: 1 + r.Int64N(5)}}
			if r.IntN(3) == 0 {
				vm.CPUReservationMHz, vm.MemoryReservationMiB = 1, vm.MemoryMiB
			}
			h.VMs = append(h.VMs, vm)
		}
		c.Hosts = append(c.Hosts, h)
	}
	return c, opts
}

// bruteForce searches every set of failing hosts and every placement of what ran
// there, with arithmetic of its own.
func bruteForce(hosts []Host, opts Options) (survives bool, placeable int64) {
	k := min(int(opts.HostFailuresToTolerate), len(hosts))
	placeable = -1
	for mask := range 1 << len(hosts) {
		var down []VM
		var up []Host
		failed := 0
		for i, h := range hosts {
			if mask&(1<<i) != 0 {
				failed++
				down = append(down, h.VMs...)
				continue
			}
			h.VMs = slices.Clone(h.VMs)
			up = append(up, h)
		}
		if failed != k {
			continue
		}
		best := bestPlacement(up, down, opts)
		if best < 0 {
			return false, 0
		}
		if placeable < 0 || best < placeable {
			placeable = best
		}
	}
	return true, placeable
}

// bestPlacement is the most machines of the shape that fit after all of vms have
// been placed, -1 when those cannot be placed.
func bestPlacement(hosts []Host, vms []VM, opts Options) int64 {
	if len(vms) == 0 {
		var n int64
		for _, h := range hosts {
			for holds(h, opts, VM{Shape: *opts.Shape}) {
				h.VMs = append(slices.Clone(h.VMs), VM{Shape: *opts.Shape})
				n++
			}
		}
		return n
	}
	best := int64(-1)
	for i := range hosts {
		if !holds(hosts[i], opts, vms[0]) {
			continue
		}
		before := hosts[i].VMs
		hosts[i].VMs = append(slices.Clone(before), vms[0])
		best = max(best, bestPlacement(hosts, vms[1:], opts))
		hosts[i].VMs = before
	}
	return best
}

// holds says whether a host may take one machine more, by the definition.
func holds(h Host, opts Options, more VM) bool {
	var sum Shape
	for _, vm := range append(slices.Clone(h.VMs), more) {
		sum.VCPUs += vm.VCPUs
		sum.MemoryMiB += vm.MemoryMiB
		sum.CPUReservationMHz += vm.CPUReservationMHz
		sum.MemoryReservationMiB += vm.MemoryReservationMiB
	}
	return more.VCPUs <= h.Threads &&
		float64(sum.VCPUs) <= float64(h.Cores)*opts.CPUOvercommit &&
		float64(sum.MemoryMiB) <= float64(h.MemoryMiB)*opts.MemoryOvercommit &&
		(more.CPUReservationMHz == 0 || sum.CPUReservationMHz <= h.CPUMHz) &&
		(more.MemoryReservationMiB == 0 || sum.MemoryReservationMiB <= h.MemoryMiB)
}

// TestCloseToTheBound looks at clusters too large to search: after a failure no
// placement can hold more than the sum of all room.
func TestCloseToTheBound(t *testing.T) {
	t.Parallel()
	clusters := estate(4, 32, 10)
	opts := options(&Shape{VCPUs: 2, MemoryMiB: 8192})
	report, err := Assess(clusters, opts)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range clusters {
		got := report.Clusters[c.Name]
		bound := memoryBound(c.Hosts) / opts.Shape.MemoryMiB
		t.Logf("%s: %d placeable after failures, at most %d", c.Name, *got.PlaceableAfterFailures, bound)
		if !got.SurvivesFailures || *got.PlaceableAfterFailures > bound || *got.PlaceableAfterFailures*100 < bound*90 {
			t.Errorf("%s: survives %t, %d placeable after failures, at most %d", c.Name, got.SurvivesFailures, *got.PlaceableAfterFailures, bound)
		}
	}
}

// memoryBound is the least memory that is free once one host has failed, MiB,
// wherever what ran there goes.
func memoryBound(hosts []Host) int64 {
	allocated := func(h Host) (sum int64) {
		for _, vm := range h.VMs {
			sum += vm.MemoryMiB
		}
		return sum
	}
	var free int64
	for _, h := range hosts {
		free += max(0, h.MemoryMiB-allocated(h))
	}
	bound := free
	for _, h := range hosts {
		bound = min(bound, free-max(0, h.MemoryMiB-allocated(h))-allocated(h))
	}
	return bound
}

// estate makes clusters of equal hosts of 512 GiB, unevenly filled.
func estate(clusters, hosts, vms int) []Cluster {
	random := rand.New(rand.NewPCG(3, 5))
	list := make([]Cluster, clusters)
	for i := range list {
		list[i].Name = fmt.Sprintf("cluster-%02d", i)
		for j := range hosts {
			h := Host{Name: fmt.Sprintf("esx-%02d-%04d", i, j), CPUMHz: 48 * 2600, Cores: 48, Threads: 96, MemoryMiB: 512 * 1024}
			for range random.IntN(2*vms + 1) {
				size := int64(1) << random.IntN(5)
				vm := vm(2+size, size*4096)
				if random.IntN(4) == 0 {
					vm.MemoryReservationMiB, vm.CPUReservationMHz = vm.MemoryMiB, size*500
				}
				h.VMs = append(h.VMs, vm)
				h.MemoryUsedMiB += vm.MemoryMiB / 2
			}
			list[i].Hosts = append(list[i].Hosts, h)
		}
	}
	return list
}

func BenchmarkAssess(b *testing.B) {
	for _, bc := range []struct{ clusters, hosts, failures int }{{16, 64, 1}, {16, 64, 2}, {4, 256, 1}, {1, 1024, 1}, {1, 1024, 2}} {
		b.Run(fmt.Sprintf("clusters=%d/hosts=%d/failures=%d", bc.clusters, bc.hosts, bc.failures), func(b *testing.B) {
			clusters := estate(bc.clusters, bc.hosts, 10)
			opts := options(&Shape{VCPUs: 4, MemoryMiB: 16384})
			opts.HostFailuresToTolerate = int64(bc.failures)
			for b.Loop() {
				if _, err := Assess(clusters, opts); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

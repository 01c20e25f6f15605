package headroom

import (
	"cmp"
	"math"
	"slices"
)

// searchWork bounds the search for the worst failure, in hosts looked at over
// all clusters: some 20 ms.
const searchWork = 12_000_000

// failure is what happens when a set of hosts fails.
type failure struct {
	survives  bool
	placeable int64  // machines of the shape that still fit; 0 unless it survives
	hosts     []int  // the set
	vms       int    // machines that ran there
	left      []item // those found no place for
	need      Shape  // all machines that ran there
	free      room   // sum over the hosts that are left
}

// failHosts lets k hosts fail and returns the worst that can happen: the first
// set of hosts whose machines find no place elsewhere, or else the set that
// leaves the fewest placeable. It tries the k largest hosts by several measures,
// and then every set of k where that is not too much work.
func (p *packer) failHosts(k int, shape *Shape, work int) failure {
	worst := failure{survives: true, placeable: math.MaxInt64}
	try := func(set []int) bool {
		// A set that leaves as many as the worst one so far is not a new worst.
		f := p.fail(set, shape, worst.placeable)
		if !f.survives || f.placeable < worst.placeable {
			worst = f
			worst.hosts = slices.Clone(set)
		}
		return worst.survives
	}
	for _, set := range p.largest(k) {
		if !try(set) {
			return worst
		}
	}
	if k > 0 && p.affordable(k, work) {
		combinations(len(p.rooms), k, try)
	}
	return worst
}

// largest returns the k hosts that are hardest to lose, by several measures:
// the room they had when empty and the machines they run.
func (p *packer) largest(k int) [][]int {
	loads := make([]Shape, len(p.rooms))
	for i := range p.rooms {
		loads[i] = demand(p.vms[i])
	}
	measures := []func(i int) int64{
		func(i int) int64 { return loads[i].MemoryMiB + p.rooms[i].memory },
		func(i int) int64 { return loads[i].VCPUs + p.rooms[i].vcpus },
		func(i int) int64 { return loads[i].MemoryMiB },
		func(i int) int64 { return loads[i].VCPUs },
		func(i int) int64 { return loads[i].MemoryReservationMiB },
		func(i int) int64 { return loads[i].CPUReservationMHz },
	}
	if k == 0 || k == len(p.rooms) {
		measures = measures[:1] // there is only one set
	}
	sets := make([][]int, 0, len(measures))
	for _, measure := range measures {
		order := make([]int, len(p.rooms))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int {
			return cmp.Or(cmp.Compare(measure(b), measure(a)), cmp.Compare(loads[b].MemoryMiB, loads[a].MemoryMiB))
		})
		sets = append(sets, order[:k])
	}
	return sets
}

// affordable tells whether the work allows to try every set of k hosts.
func (p *packer) affordable(k, work int) bool {
	n, vms := len(p.rooms), 0
	for _, list := range p.vms {
		vms += len(list)
	}
	sets := 1
	for i := range k {
		if sets = sets * (n - i) / (i + 1); sets > work {
			return false
		}
	}
	// Each set places the machines of k hosts, and each machine looks at n hosts.
	return sets*(k*vms/n+1) <= work/n
}

// combinations calls f with every set of k numbers below n, until f says no.
func combinations(n, k int, f func(set []int) bool) {
	set := make([]int, k)
	for i := range set {
		set[i] = i
	}
	for f(set) {
		i := k - 1
		for i >= 0 && set[i] == n-k+i {
			i--
		}
		if i < 0 {
			return
		}
		set[i]++
		for j := i + 1; j < k; j++ {
			set[j] = set[j-1] + 1
		}
	}
}

// fail lets one set of hosts fail, restarts what ran there, counts how many
// machines of the shape still fit, and puts everything back. It looks for a
// better placement only until that count is enough.
func (p *packer) fail(set []int, shape *Shape, enough int64) failure {
	saved := make([]room, len(set))
	var items []item
	for i, host := range set {
		saved[i] = p.rooms[host]
		p.rooms[host] = closed
		items = append(items, p.vms[host]...)
	}
	value := func() int64 { return p.placeable(shape) }
	if shape == nil {
		value, enough = func() int64 { return 0 }, 0
	}
	left, placeable := p.packBest(items, value, enough)
	f := failure{survives: len(left) == 0, placeable: max(0, placeable), vms: len(items), left: left}
	if !f.survives {
		f.need, f.free = demand(items), p.free()
	}
	for i, host := range set {
		p.rooms[host] = saved[i]
	}
	return f
}

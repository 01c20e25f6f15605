package headroom

import (
	"cmp"
	"math"
	"slices"
)

// room is what a host can still take.
type room struct {
	memory, vcpus                     int64 // with overcommit
	memoryReservation, cpuReservation int64 // MiB, MHz
	widest                            int64 // vCPUs of one machine
}

// closed is the room of a host that has failed.
var closed = room{memory: -1, vcpus: -1, memoryReservation: -1, cpuReservation: -1, widest: -1}

// roomOf works out what a host can take beside the machines it runs. Where more
// memory is in use than they are sized for (the hypervisor, vSAN), what is in
// use counts.
func roomOf(h Host, opts Options) room {
	r := room{
		memory:            scaled(h.MemoryMiB, opts.MemoryOvercommit),
		vcpus:             scaled(h.Cores, opts.CPUOvercommit),
		memoryReservation: h.MemoryMiB,
		cpuReservation:    h.CPUMHz,
		widest:            h.Threads,
	}
	if h.Threads <= 0 {
		r.widest = math.MaxInt64
	}
	var allocated int64
	for i := range h.VMs {
		r.take(&h.VMs[i].Shape, 1)
		allocated += h.VMs[i].MemoryMiB
	}
	r.memory -= max(0, h.MemoryUsedMiB-allocated)
	return r
}

// fits tells whether there is room for the machine. One with no reservation may
// go where more is reserved than there is.
func (r *room) fits(s *Shape) bool {
	return r.memory >= s.MemoryMiB && r.vcpus >= s.VCPUs && s.VCPUs <= r.widest &&
		(s.MemoryReservationMiB == 0 || r.memoryReservation >= s.MemoryReservationMiB) &&
		(s.CPUReservationMHz == 0 || r.cpuReservation >= s.CPUReservationMHz)
}

// take uses the room of n machines; a negative n gives it back.
func (r *room) take(s *Shape, n int64) {
	r.memory -= n * s.MemoryMiB
	r.vcpus -= n * s.VCPUs
	r.memoryReservation -= n * s.MemoryReservationMiB
	r.cpuReservation -= n * s.CPUReservationMHz
}

// count is how many machines of the shape there is room for.
func (r *room) count(s *Shape) int64 {
	if !r.fits(s) {
		return 0
	}
	n := int64(math.MaxInt64)
	for _, d := range [...]struct{ free, size int64 }{
		{r.memory, s.MemoryMiB},
		{r.vcpus, s.VCPUs},
		{r.memoryReservation, s.MemoryReservationMiB},
		{r.cpuReservation, s.CPUReservationMHz},
	} {
		if d.size > 0 {
			n = min(n, d.free/d.size)
		}
	}
	return n
}

// item is a machine to place.
type item struct {
	Shape
	id int // index in the caller's list
}

// byMemory and byCPU put the machines that are hardest to place first.
func byMemory(a, b item) int {
	return cmp.Or(cmp.Compare(b.MemoryMiB, a.MemoryMiB), cmp.Compare(b.VCPUs, a.VCPUs),
		cmp.Compare(b.MemoryReservationMiB, a.MemoryReservationMiB), cmp.Compare(b.CPUReservationMHz, a.CPUReservationMHz), cmp.Compare(a.id, b.id))
}

func byCPU(a, b item) int {
	return cmp.Or(cmp.Compare(b.VCPUs, a.VCPUs), cmp.Compare(b.CPUReservationMHz, a.CPUReservationMHz), byMemory(a, b))
}

// placement remembers where a machine went, to undo it.
type placement struct {
	host  int
	shape Shape
}

// packer places machines on the usable hosts of a cluster.
type packer struct {
	rooms []room
	vms   [][]item // by host, largest memory first
	log   []placement
}

func newPacker(hosts []Host, opts Options) *packer {
	p := &packer{rooms: make([]room, len(hosts)), vms: make([][]item, len(hosts))}
	for i, h := range hosts {
		p.rooms[i] = roomOf(h, opts)
		p.vms[i] = make([]item, len(h.VMs))
		for j, vm := range h.VMs {
			p.vms[i][j] = item{Shape: vm.Shape, id: j}
		}
		slices.SortFunc(p.vms[i], byMemory)
	}
	return p
}

// placeable is how many machines of the shape the hosts have room for.
func (p *packer) placeable(s *Shape) int64 {
	var n int64
	for i := range p.rooms {
		n += p.rooms[i].count(s)
	}
	return n
}

// rule is one way to pack: the order of machines and the choice of host.
type rule struct {
	order  func(a, b item) int
	choose func(*packer, *Shape) int
}

var rules = [...]rule{
	{byMemory, (*packer).tightest},
	{byMemory, (*packer).roomiest},
	{byCPU, (*packer).tightest},
	{byCPU, (*packer).roomiest},
}

// packBest tries one rule after the other and returns what the best of them
// leaves over. Once a rule places all, value says what that placement is worth,
// and when it is worth enough the search ends. Nothing stays placed, and items
// is reordered.
func (p *packer) packBest(items []item, value func() int64, enough int64) (left []item, best int64) {
	best = -1
	if !p.mayFit(items) {
		slices.SortFunc(items, rules[0].order)
		left = p.pack(items, rules[0].choose)
		p.undo()
		return left, best // no rule helps against the sums
	}
	for i, r := range rules {
		slices.SortFunc(items, r.order)
		rest := p.pack(items, r.choose)
		if len(rest) == 0 {
			best = max(best, value())
		}
		p.undo()
		if i == 0 || len(rest) < len(left) {
			left = rest
		}
		if best >= enough || len(items) == 0 {
			break
		}
	}
	return left, best
}

// pack places the machines in the given order and returns those with no place.
func (p *packer) pack(items []item, choose func(*packer, *Shape) int) (left []item) {
	p.log = p.log[:0]
	for i := range items {
		host := choose(p, &items[i].Shape)
		if host < 0 {
			left = append(left, items[i])
			continue
		}
		p.rooms[host].take(&items[i].Shape, 1)
		p.log = append(p.log, placement{host: host, shape: items[i].Shape})
	}
	return left
}

// undo takes back what pack has placed last.
func (p *packer) undo() {
	for i := range p.log {
		p.rooms[p.log[i].host].take(&p.log[i].shape, -1)
	}
	p.log = p.log[:0]
}

// tightest is the host that the machine leaves the least memory on, -1 if none
// has room.
func (p *packer) tightest(s *Shape) int {
	best, least := -1, int64(math.MaxInt64)
	for i := range p.rooms {
		if r := &p.rooms[i]; r.memory < least && r.fits(s) {
			best, least = i, r.memory
		}
	}
	return best
}

// roomiest is the host that the machine leaves the most memory on, -1 if none
// has room.
func (p *packer) roomiest(s *Shape) int {
	best, most := -1, int64(-1)
	for i := range p.rooms {
		if r := &p.rooms[i]; r.memory > most && r.fits(s) {
			best, most = i, r.memory
		}
	}
	return best
}

// mayFit compares sums only: when it says no, there is no placement at all.
func (p *packer) mayFit(items []item) bool {
	free, need := p.free(), demand(items)
	return free.fits(&need)
}

// free adds up the room of all hosts.
func (p *packer) free() room {
	sum := room{widest: math.MaxInt64}
	for i := range p.rooms {
		sum.memory += max(0, p.rooms[i].memory)
		sum.vcpus += max(0, p.rooms[i].vcpus)
		sum.memoryReservation += max(0, p.rooms[i].memoryReservation)
		sum.cpuReservation += max(0, p.rooms[i].cpuReservation)
	}
	return sum
}

// demand adds up the machines.
func demand(items []item) Shape {
	var sum Shape
	for i := range items {
		sum.MemoryMiB += items[i].MemoryMiB
		sum.VCPUs += items[i].VCPUs
		sum.MemoryReservationMiB += items[i].MemoryReservationMiB
		sum.CPUReservationMHz += items[i].CPUReservationMHz
	}
	return sum
}

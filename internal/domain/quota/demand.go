package quota

import (
	"fmt"
	"math"
)

// Demand is what machines need on top of what there is.
type Demand struct {
	CPUMHz, MemoryMiB int64
	StorageMiB        map[string]int64 // by storage policy, "" = policy not known
}

// Add counts so many more machines.
func (d *Demand) Add(m Machine, count int64) {
	d.CPUMHz += count * m.CPUMHz
	d.MemoryMiB += count * m.MemoryMiB
	if m.StorageMiB != 0 {
		if d.StorageMiB == nil {
			d.StorageMiB = map[string]int64{}
		}
		d.StorageMiB[m.StoragePolicy] += count * m.StorageMiB
	}
}

// storage returns the demand over all policies, in MiB.
func (d Demand) storage() int64 {
	var sum int64
	for _, mib := range d.StorageMiB {
		sum += mib
	}
	return sum
}

// growthOf is what all autoscalers may still add.
func growthOf(clusters []Cluster) Demand {
	var d Demand
	for _, c := range clusters {
		for _, p := range c.Pools {
			d.Add(p.Machine, p.growth())
		}
	}
	return d
}

// need is a demand on one limit.
type need struct {
	noun, unit   string
	amount, room int64
}

// needs lists the demand on every limit of the namespace that there is. Room is
// what the limit leaves beyond what is used, allocated or reserved, whichever is
// most: nodes that exist may come to use all that they are sized for.
func needs(n Namespace, d Demand) []need {
	var list []need
	add := func(noun, unit string, u Usage, amount int64) {
		if u.Limit != nil && amount > 0 {
			room := max(0, *u.Limit-max(u.Used, u.Allocated, u.Reserved))
			list = append(list, need{noun: noun, unit: unit, amount: amount, room: room})
		}
	}
	add("cpu", "MHz", n.CPU, d.CPUMHz)
	add("memory", "MiB", n.Memory, d.MemoryMiB)
	add("storage", "MiB", n.Storage, d.storage())
	for _, policy := range sortedKeys(d.StorageMiB) {
		add("storage policy "+policy, "MiB", n.StoragePolicies[policy], d.StorageMiB[policy])
	}
	return list
}

// Shortages says which limits of the namespace a demand would break, one line
// each; none means that it fits.
func Shortages(n Namespace, d Demand) []string {
	var list []string
	for _, need := range needs(n, d) {
		if need.amount > need.room {
			list = append(list, fmt.Sprintf("%s: %d %s more are needed and %d %s are left", need.noun, need.amount, need.unit, need.room, need.unit))
		}
	}
	return list
}

// fit returns how many machines more the namespace has room for, and what ends
// first; "" when nothing does.
func fit(n Namespace, m Machine) (count int64, ends string) {
	var one Demand
	one.Add(m, 1)
	count = math.MaxInt64
	for _, need := range needs(n, one) {
		if c := need.room / need.amount; c < count {
			count, ends = c, need.noun
		}
	}
	return count, ends
}

// autoscalerReasons says which autoscalers cannot reach their maximum, each on
// its own, or else all of them together.
func autoscalerReasons(n Namespace) []string {
	var reasons []string
	for _, c := range n.Clusters {
		scaled := 0
		for _, p := range c.Pools {
			if p.Max != nil {
				scaled++
			}
		}
		for _, p := range c.Pools {
			wanted := p.growth()
			can, ends := fit(n, p.Machine)
			if can >= wanted {
				continue
			}
			who := fmt.Sprintf("%s/%s", n.Name, c.Name)
			if scaled > 1 {
				who += " (pool " + p.Name + ")"
			}
			reasons = append(reasons, fmt.Sprintf("the autoscaler of %s can add %d of %d nodes before %s ends", who, can, wanted, ends))
		}
	}
	if len(reasons) > 0 {
		return reasons
	}
	for _, short := range Shortages(n, growthOf(n.Clusters)) {
		reasons = append(reasons, "the autoscalers cannot all reach their maximum: "+short)
	}
	return reasons
}

// headroomKnown tells whether the limits, what is left of them and the size of
// every machine that autoscalers may add are known: without, that no limit stops
// them says nothing.
func headroomKnown(n Namespace) bool {
	for _, c := range n.Clusters {
		for _, p := range c.Pools {
			if p.growth() > 0 && (n.LimitsUnknown || !roomKnown(n, p.Machine)) {
				return false
			}
		}
	}
	return true
}

// roomKnown tells whether it is known how many such machines there is room for.
func roomKnown(n Namespace, m Machine) bool {
	known := func(u Usage, amount int64) bool { return u.Limit == nil || amount > 0 && !u.Partial }
	if !known(n.CPU, m.CPUMHz) || !known(n.Memory, m.MemoryMiB) {
		return false
	}
	if m.StorageMiB == 0 {
		return true
	}
	for policy, u := range n.StoragePolicies {
		// A machine whose policy is not known may count for any.
		if u.Limit != nil && (m.StoragePolicy == "" || m.StoragePolicy == policy && u.Partial) {
			return false
		}
	}
	return known(n.Storage, m.StorageMiB)
}

package quota

import (
	"github.com/vksops/terraform-provider-vks/internal/domain/quota"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

// sizer turns classes into what machines count for.
type sizer struct {
	classes map[string]supervisor.VMClass
	// policies are names of storage policies by StorageClass.
	policies map[string]string
	coreMHz  int64
}

// addMachines counts every machine that exists, and describes the clusters with
// what their autoscalers may still make.
func (j *joined) addMachines(in *supervisor.NamespaceUsage, f *facts) {
	s := sizer{classes: in.Classes, policies: map[string]string{}, coreMHz: f.coreMHz}
	for _, storage := range in.Storage {
		s.policies[storage.StorageClass] = j.policyOf(storage, f.policies)
	}
	j.memory, j.max, j.zoned = true, true, true
	for _, node := range in.Machines {
		j.count(s, node, "")
	}
	for _, c := range in.Clusters {
		cluster := quota.Cluster{Name: c.Name, ControlPlane: s.pool(c.ControlPlane, c.ControlPlane.VMClass, c.ControlPlane.Nodes)}
		for _, node := range c.ControlPlane.Nodes {
			j.count(s, node, c.Name)
		}
		for _, group := range c.Pools {
			cluster.Pools = append(cluster.Pools, s.pools(group)...)
			for _, node := range group.Nodes {
				j.count(s, node, c.Name)
			}
		}
		j.Clusters = append(j.Clusters, cluster)
	}
	if _, pools := unknownClasses(in); len(pools) > 0 {
		j.max = false
	}
}

// count adds one machine to its namespace and zone. One whose class or zone is
// not known makes the sums that it is in unknown.
func (j *joined) count(s sizer, node supervisor.Node, cluster string) {
	class, known := s.classes[node.VMClass]
	if !known {
		j.memory, j.unsized[cluster] = false, true
	}
	if node.Zone == "" {
		j.zoned = false
	}
	cpu := class.CPUs * s.coreMHz
	j.CPU.Allocated += cpu
	j.CPU.Reserved += class.CPURequestMilli * s.coreMHz / 1000
	j.Memory.Allocated += class.MemoryMiB
	j.Memory.Reserved += class.MemoryRequestMiB
	if zone, ok := j.Zones[node.Zone]; ok {
		zone.CPU.Allocated += cpu
		zone.Memory.Allocated += class.MemoryMiB
		j.Zones[node.Zone] = zone
	}
}

// pools describes a pool. While it rolls over to another class, the machines of
// the old class are a pool of their own, that does not grow.
func (s sizer) pools(g supervisor.NodeGroup) []quota.Pool {
	byClass, order := map[string][]supervisor.Node{}, []string{}
	for _, node := range g.Nodes {
		if node.VMClass != g.VMClass && byClass[node.VMClass] == nil {
			order = append(order, node.VMClass)
		}
		byClass[node.VMClass] = append(byClass[node.VMClass], node)
	}
	current := s.pool(g, g.VMClass, byClass[g.VMClass])
	list := []quota.Pool{current}
	for _, class := range order {
		old := s.pool(g, class, byClass[class])
		old.Max = nil
		if current.Max != nil {
			most := max(0, *list[0].Max-old.Nodes)
			list[0].Max = &most
		}
		list = append(list, old)
	}
	return list
}

func (s sizer) pool(g supervisor.NodeGroup, class string, nodes []supervisor.Node) quota.Pool {
	return quota.Pool{Name: g.Name, Nodes: int64(len(nodes)), Max: g.Max, Machine: s.machine(g, class)}
}

// machine is the size of a node. Where its disks lie on several policies, none
// is named: then only the namespace's own limit counts for them.
func (s sizer) machine(g supervisor.NodeGroup, class string) quota.Machine {
	shape := s.classes[class]
	m := quota.Machine{
		VCPUs: shape.CPUs, CPUMHz: shape.CPUs * s.coreMHz, MemoryMiB: shape.MemoryMiB,
		StorageMiB: rootDiskMiB, StoragePolicy: s.policies[g.StorageClass],
	}
	for _, v := range g.Volumes {
		m.StorageMiB += v.MiB
		if v.StorageClass != "" && s.policies[v.StorageClass] != s.policies[g.StorageClass] {
			m.StoragePolicy = ""
		}
	}
	return m
}

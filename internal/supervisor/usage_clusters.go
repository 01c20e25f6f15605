package supervisor

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Labels of Machines, and the annotation of a pool that is scaled.
const (
	labelCluster      = "cluster.x-k8s.io/cluster-name"
	labelControlPlane = "cluster.x-k8s.io/control-plane"
	labelPool         = "topology.cluster.x-k8s.io/deployment-name"
	labelVMCluster    = "capv.vmware.com/cluster.name"
	autoscalerMax     = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size"
)

// clusterUsages puts machines to their clusters, and gives the virtual machines
// that belong to none.
func clusterUsages(d dialect, objects map[string][]unstructured.Unstructured) ([]ClusterUsage, []Node) {
	vms := map[string]Node{}
	for i := range objects[kindVMs] {
		vm := virtualMachine(&objects[kindVMs][i])
		vms[vm.Name] = vm
	}
	nodes := map[string]map[string][]Node{} // by cluster and pool, "" = control plane
	for i := range objects[kindMachines] {
		m := &objects[kindMachines][i]
		labels := m.GetLabels()
		cluster, pool := labels[labelCluster], labels[labelPool]
		if _, ok := labels[labelControlPlane]; ok {
			pool = ""
		}
		// Machines of a pool that names no zone have none themselves.
		vm := vms[m.GetName()]
		made := Node{Name: m.GetName(), VMClass: vm.VMClass, Zone: cmp.Or(node(m.Object).at("spec").text("failureDomain"), vm.Zone)}
		if nodes[cluster] == nil {
			nodes[cluster] = map[string][]Node{}
		}
		nodes[cluster][pool] = append(nodes[cluster][pool], made)
		delete(vms, m.GetName())
	}
	clusters := make([]ClusterUsage, 0, len(objects[kindClusters]))
	for i := range objects[kindClusters] {
		spec := d.spec(objects[kindClusters][i].Object)
		clusters = append(clusters, clusterUsage(spec, nodes[spec.Name]))
	}
	slices.SortFunc(clusters, func(a, b ClusterUsage) int { return strings.Compare(a.Name, b.Name) })
	return clusters, alone(vms, objects[kindVMs])
}

func clusterUsage(spec ClusterSpec, nodes map[string][]Node) ClusterUsage {
	c := ClusterUsage{Name: spec.Name, ControlPlane: nodeGroup("", spec.ControlPlane.MachineSpec, spec, nodes[""])}
	for _, name := range slices.Sorted(maps.Keys(spec.Pools)) {
		group := nodeGroup(name, spec.Pools[name].MachineSpec, spec, nodes[name])
		if n, err := strconv.ParseInt(spec.Pools[name].Annotations[autoscalerMax], 10, 64); err == nil {
			group.Max = &n
		}
		c.Pools = append(c.Pools, group)
	}
	for _, name := range slices.Sorted(maps.Keys(nodes)) {
		if _, known := spec.Pools[name]; !known && name != "" {
			// A pool that was removed and whose machines are still going.
			c.Pools = append(c.Pools, nodeGroup(name, MachineSpec{}, spec, nodes[name]))
		}
	}
	return c
}

func nodeGroup(name string, machine MachineSpec, cluster ClusterSpec, nodes []Node) NodeGroup {
	variable := func(name string) any {
		if value, ok := machine.Variables[name]; ok {
			return value
		}
		return cluster.Variables[name]
	}
	g := NodeGroup{Name: name, Nodes: nodes}
	g.VMClass, _ = variable("vmClass").(string)
	g.StorageClass, _ = variable("storageClass").(string)
	list, _ := variable("volumes").([]any)
	for _, entry := range list {
		if v, ok := asMap(entry); ok {
			g.Volumes = append(g.Volumes, Volume{StorageClass: v.text("storageClass"), MiB: mebibytes(v["capacity"])})
		}
	}
	for i := range g.Nodes {
		if g.Nodes[i].VMClass == "" {
			g.Nodes[i].VMClass = g.VMClass
		}
	}
	return g
}

// virtualMachine reads a VirtualMachine of VM Operator.
func virtualMachine(vm *unstructured.Unstructured) Node {
	o := node(vm.Object)
	n := Node{Name: vm.GetName(), VMClass: o.at("spec").text("className"), Zone: o.at("status").text("zone")}
	if n.Zone == "" {
		n.Zone = vm.GetLabels()["topology.kubernetes.io/zone"]
	}
	return n
}

// alone are the virtual machines that no cluster made and that run.
func alone(left map[string]Node, vms []unstructured.Unstructured) []Node {
	var nodes []Node
	for i := range vms {
		vm := &vms[i]
		labels := vm.GetLabels()
		n, ok := left[vm.GetName()]
		if !ok || labels[labelVMCluster] != "" || labels[labelCluster] != "" ||
			strings.EqualFold(node(vm.Object).at("spec").text("powerState"), "PoweredOff") {
			continue
		}
		nodes = append(nodes, n)
	}
	slices.SortFunc(nodes, func(a, b Node) int { return strings.Compare(a.Name, b.Name) })
	return nodes
}

// classShapes reads VirtualMachineClasses. What a class reserves it requests, in
// cores and bytes.
func classShapes(classes []unstructured.Unstructured) map[string]VMClass {
	shapes := make(map[string]VMClass, len(classes))
	for i := range classes {
		spec := node(classes[i].Object).at("spec")
		requests := spec.at("policies", "resources", "requests")
		shape := VMClass{
			MemoryMiB:       mebibytes(spec.at("hardware")["memory"]),
			CPURequestMilli: milli(requests["cpu"]), MemoryRequestMiB: mebibytes(requests["memory"]),
		}
		if cpus := spec.at("hardware").number("cpus"); cpus != nil {
			shape.CPUs = *cpus
		}
		shapes[classes[i].GetName()] = shape
	}
	return shapes
}

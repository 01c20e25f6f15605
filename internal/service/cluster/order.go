package cluster

import (
	"maps"
	"slices"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

// keepOrder gives wanted with entries of lists in the order that live has them
// in, where they have names and the order means nothing, and with selectors
// spelled as they are. The platform replaces machines when it is given their
// volumes in another order.
func keepOrder(wanted, live supervisor.ClusterSpec) supervisor.ClusterSpec {
	wanted.Variables = orderedValues(wanted.Variables, live.Variables)
	wanted.ControlPlane.MachineSpec = keepMachineOrder(wanted.ControlPlane.MachineSpec, live.ControlPlane.MachineSpec)
	pools := map[string]supervisor.PoolSpec{}
	for name, pool := range wanted.Pools {
		pool.MachineSpec = keepMachineOrder(pool.MachineSpec, live.Pools[name].MachineSpec)
		pools[name] = pool
	}
	wanted.Pools = pools
	return wanted
}

func keepMachineOrder(wanted, live supervisor.MachineSpec) supervisor.MachineSpec {
	wanted.Variables = orderedValues(wanted.Variables, live.Variables)
	is, there := live.Annotations[osImageAnnotation]
	if asked, ok := wanted.Annotations[osImageAnnotation]; ok && there && sameSelector(asked, is) {
		wanted.Annotations = maps.Clone(wanted.Annotations)
		wanted.Annotations[osImageAnnotation] = is
	}
	return wanted
}

func orderedValues(wanted, live map[string]any) map[string]any {
	ordered := make(map[string]any, len(wanted))
	for name, value := range wanted {
		ordered[name] = orderedAs(value, live[name])
	}
	return ordered
}

func orderedAs(wanted, live any) any {
	switch want := wanted.(type) {
	case map[string]any:
		have, _ := live.(map[string]any)
		return orderedValues(want, have)
	case []any:
		have, _ := live.([]any)
		return orderedList(want, have)
	}
	return wanted
}

// orderedList puts what live does not have behind the rest.
func orderedList(wanted, live []any) []any {
	want, ok := names(wanted)
	have, ok2 := names(live)
	if !ok || !ok2 {
		return wanted
	}
	ordered := make([]any, 0, len(wanted))
	for i, name := range have {
		if at := slices.Index(want, name); at >= 0 {
			ordered = append(ordered, orderedAs(wanted[at], live[i]))
		}
	}
	for i, name := range want {
		if !slices.Contains(have, name) {
			ordered = append(ordered, wanted[i])
		}
	}
	return ordered
}

package supervisor

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// dialect is a version of the Cluster API. They say the same with other words.
type dialect string

const (
	v1beta2 dialect = "cluster.x-k8s.io/v1beta2"
	v1beta1 dialect = "cluster.x-k8s.io/v1beta1"
)

// object writes the Cluster with nothing in it but what spec asks for.
func (d dialect) object(s ClusterSpec) *unstructured.Unstructured {
	metadata := fields{"name": s.Name, "namespace": s.Namespace}
	metadata.texts("labels", s.Labels)
	metadata.texts("annotations", s.Annotations)

	network := fields{"serviceDomain": s.ServiceDomain, "apiServerPort": s.APIServerPort}
	network.put("pods", fields{"cidrBlocks": anySlice(s.Pods)})
	network.put("services", fields{"cidrBlocks": anySlice(s.Services)})

	topology := fields{"version": s.Version, "variables": namedValues(s.Variables)}
	if d == v1beta1 {
		topology["class"], topology["classNamespace"] = s.Class, s.ClassNamespace
	} else {
		topology.put("classRef", fields{"name": s.Class, "namespace": s.ClassNamespace})
	}
	topology.put("controlPlane", d.controlPlane(s.ControlPlane))
	workers := make([]any, 0, len(s.Pools))
	for _, name := range slices.Sorted(maps.Keys(s.Pools)) {
		workers = append(workers, map[string]any(d.pool(name, s.Pools[name]).clean()))
	}
	topology.put("workers", fields{"machineDeployments": workers})

	spec := fields{"availabilityGates": gates(s.AvailabilityGates)}
	spec.put("clusterNetwork", network)
	spec.put("topology", topology)
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": string(d),
		"kind":       clusterKind,
		"metadata":   map[string]any(metadata.clean()),
		"spec":       map[string]any(spec.clean()),
	}}
}

func (d dialect) controlPlane(s ControlPlaneSpec) fields {
	f := d.machine(s.MachineSpec)
	f.number("replicas", s.Replicas)
	f.put("rollout", rollout(s.MachineSpec))
	return f
}

func (d dialect) pool(name string, s PoolSpec) fields {
	f := d.machine(s.MachineSpec)
	f["name"], f["class"], f["failureDomain"] = name, s.Class, s.Zone
	f.number("replicas", s.Replicas)
	f.number("minReadySeconds", s.MinReadySeconds)
	rolling := fields{"maxSurge": intOrPercent(s.MaxSurge), "maxUnavailable": intOrPercent(s.MaxUnavailable)}
	strategy := fields{"type": s.RolloutType}
	rollout := rollout(s.MachineSpec)
	if d == v1beta1 {
		rolling["deletePolicy"] = s.DeletionOrder
		if s.DeletionOrder != "" && s.RolloutType == "" {
			strategy["type"] = "RollingUpdate" // required beside rollingUpdate there
		}
		strategy.put("rollingUpdate", rolling)
		strategy.put("remediation", fields{"maxInFlight": intOrPercent(s.Health.MaxInFlight)})
		f.put("strategy", strategy)
		f.put("rollout", rollout)
		return f
	}
	strategy.put("rollingUpdate", rolling)
	rollout.put("strategy", strategy)
	f.put("rollout", rollout)
	deletion, _ := f["deletion"].(map[string]any)
	if s.DeletionOrder != "" {
		if deletion == nil {
			deletion = map[string]any{}
		}
		deletion["order"] = s.DeletionOrder
		f["deletion"] = deletion
	}
	return f
}

// machine writes what the control plane and pools have in common.
func (d dialect) machine(s MachineSpec) fields {
	metadata := fields{}
	metadata.texts("labels", s.Labels)
	metadata.texts("annotations", s.Annotations)
	f := fields{"readinessGates": gates(s.ReadinessGates), "taints": taints(s.Taints)}
	f.put("metadata", metadata)
	f.put(d.healthKey(), d.health(s.Health))
	f.put("variables", fields{"overrides": namedValues(s.Variables)})
	if d == v1beta1 {
		f.duration("nodeDrainTimeout", s.NodeDrain)
		f.duration("nodeVolumeDetachTimeout", s.VolumeDetach)
		f.duration("nodeDeletionTimeout", s.NodeDeletion)
		return f
	}
	deletion := fields{}
	deletion.seconds("nodeDrainTimeoutSeconds", s.NodeDrain)
	deletion.seconds("nodeVolumeDetachTimeoutSeconds", s.VolumeDetach)
	deletion.seconds("nodeDeletionTimeoutSeconds", s.NodeDeletion)
	f.put("deletion", deletion)
	return f
}

// fields is a JSON object under construction: what is zero is left out at the
// end, so that server-side apply owns only what was asked for.
type fields map[string]any

func (f fields) clean() fields {
	maps.DeleteFunc(f, func(_ string, v any) bool {
		switch v := v.(type) {
		case nil:
			return true
		case string:
			return v == ""
		case int64:
			return v == 0
		case []any:
			return len(v) == 0
		}
		return false
	})
	return f
}

// put adds an object, if anything is in it.
func (f fields) put(key string, inner fields) {
	if inner.clean(); len(inner) > 0 {
		f[key] = map[string]any(inner)
	}
}

func (f fields) texts(key string, values map[string]string) {
	if len(values) == 0 {
		return
	}
	inner := make(map[string]any, len(values))
	for k, v := range values {
		inner[k] = v
	}
	f[key] = inner
}

// number adds a number that may be zero.
func (f fields) number(key string, n *int64) {
	if n != nil {
		f[key] = explicit(*n)
	}
}

func (f fields) seconds(key string, d *time.Duration) {
	if d != nil {
		f[key] = explicit(int64(*d / time.Second))
	}
}

func (f fields) duration(key string, d *time.Duration) {
	if d != nil {
		f[key] = d.String()
	}
}

// explicit keeps a zero from being cleaned away: a float64 passes clean, and
// JSON has only one kind of zero.
func explicit(n int64) any {
	if n == 0 {
		return float64(0)
	}
	return n
}

func namedValues(values map[string]any) []any {
	list := make([]any, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, map[string]any{"name": name, "value": values[name]})
	}
	return list
}

func anySlice(texts []string) []any {
	list := make([]any, 0, len(texts))
	for _, t := range texts {
		list = append(list, t)
	}
	return list
}

func intOrPercent(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return explicit(n)
	}
	return text
}

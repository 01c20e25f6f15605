package cluster

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/domain/release"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

// adopt fills in a state of which only the name is known: after an import.
func (m *model) adopt(ctx context.Context, live *supervisor.Cluster, protected bool, diags *diag.Diagnostics) {
	spec := live.Spec()
	asked, ours := live.Owned()
	if !ours {
		asked = foreign(spec)
	}
	delete(asked.Annotations, supervisor.CreatingAnnotation) // left by a killed apply
	asked.Version, asked.Class, asked.ClassNamespace = spec.Version, spec.Class, spec.ClassNamespace
	withoutCNI(asked)
	m.flatten(ctx, asked, diags)
	m.ServerValidation, m.DeletionProtection = types.BoolValue(false), types.BoolValue(protected)
	m.WaitFor = defaultWaitFor()
	m.answer(ctx, live, diags)
}

// refresh brings the state up to the live cluster: what the user wrote stays
// while the cluster satisfies it.
func (m *model) refresh(ctx context.Context, live *supervisor.Cluster, known private, diags *diag.Diagnostics) {
	spec, wanted := live.Spec(), m.expand(ctx, diags)
	if !known.ClassConfigured {
		wanted.Class, m.ClusterClass = spec.Class, text(spec.Class)
	}
	if !known.ClassNamespaceConfigured {
		wanted.ClassNamespace, m.ClusterClassNamespace = spec.ClassNamespace, text(spec.ClassNamespace)
	}
	if seen := observe(wanted, spec, live.Release()); !same(seen, wanted) {
		m.flatten(ctx, seen, diags)
	}
	m.answer(ctx, live, diags)
}

// observe gives live as far as wanted speaks of it: where live satisfies what
// was wanted, that; else what is there. It equals wanted when nothing drifted.
// Pools are the exception: all of them are seen.
func observe(wanted, live supervisor.ClusterSpec, releaseName string) supervisor.ClusterSpec {
	seen := wanted
	if !release.SatisfiedBy(wanted.Version, live.Version, releaseName) {
		seen.Version = live.Version
	}
	if wanted.Class == "" || !release.SameOrNewerClass(live.Class, wanted.Class) {
		seen.Class, seen.ClassNamespace = live.Class, live.ClassNamespace
	}
	seen.Pods, seen.Services = live.Pods, live.Services
	if wanted.ServiceDomain != "" {
		seen.ServiceDomain = live.ServiceDomain
	}
	if wanted.APIServerPort != 0 {
		seen.APIServerPort = live.APIServerPort
	}
	seen.Labels, seen.Annotations = observeTexts(wanted.Labels, live.Labels), observeTexts(wanted.Annotations, live.Annotations)
	seen.Variables = observeVariables(wanted.Variables, live.Variables)
	seen.AvailabilityGates = observeGates(wanted.AvailabilityGates, live.AvailabilityGates)
	seen.ControlPlane.MachineSpec = observeMachine(wanted.ControlPlane.MachineSpec, live.ControlPlane.MachineSpec)
	if wanted.ControlPlane.Replicas != nil && live.ControlPlane.Replicas != nil {
		seen.ControlPlane.Replicas = live.ControlPlane.Replicas
	}
	seen.Pools = map[string]supervisor.PoolSpec{}
	for name, pool := range live.Pools {
		if want, known := wanted.Pools[name]; known {
			seen.Pools[name] = observePool(want, pool)
		} else {
			seen.Pools[name] = foreignPool(pool)
		}
	}
	return seen
}

func observePool(wanted, live supervisor.PoolSpec) supervisor.PoolSpec {
	seen := wanted
	seen.MachineSpec = observeMachine(wanted.MachineSpec, live.MachineSpec)
	seen.Class, seen.Replicas = live.Class, live.Replicas
	seen.Zone = observeText(wanted.Zone, live.Zone)
	seen.DeletionOrder = observeText(wanted.DeletionOrder, live.DeletionOrder)
	seen.RolloutType = observeText(wanted.RolloutType, live.RolloutType)
	seen.MaxSurge = observeText(wanted.MaxSurge, live.MaxSurge)
	seen.MaxUnavailable = observeText(wanted.MaxUnavailable, live.MaxUnavailable)
	if wanted.MinReadySeconds != nil {
		seen.MinReadySeconds = live.MinReadySeconds
	}
	return seen
}

func observeMachine(wanted, live supervisor.MachineSpec) supervisor.MachineSpec {
	return supervisor.MachineSpec{
		Labels:       observeTexts(wanted.Labels, live.Labels),
		Annotations:  observeTexts(wanted.Annotations, live.Annotations),
		Variables:    observeVariables(wanted.Variables, live.Variables),
		NodeDrain:    observeDuration(wanted.NodeDrain, live.NodeDrain),
		VolumeDetach: observeDuration(wanted.VolumeDetach, live.VolumeDetach),
		NodeDeletion: observeDuration(wanted.NodeDeletion, live.NodeDeletion),

		Health:         observeHealth(wanted.Health, live.Health),
		RolloutAfter:   observeTime(wanted.RolloutAfter, live.RolloutAfter),
		ReadinessGates: observeGates(wanted.ReadinessGates, live.ReadinessGates),
		Taints:         observeMachineTaints(wanted.Taints, live.Taints),
	}
}

func observeText(wanted, live string) string {
	if wanted == "" {
		return ""
	}
	return live
}

func observeDuration(wanted, live *time.Duration) *time.Duration {
	if wanted == nil {
		return nil
	}
	return live
}

func observeTime(wanted, live *time.Time) *time.Time {
	if wanted == nil {
		return nil
	}
	return live
}

func observeTexts(wanted, live map[string]string) map[string]string {
	seen := map[string]string{}
	for key := range wanted {
		if value, there := live[key]; there {
			seen[key] = value
		}
	}
	if image, there := seen[osImageAnnotation]; there && sameSelector(wanted[osImageAnnotation], image) {
		seen[osImageAnnotation] = wanted[osImageAnnotation]
	}
	return seen
}

func sameSelector(a, b string) bool {
	x, plain := parseSelector(a)
	y, plain2 := parseSelector(b)
	return a == b || plain && plain2 && maps.Equal(x, y)
}

func observeVariables(wanted, live map[string]any) map[string]any {
	seen := map[string]any{}
	for name, want := range wanted {
		if value, there := live[name]; there {
			seen[name] = restrict(want, value)
		}
	}
	return seen
}

// restrict gives the part of live that wanted speaks of: members of objects
// that wanted has, and lists entry by entry: by their names where they have
// some, else while they are of one length.
func restrict(wanted, live any) any {
	switch want := wanted.(type) {
	case map[string]any:
		have, ok := live.(map[string]any)
		if !ok {
			return live
		}
		part := map[string]any{}
		for key, w := range want {
			if value, there := have[key]; there {
				part[key] = restrict(w, value)
			}
		}
		return part
	case []any:
		have, ok := live.([]any)
		if part, named := restrictNamed(want, have); ok && named {
			return part
		}
		if !ok || len(have) != len(want) {
			return live
		}
		part := make([]any, len(have))
		for i := range have {
			part[i] = restrict(want[i], have[i])
		}
		return part
	}
	if sameNumber(wanted, live) {
		return wanted
	}
	return live
}

// restrictNamed compares lists whose entries have names, in whatever order they
// are: it gives those of wanted that are there in the order of wanted, then what
// else is there. named is false for other lists.
func restrictNamed(wanted, live []any) (part []any, named bool) {
	want, ok := names(wanted)
	have, ok2 := names(live)
	if !ok || !ok2 {
		return nil, false
	}
	part = make([]any, 0, len(live))
	for i, name := range want {
		if at := slices.Index(have, name); at >= 0 {
			part = append(part, restrict(wanted[i], live[at]))
		}
	}
	for i, name := range have {
		if !slices.Contains(want, name) {
			part = append(part, live[i])
		}
	}
	return part, true
}

// names gives the name of each entry; ok is false where one has none, or two
// have the same.
func names(list []any) (names []string, ok bool) {
	for _, item := range list {
		object, _ := item.(map[string]any)
		name, named := object["name"].(string)
		if !named || slices.Contains(names, name) {
			return nil, false
		}
		names = append(names, name)
	}
	return names, true
}

// sameNumber: 5 and 5.0 are one number in JSON.
func sameNumber(a, b any) bool {
	x, ok := asFloat(a)
	y, ok2 := asFloat(b)
	return ok && ok2 && x == y
}

func asFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// same reports whether two specs ask for the same; nil and empty are one.
func same(a, b supervisor.ClusterSpec) bool {
	return reflect.DeepEqual(tidy(a), tidy(b))
}

func tidy(s supervisor.ClusterSpec) supervisor.ClusterSpec {
	s.Labels, s.Annotations, s.Variables = orNil(s.Labels), orNil(s.Annotations), orNil(s.Variables)
	s.ControlPlane.MachineSpec = tidyMachine(s.ControlPlane.MachineSpec)
	pools := map[string]supervisor.PoolSpec{}
	for name, pool := range s.Pools {
		pool.MachineSpec = tidyMachine(pool.MachineSpec)
		pools[name] = pool
	}
	s.Pools = pools
	return s
}

func tidyMachine(m supervisor.MachineSpec) supervisor.MachineSpec {
	m.Labels, m.Annotations, m.Variables = orNil(m.Labels), orNil(m.Annotations), orNil(m.Variables)
	return m
}

func orNil[K comparable, V any](m map[K]V) map[K]V {
	if len(m) == 0 {
		return nil
	}
	return m
}

package quota

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// Many namespaces take no more requests than one. vCenter lists them without
// their limits, so these come from where vCenter has put them: on CPU and memory
// into the resource pools, on storage and objects into quota objects of the
// Supervisor. See decisions/0008-limits-of-many-namespaces.md.

// listAll takes all namespaces of a Supervisor.
func (r *reader) listAll(ctx context.Context, f *facts, supervisorID string, to *diag.Diagnostics) {
	list, err := r.vcenter.Namespaces(ctx)
	if err != nil {
		diags.AddError(to, summary, who, err)
		return
	}
	for _, n := range list {
		// The list of vCenter 7 has compute clusters for Supervisors, and so has its id.
		if n.Supervisor == supervisorID {
			f.addBare(n)
		}
	}
}

// listNamed takes those of the names. One that is not in the list is asked for,
// to say why.
func (r *reader) listNamed(ctx context.Context, f *facts, names []string, to *diag.Diagnostics) {
	list, err := r.vcenter.Namespaces(ctx)
	if err != nil {
		diags.AddError(to, summary, who, err)
		return
	}
	var missing []string
	for _, name := range names {
		i := slices.IndexFunc(list, func(n vcenter.NamespaceSummary) bool { return n.Name == name })
		if i < 0 {
			missing = append(missing, name)
			continue
		}
		f.addBare(list[i])
	}
	r.readNamed(ctx, f, missing, to)
}

func (f *facts) addBare(n vcenter.NamespaceSummary) {
	f.namespaces = append(f.namespaces, &vcenter.Namespace{Name: n.Name, Supervisor: n.Supervisor, Stats: n.Stats})
	f.bare[n.Name] = true
}

// complete gives namespaces of the list their limits, and reads those one by one
// of which what was listed does not have them all.
func (r *reader) complete(ctx context.Context, f *facts) {
	var lacking []string
	causes := map[string]int{}
	for _, n := range f.namespaces {
		if !f.bare[n.Name] {
			continue
		}
		why := f.lacks(n.Name)
		if len(why) == 0 {
			n.Limits = limitsOf(f.of(n.Name), f.pools(n.Name))
			continue
		}
		lacking = append(lacking, n.Name)
		for _, cause := range why {
			causes[cause]++
		}
	}
	for i, answer := range r.each(ctx, lacking) {
		f.replace(lacking[i], answer)
	}
	if len(lacking) > few {
		f.slow = append(f.slow, fmt.Sprintf("The limits of %d of %d namespaces were read one by one: %s.", len(lacking), len(f.bare), counted(causes)))
	}
}

// counted lists causes, each with the number of namespaces that have it.
func counted(causes map[string]int) string {
	parts := make([]string, 0, len(causes))
	for _, cause := range slices.Sorted(maps.Keys(causes)) {
		parts = append(parts, fmt.Sprintf("%s (%d)", cause, causes[cause]))
	}
	return strings.Join(parts, "; ")
}

// replace puts what was read in the place of what the list had. One that has
// gone since is left out.
func (f *facts) replace(name string, answer answer) {
	i := slices.IndexFunc(f.namespaces, func(n *vcenter.Namespace) bool { return n.Name == name })
	switch {
	case answer.err == nil:
		f.namespaces[i] = answer.namespace
	case fault.IsNotFound(answer.err):
		f.namespaces = slices.Delete(f.namespaces, i, i+1)
	default:
		f.unlimited[name] = true
		f.missNamespace(name, "limits: "+reason(answer.err))
	}
}

// lacks says why the limits of a namespace are not in what was listed; none
// means that they all are.
func (f *facts) lacks(namespace string) []string {
	var why []string
	switch {
	case f.elsewhere[namespace]:
		why = append(why, "they are on another Supervisor than the provider's")
	case f.of(namespace) == nil:
		why = append(why, "the Supervisor could not be read")
	case !f.usage.Limits:
		why = append(why, "the quotas on the Supervisor could not be read")
	}
	switch {
	case f.shares == nil:
		why = append(why, "the resource pools in vCenter could not be read")
	case len(f.pools(namespace)) == 0:
		why = append(why, "the account does not see their resource pools in vCenter")
	}
	return why
}

// limitsOf are the limits that join does not find by itself. Those of several
// pools add up; one without a limit leaves the whole without.
func limitsOf(in *supervisor.NamespaceUsage, pools []vcenter.PoolShare) vcenter.Limits {
	limits := vcenter.Limits{}
	set := func(name vcenter.Limit, value *int64) {
		if value != nil {
			limits[name] = *value
		}
	}
	parts := int64(len(pools))
	cpu, memory := zoneLimits(in, nil)
	set(vcenter.CPULimit, whole(sum(pools, func(s vcenter.PoolShare) *int64 { return s.CPULimitMHz }), parts, in.CPULimitMHz, cpu))
	set(vcenter.MemoryLimit, whole(sum(pools, func(s vcenter.PoolShare) *int64 { return s.MemoryLimitMiB }), parts, in.MemoryLimitMiB, memory))
	set(vcenter.StorageLimit, in.StorageLimitMiB)
	return limits
}

// whole makes up for what was lost when a limit was split into parts, each
// rounded down: it takes the first of what others say that agrees but for that.
func whole(sum *int64, parts int64, others ...*int64) *int64 {
	for _, other := range others {
		if sum != nil && other != nil && *other >= *sum && *other < *sum+parts {
			return other
		}
	}
	return sum
}

// zoneLimits add up the limits of all zones, which hold the whole namespace where
// each zone has one.
func zoneLimits(in *supervisor.NamespaceUsage, zones []vcenter.NamespaceZone) (cpuMHz, memoryMiB *int64) {
	for _, z := range zones {
		if _, known := in.Zones[z.Name]; !known {
			return nil, nil
		}
	}
	shares := slices.Collect(maps.Values(in.Zones))
	return sum(shares, func(z supervisor.ZoneUsage) *int64 { return z.CPULimitMHz }),
		sum(shares, func(z supervisor.ZoneUsage) *int64 { return z.MemoryLimitMiB })
}

// sum adds up what all parts have; nil where one has none, or there are none.
func sum[T any](parts []T, of func(T) *int64) *int64 {
	var total int64
	for _, part := range parts {
		value := of(part)
		if value == nil {
			return nil
		}
		total += *value
	}
	if len(parts) == 0 {
		return nil
	}
	return &total
}

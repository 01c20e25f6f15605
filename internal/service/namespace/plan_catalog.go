package namespace

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
)

func (p *planner) policies(ctx context.Context, from api) (answered bool) {
	if p.plan.StoragePolicies.IsNull() || p.plan.StoragePolicies.IsUnknown() {
		return true
	}
	wanted := slices.Sorted(maps.Keys(p.plan.StoragePolicies.Elements()))
	if p.state != nil {
		bound := p.state.StoragePolicies.Elements()
		wanted = slices.DeleteFunc(wanted, func(name string) bool { return bound[name] != nil })
	}
	if len(wanted) == 0 {
		return true
	}
	at := path.Root("storage_policies")
	ids, err := policyIDs(ctx, from, wanted)
	if err != nil {
		diags.AddAttributeError(p.diags, at, "Unable to read storage policies", p.plan.who(), err)
		return false
	}
	for _, name := range wanted {
		if ids[name] == "" {
			diags.AddAttributeError(p.diags, at.AtMapKey(name), "Unknown storage policy", p.plan.who(),
				unknownName(from.Where(), "storage policy", name, slices.Sorted(maps.Keys(ids))))
		}
	}
	return true
}

func (p *planner) classes(ctx context.Context, from api) (answered bool) {
	at := path.Root("vm_classes")
	wanted := texts(p.plan.VMClasses)
	if p.state != nil {
		// One that is bound needs no check, and may be one that vCenter no longer lists.
		bound := texts(p.state.VMClasses)
		wanted = slices.DeleteFunc(wanted, func(name string) bool { return slices.Contains(bound, name) })
	}
	return p.knownClasses(ctx, from, wanted, at, func(string) path.Path { return at })
}

// knownClasses checks that vCenter has the VM classes; of says where each stands.
func (p *planner) knownClasses(ctx context.Context, from catalog, wanted []string, at path.Path, of func(string) path.Path) (answered bool) {
	if len(wanted) == 0 {
		return true
	}
	known, err := lookTwice(from, func() ([]string, error) {
		list, err := from.VMClasses(ctx)
		names := make([]string, 0, len(list))
		for _, class := range list {
			names = append(names, class.Name)
		}
		slices.Sort(names)
		return names, err
	}, containsAll(wanted))
	if err != nil {
		diags.AddAttributeError(p.diags, at, "Unable to read VM classes", p.plan.who(), err)
		return false
	}
	for _, name := range wanted {
		if !slices.Contains(known, name) {
			diags.AddAttributeError(p.diags, of(name), "Unknown VM class", p.plan.who(), unknownName(from.Where(), "VM class", name, known))
		}
	}
	return true
}

func containsAll(wanted []string) func([]string) bool {
	return func(known []string) bool {
		return !slices.ContainsFunc(wanted, func(name string) bool { return !slices.Contains(known, name) })
	}
}

// lookTwice reads what vCenter knows, and once more where that is not enough:
// what is looked for may be newer than the reading that all share.
func lookTwice[T any](from catalog, read func() (T, error), enough func(T) bool) (T, error) {
	known, err := read()
	if err != nil || enough(known) {
		return known, err
	}
	from.Forget()
	return read()
}

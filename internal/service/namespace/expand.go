package namespace

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// spec makes what creates the namespace. Names are resolved to ids.
func (m *model) spec(ctx context.Context, from catalog, to *diag.Diagnostics) vcenter.NamespaceSpec {
	storage, err := m.storageSpecs(ctx, from, to)
	if err != nil {
		diags.AddAttributeError(to, path.Root("storage_policies"), "Unable to resolve storage policies", m.who(), err)
	}
	bound, err := m.libraryIDs(ctx, from)
	if err != nil {
		addLibraryError(to, m.who(), err)
	}
	return vcenter.NamespaceSpec{
		Supervisor:      m.SupervisorID.ValueString(),
		Name:            m.Name.ValueString(),
		Description:     m.Description.ValueString(),
		Limits:          m.limits(),
		Access:          m.grants(ctx, to),
		StoragePolicies: storage,
		VMClasses:       m.classes(ctx, to),

		ContentLibraries: bound,
		Zones:            m.zoneSpecs(),
		Network:          m.networkSpec(),
	}
}

// changes makes what brings the namespace from state to m, and no more.
func (m *model) changes(ctx context.Context, state *model, from catalog, to *diag.Diagnostics) (vcenter.NamespaceChanges, error) {
	changes := vcenter.NamespaceChanges{Limits: limitChanges(state.limits(), m.limits()), Zones: m.zoneChanges(state)}
	if text := m.Description.ValueString(); text != state.Description.ValueString() {
		changes.Description = &text
	}
	if !m.StoragePolicies.Equal(state.StoragePolicies) {
		specs, err := m.storageSpecs(ctx, from, to)
		if err != nil {
			return changes, err
		}
		changes.StoragePolicies = &specs
	}
	if !m.VMClasses.Equal(state.VMClasses) {
		classes := m.classes(ctx, to)
		changes.VMClasses = &classes
	}
	var err error
	changes.ContentLibraries, err = m.libraryChange(ctx, state, from)
	return changes, err
}

// limits collects the limits that are set.
func (m *model) limits() vcenter.Limits {
	all := vcenter.Limits{}
	set := func(limit vcenter.Limit, value types.Int64) {
		if !value.IsNull() && !value.IsUnknown() {
			all[limit] = value.ValueInt64()
		}
	}
	set(vcenter.CPULimit, m.CPULimitMHz)
	set(vcenter.MemoryLimit, m.MemoryLimitMiB)
	set(vcenter.StorageLimit, m.StorageLimitMiB)
	for group, object := range map[*limitGroup]types.Object{&containerDefaults: m.ContainerDefaults, &objectLimits: m.ObjectLimits} {
		for name, limit := range *group {
			if value, ok := object.Attributes()[name].(types.Int64); ok {
				set(limit, value)
			}
		}
	}
	return all
}

func limitChanges(before, after vcenter.Limits) vcenter.LimitChanges {
	changes := vcenter.LimitChanges{}
	for limit, value := range after {
		if old, ok := before[limit]; !ok || old != value {
			changes[limit] = &value
		}
	}
	for limit := range before {
		if _, ok := after[limit]; !ok {
			changes[limit] = nil
		}
	}
	return changes
}

func (m *model) storageSpecs(ctx context.Context, from catalog, to *diag.Diagnostics) ([]vcenter.StorageSpec, error) {
	specs := []vcenter.StorageSpec{}
	policies := map[string]policyModel{}
	to.Append(m.StoragePolicies.ElementsAs(ctx, &policies, false)...)
	if len(policies) == 0 {
		return specs, nil
	}
	names := slices.Sorted(maps.Keys(policies))
	ids, err := policyIDs(ctx, from, names)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if ids[name] == "" {
			return nil, unknownName(from.Where(), "storage policy", name, slices.Sorted(maps.Keys(ids)))
		}
		specs = append(specs, vcenter.StorageSpec{Policy: ids[name], Limit: policies[name].LimitMiB.ValueInt64Pointer()})
	}
	return specs, nil
}

// policyIDs gives the ids of all policies by name.
func policyIDs(ctx context.Context, from catalog, wanted []string) (map[string]string, error) {
	return lookTwice(from, func() (map[string]string, error) {
		list, err := from.StoragePolicies(ctx)
		ids := make(map[string]string, len(list))
		for _, p := range list {
			ids[p.Name] = p.ID
		}
		return ids, err
	}, func(ids map[string]string) bool {
		return !slices.ContainsFunc(wanted, func(name string) bool { return ids[name] == "" })
	})
}

func (m *model) classes(ctx context.Context, to *diag.Diagnostics) []string {
	classes := []string{}
	if !m.VMClasses.IsNull() {
		to.Append(m.VMClasses.ElementsAs(ctx, &classes, false)...)
	}
	slices.Sort(classes)
	return classes
}

// unknownName is the error of a name that vCenter does not know.
func unknownName(where, what, name string, known []string) error {
	list := "none"
	if len(known) > 0 {
		list = strings.Join(known, ", ")
	}
	return &fault.Error{Kind: fault.Invalid, Where: where, Message: fmt.Sprintf("There is no %s %q. This vCenter has: %s.", what, name, list)}
}

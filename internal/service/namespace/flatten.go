package namespace

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// observed is a namespace with the names that its ids stand for.
type observed struct {
	*vcenter.Namespace
	// policies maps ids of storage policies to names.
	policies map[string]string
	// libraries are looked up only where names are needed.
	libraries libraryIndex
	// supervisor is the name of the Supervisor; empty when it was not looked up.
	supervisor string
	// managed grants are those that the configuration or the state names; extra
	// ones are shown beside them.
	managed, extra []vcenter.Access
}

// observe looks up what the ids in live stand for. The lookups are shared by
// all namespaces, and not needed for most.
func (m *model) observe(ctx context.Context, from catalog, live *vcenter.Namespace) (observed, error) {
	o := observed{Namespace: live, policies: map[string]string{}}
	if len(live.StoragePolicies) > 0 {
		list, err := from.StoragePolicies(ctx)
		if err != nil {
			return o, err
		}
		for _, p := range list {
			o.policies[p.ID] = p.Name
		}
	}
	if m.Supervisor.ValueString() != "" && m.SupervisorID.ValueString() == live.Supervisor {
		return o, nil
	}
	list, err := from.Supervisors(ctx)
	if err != nil {
		return o, err
	}
	o.supervisor = live.Supervisor
	for _, s := range list {
		if s.ID == live.Supervisor && m.Supervisor.ValueString() != s.ID {
			o.supervisor = s.Name
		}
	}
	return o, nil
}

// observeLibraries looks up names of content libraries where state has any. It
// costs a request for each library, once.
func (m *model) observeLibraries(ctx context.Context, from catalog, o *observed) error {
	if !m.needsLibraryNames(o.ContentLibraries) {
		return nil
	}
	list, err := from.ContentLibraries(ctx)
	o.libraries = newLibraryIndex(list)
	return err
}

// flatten takes what vCenter says. Where it says nothing, an attribute stays
// null or empty as it was: to vCenter that is the same.
func (m *model) flatten(ctx context.Context, live observed, diags *diag.Diagnostics) {
	m.ID, m.Name = types.StringValue(live.Name), types.StringValue(live.Name)
	if live.supervisor != "" {
		m.Supervisor = types.StringValue(live.supervisor)
	}
	m.SupervisorID = types.StringValue(live.Supervisor)
	if live.Description != "" || !m.Description.IsNull() {
		m.Description = types.StringValue(live.Description)
	}
	m.CPULimitMHz = limitValue(live.Limits, vcenter.CPULimit)
	m.MemoryLimitMiB = limitValue(live.Limits, vcenter.MemoryLimit)
	m.StorageLimitMiB = limitValue(live.Limits, vcenter.StorageLimit)
	m.ContainerDefaults = containerDefaults.flatten(live.Limits, m.ContainerDefaults)
	m.ObjectLimits = objectLimits.flatten(live.Limits, m.ObjectLimits)
	m.flattenPolicies(live, diags)
	m.flattenClasses(ctx, live, diags)
	m.flattenLibraries(live.ContentLibraries, live.libraries)
	m.flattenNetwork(live.NetworkNow())
	m.flattenGrants(ctx, live.Access, live.managed, live.extra, diags)
	m.flattenStatus(ctx, live.Namespace, diags)
}

func (m *model) flattenStatus(ctx context.Context, live *vcenter.Namespace, diags *diag.Diagnostics) {
	m.ConfigStatus = types.StringValue(live.ConfigStatus)
	messages := []messageModel{}
	for _, message := range live.Messages {
		messages = append(messages, messageModel{Severity: types.StringValue(message.Severity), Message: types.StringValue(message.Text)})
	}
	list, problems := types.ListValueFrom(ctx, messageType, messages)
	diags.Append(problems...)
	m.Messages = list
	m.StorageClasses = storageClasses(m.StoragePolicies)
}

func (m *model) flattenPolicies(live observed, diags *diag.Diagnostics) {
	if len(live.StoragePolicies) == 0 && m.StoragePolicies.IsNull() {
		return
	}
	policies := map[string]attr.Value{}
	for _, s := range live.StoragePolicies {
		name := live.policies[s.Policy]
		if name == "" {
			name = s.Policy // a policy that was deleted in vCenter, or that the account may not see
		}
		policies[name] = types.ObjectValueMust(policyType.AttrTypes, map[string]attr.Value{"limit_mib": types.Int64PointerValue(s.Limit)})
	}
	value, problems := types.MapValue(policyType, policies)
	diags.Append(problems...)
	m.StoragePolicies = value
}

func (m *model) flattenClasses(ctx context.Context, live observed, diags *diag.Diagnostics) {
	if len(live.VMClasses) == 0 && m.VMClasses.IsNull() {
		return
	}
	classes := slices.Sorted(slices.Values(live.VMClasses))
	value, problems := types.SetValueFrom(ctx, types.StringType, append([]string{}, classes...))
	diags.Append(problems...)
	m.VMClasses = value
}

func limitValue(from vcenter.Limits, limit vcenter.Limit) types.Int64 {
	if value, ok := from[limit]; ok {
		return types.Int64Value(value)
	}
	return types.Int64Null()
}

// flatten gives null when no limit of the group is set and none was written.
func (g limitGroup) flatten(from vcenter.Limits, prior types.Object) types.Object {
	values, found := map[string]attr.Value{}, false
	for name, limit := range g {
		value := limitValue(from, limit)
		values[name], found = value, found || !value.IsNull()
	}
	if !found && prior.IsNull() {
		return types.ObjectNull(g.attributeTypes())
	}
	return types.ObjectValueMust(g.attributeTypes(), values)
}

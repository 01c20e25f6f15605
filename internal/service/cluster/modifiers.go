package cluster

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/domain/release"
)

// keepSatisfied keeps what is in state when it is what the configuration asks
// for in other words, as after an import.
type keepSatisfied struct {
	satisfied func(asked, state, releaseName string) bool
}

// Description says what it does.
func (keepSatisfied) Description(context.Context) string {
	return "What satisfies the configuration stays in state."
}

// MarkdownDescription says what it does.
func (m keepSatisfied) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyString is of planmodifier.String.
func (m keepSatisfied) PlanModifyString(ctx context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.State.Raw.IsNull() || req.ConfigValue.IsUnknown() || req.StateValue.IsNull() {
		return
	}
	if req.ConfigValue.IsNull() {
		if req.PlanValue.IsUnknown() {
			resp.PlanValue = req.StateValue // the platform's choice; ModifyPlan knows when it may change
		}
		return
	}
	var releaseName types.String
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("kubernetes_release"), &releaseName)...)
	if m.satisfied(req.ConfigValue.ValueString(), req.StateValue.ValueString(), releaseName.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}

// versionSatisfied: the state has a full version, which the configuration is a
// prefix of. A state with a prefix says nothing about a longer configuration.
func versionSatisfied(asked, state, releaseName string) bool {
	if release.Satisfies(asked, state) {
		return true
	}
	// The release's spelling in the configuration, Kubernetes' in the state.
	return release.Satisfies(state, asked) && release.Satisfies(asked, releaseName) && fullVersion(state)
}

func fullVersion(version string) bool {
	patch := 0
	for _, r := range version {
		if r == '.' {
			patch++
		}
		if r == '+' || r == '-' {
			return patch >= 2
		}
	}
	return false
}

func classSatisfied(asked, state, _ string) bool { return release.SameOrNewerClass(state, asked) }

// atCreation is a default for new objects only: what cannot be added later must
// not be planned for an object that lacks it.
type atCreation string

func defaultAtCreation(value string) planmodifier.String { return atCreation(value) }

// Description says what it does.
func (m atCreation) Description(context.Context) string {
	return "Default at creation: " + string(m)
}

// MarkdownDescription says what it does.
func (m atCreation) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyString is of planmodifier.String.
func (m atCreation) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	switch {
	case !req.ConfigValue.IsNull():
	case req.State.Raw.IsNull():
		resp.PlanValue = types.StringValue(string(m))
	default:
		resp.PlanValue = req.StateValue
	}
}

// unlessWritten is a default for elements of maps. That of the schema would also
// reach into an element of which nothing is known yet, and Terraform refuses
// such a plan.
type unlessWritten string

// Description says what it does.
func (m unlessWritten) Description(context.Context) string { return "Default: " + string(m) }

// MarkdownDescription says what it does.
func (m unlessWritten) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyString is of planmodifier.String.
func (m unlessWritten) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.ConfigValue.IsNull() {
		resp.PlanValue = types.StringValue(string(m))
	}
}

// keepMeaning keeps JSON in state that means what the configuration says: a
// member that is null is the same as none, and what the platform's defaults say
// is the same as nothing while the cluster has them. An import leaves them out.
type keepMeaning struct{}

// Description says what it does.
func (keepMeaning) Description(context.Context) string {
	return "JSON that means the same stays in state."
}

// MarkdownDescription says what it does.
func (m keepMeaning) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyString is of planmodifier.String.
func (keepMeaning) PlanModifyString(ctx context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || req.StateValue.IsNull() {
		return
	}
	asked, ok := decodeObject(req.ConfigValue.ValueString())
	have, ok2 := decodeObject(req.StateValue.ValueString())
	defaults := map[string]any{}
	if req.Path.Equal(path.Root("variables")) { // the only place that the platform puts them
		defaults, _ = decodeObject(string(recall(ctx, req.Private, &resp.Diagnostics).Defaults))
	}
	if ok && ok2 && meansSame(asked, have, defaults) {
		resp.PlanValue = req.StateValue
	}
}

// meansSame reports whether asked is have with some of the defaults.
func meansSame(asked, have, defaults any) bool {
	want, ok := asked.(map[string]any)
	is, ok2 := have.(map[string]any)
	more, _ := defaults.(map[string]any)
	switch {
	case !ok:
		return reflect.DeepEqual(asked, have) || have == nil && defaults != nil && reflect.DeepEqual(asked, defaults)
	case !ok2 && (have != nil || more == nil):
		return false
	}
	for key := range is {
		if _, there := want[key]; !there {
			return false
		}
	}
	for key, value := range want {
		if !meansSame(value, is[key], more[key]) {
			return false
		}
	}
	return true
}

// sameInstant keeps what is in state when it is the same point in time, as after
// an import: the platform writes it in UTC.
type sameInstant struct{}

// Description says what it does.
func (sameInstant) Description(context.Context) string {
	return "Two ways to write one point in time are the same."
}

// MarkdownDescription says what it does.
func (m sameInstant) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyString is of planmodifier.String.
func (sameInstant) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	before, asked := timeOf(req.StateValue), timeOf(req.PlanValue)
	if before != nil && asked != nil && before.Equal(*asked) {
		resp.PlanValue = req.StateValue
	}
}

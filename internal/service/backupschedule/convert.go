package backupschedule

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

type selector struct {
	MatchLabels      types.Map  `tfsdk:"match_labels"`
	MatchExpressions types.List `tfsdk:"match_expressions"`
}

type requirement struct {
	Key      types.String `tfsdk:"key"`
	Operator types.String `tfsdk:"operator"`
	Values   types.Set    `tfsdk:"values"`
}

var (
	requirementType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"key": types.StringType, "operator": types.StringType, "values": types.SetType{ElemType: types.StringType},
	}}
	selectorType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"match_labels": types.MapType{ElemType: types.StringType}, "match_expressions": types.ListType{ElemType: requirementType},
	}}
)

// expandNames gives the names in a fixed order, so that the same set is the
// same object.
func expandNames(ctx context.Context, from types.Set, diags *diag.Diagnostics) []string {
	if from.IsNull() || from.IsUnknown() {
		return nil
	}
	var names []string
	diags.Append(from.ElementsAs(ctx, &names, false)...)
	slices.Sort(names)
	return names
}

// flattenNames: an empty set of the user's means the same as none, and stays.
func flattenNames(ctx context.Context, live []string, before types.Set, diags *diag.Diagnostics) types.Set {
	if len(live) == 0 {
		if !before.IsNull() && !before.IsUnknown() && len(before.Elements()) == 0 {
			return before
		}
		return types.SetNull(types.StringType)
	}
	value, problems := types.SetValueFrom(ctx, types.StringType, live)
	diags.Append(problems...)
	return value
}

func expandTexts(ctx context.Context, from types.Map, diags *diag.Diagnostics) map[string]string {
	if from.IsNull() || from.IsUnknown() {
		return nil
	}
	var texts map[string]string
	diags.Append(from.ElementsAs(ctx, &texts, false)...)
	return texts
}

func flattenTexts(ctx context.Context, live map[string]string, before types.Map, diags *diag.Diagnostics) types.Map {
	if len(live) == 0 {
		if !before.IsNull() && !before.IsUnknown() && len(before.Elements()) == 0 {
			return before
		}
		return types.MapNull(types.StringType)
	}
	value, problems := types.MapValueFrom(ctx, types.StringType, live)
	diags.Append(problems...)
	return value
}

func expandSelector(ctx context.Context, from types.Object, diags *diag.Diagnostics) *metav1.LabelSelector {
	if from.IsNull() || from.IsUnknown() {
		return nil
	}
	var s selector
	diags.Append(from.As(ctx, &s, basetypes.ObjectAsOptions{})...)
	return s.expand(ctx, diags)
}

func (s *selector) expand(ctx context.Context, diags *diag.Diagnostics) *metav1.LabelSelector {
	out := &metav1.LabelSelector{MatchLabels: expandTexts(ctx, s.MatchLabels, diags)}
	if s.MatchExpressions.IsNull() {
		return out
	}
	var requirements []requirement
	diags.Append(s.MatchExpressions.ElementsAs(ctx, &requirements, false)...)
	for _, r := range requirements {
		out.MatchExpressions = append(out.MatchExpressions, metav1.LabelSelectorRequirement{
			Key: r.Key.ValueString(), Operator: metav1.LabelSelectorOperator(r.Operator.ValueString()), Values: expandNames(ctx, r.Values, diags),
		})
	}
	return out
}

func expandSelectors(ctx context.Context, from types.List, diags *diag.Diagnostics) []*metav1.LabelSelector {
	if from.IsNull() || from.IsUnknown() {
		return nil
	}
	var selectors []selector
	diags.Append(from.ElementsAs(ctx, &selectors, false)...)
	out := make([]*metav1.LabelSelector, 0, len(selectors))
	for i := range selectors {
		out = append(out, selectors[i].expand(ctx, diags))
	}
	return out
}

func flattenSelector(ctx context.Context, live *metav1.LabelSelector, diags *diag.Diagnostics) types.Object {
	if live == nil || len(live.MatchLabels)+len(live.MatchExpressions) == 0 {
		return types.ObjectNull(selectorType.AttrTypes)
	}
	expressions := types.ListNull(requirementType)
	if len(live.MatchExpressions) > 0 {
		requirements := make([]requirement, 0, len(live.MatchExpressions))
		for _, r := range live.MatchExpressions {
			requirements = append(requirements, requirement{
				Key: types.StringValue(r.Key), Operator: types.StringValue(string(r.Operator)),
				Values: flattenNames(ctx, r.Values, types.SetNull(types.StringType), diags),
			})
		}
		value, problems := types.ListValueFrom(ctx, requirementType, requirements)
		diags.Append(problems...)
		expressions = value
	}
	return objectFrom(ctx, selectorType, selector{
		MatchLabels: flattenTexts(ctx, live.MatchLabels, types.MapNull(types.StringType), diags), MatchExpressions: expressions,
	}, diags)
}

func flattenSelectors(ctx context.Context, live []*metav1.LabelSelector, diags *diag.Diagnostics) types.List {
	if len(live) == 0 {
		return types.ListNull(selectorType)
	}
	selectors := make([]attr.Value, 0, len(live))
	for _, s := range live {
		selectors = append(selectors, flattenSelector(ctx, s, diags))
	}
	value, problems := types.ListValue(selectorType, selectors)
	diags.Append(problems...)
	return value
}

func objectFrom(ctx context.Context, t types.ObjectType, from any, diags *diag.Diagnostics) types.Object {
	value, problems := types.ObjectValueFrom(ctx, t.AttrTypes, from)
	diags.Append(problems...)
	return value
}

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

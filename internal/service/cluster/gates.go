package cluster

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

type gateModel struct {
	ConditionType types.String `tfsdk:"condition_type"`
	Polarity      types.String `tfsdk:"polarity"`
}

type machineTaintModel struct {
	Key         types.String `tfsdk:"key"`
	Value       types.String `tfsdk:"value"`
	Effect      types.String `tfsdk:"effect"`
	Propagation types.String `tfsdk:"propagation"`
}

// Gates and taints have no order, so that they are sorted by what tells them apart.

func expandGates(ctx context.Context, value types.Set, diags *diag.Diagnostics) []supervisor.Gate {
	var gates []supervisor.Gate
	for _, g := range elements[gateModel](ctx, value.Elements(), diags) {
		gates = append(gates, supervisor.Gate{ConditionType: g.ConditionType.ValueString(), Polarity: g.Polarity.ValueString()})
	}
	return sortedGates(gates)
}

func flattenGates(ctx context.Context, gates []supervisor.Gate, diags *diag.Diagnostics) types.Set {
	if len(gates) == 0 {
		return types.SetNull(gateType())
	}
	entries := make([]gateModel, 0, len(gates))
	for _, g := range gates {
		entries = append(entries, gateModel{ConditionType: text(g.ConditionType), Polarity: text(g.Polarity)})
	}
	value, problems := types.SetValueFrom(ctx, gateType(), entries)
	diags.Append(problems...)
	return value
}

// observeGates sees all of them where any was asked for, as with pools.
func observeGates(wanted, live []supervisor.Gate) []supervisor.Gate {
	if len(wanted) == 0 {
		return nil
	}
	seen := slices.Clone(live)
	for i, g := range seen {
		// Positive is the default, which a server may write down.
		at := slices.IndexFunc(wanted, func(w supervisor.Gate) bool { return w.ConditionType == g.ConditionType })
		if at >= 0 && cmp.Or(wanted[at].Polarity, positivePolarity) == cmp.Or(g.Polarity, positivePolarity) {
			seen[i].Polarity = wanted[at].Polarity
		}
	}
	return sortedGates(seen)
}

func sortedGates(gates []supervisor.Gate) []supervisor.Gate {
	slices.SortFunc(gates, func(a, b supervisor.Gate) int { return cmp.Compare(a.ConditionType, b.ConditionType) })
	return gates
}

func expandMachineTaints(ctx context.Context, value types.Set, diags *diag.Diagnostics) []supervisor.Taint {
	var taints []supervisor.Taint
	for _, t := range elements[machineTaintModel](ctx, value.Elements(), diags) {
		taints = append(taints, supervisor.Taint{
			Key: t.Key.ValueString(), Value: t.Value.ValueString(), Effect: t.Effect.ValueString(), Propagation: t.Propagation.ValueString(),
		})
	}
	return sortedTaints(taints)
}

func flattenMachineTaints(ctx context.Context, taints []supervisor.Taint, diags *diag.Diagnostics) types.Set {
	if len(taints) == 0 {
		return types.SetNull(machineTaintType())
	}
	entries := make([]machineTaintModel, 0, len(taints))
	for _, t := range taints {
		entries = append(entries, machineTaintModel{Key: text(t.Key), Value: text(t.Value), Effect: text(t.Effect), Propagation: text(t.Propagation)})
	}
	value, problems := types.SetValueFrom(ctx, machineTaintType(), entries)
	diags.Append(problems...)
	return value
}

func observeMachineTaints(wanted, live []supervisor.Taint) []supervisor.Taint {
	if len(wanted) == 0 {
		return nil
	}
	return sortedTaints(slices.Clone(live))
}

func sortedTaints(taints []supervisor.Taint) []supervisor.Taint {
	slices.SortFunc(taints, func(a, b supervisor.Taint) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Effect, b.Effect))
	})
	return taints
}

package cluster

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
)

// healthModel is the health check of a control plane.
type healthModel struct {
	Enabled           types.Bool       `tfsdk:"enabled"`
	NodeStartup       tftypes.Duration `tfsdk:"node_startup_timeout"`
	NodeConditions    types.List       `tfsdk:"unhealthy_node_conditions"`
	MachineConditions types.List       `tfsdk:"unhealthy_machine_conditions"`
	MaxUnhealthy      types.String     `tfsdk:"max_unhealthy"`
	UnhealthyRange    types.String     `tfsdk:"unhealthy_range"`
	Template          types.Object     `tfsdk:"remediation_template"`
}

// poolHealthModel is that of a pool, which has more.
type poolHealthModel struct {
	healthModel
	MaxInFlight types.String `tfsdk:"max_in_flight"`
}

type unhealthyModel struct {
	Type    types.String     `tfsdk:"type"`
	Status  types.String     `tfsdk:"status"`
	Timeout tftypes.Duration `tfsdk:"timeout"`
}

type templateModel struct {
	APIVersion types.String `tfsdk:"api_version"`
	Kind       types.String `tfsdk:"kind"`
	Name       types.String `tfsdk:"name"`
}

func (m *healthModel) expand(ctx context.Context, diags *diag.Diagnostics) supervisor.HealthCheck {
	h := supervisor.HealthCheck{
		NodeStartup:       duration(m.NodeStartup),
		NodeConditions:    expandUnhealthy(ctx, m.NodeConditions, diags),
		MachineConditions: expandUnhealthy(ctx, m.MachineConditions, diags),
		MaxUnhealthy:      m.MaxUnhealthy.ValueString(), UnhealthyRange: m.UnhealthyRange.ValueString(),
	}
	if !m.Enabled.IsNull() && !m.Enabled.IsUnknown() {
		h.Enabled = m.Enabled.ValueBoolPointer()
	}
	if t := object[templateModel](ctx, m.Template, diags); t != nil {
		h.Template = supervisor.TemplateRef{APIVersion: t.APIVersion.ValueString(), Kind: t.Kind.ValueString(), Name: t.Name.ValueString()}
	}
	return h
}

func expandUnhealthy(ctx context.Context, value types.List, diags *diag.Diagnostics) []supervisor.UnhealthyCondition {
	var out []supervisor.UnhealthyCondition
	for _, c := range elements[unhealthyModel](ctx, value.Elements(), diags) {
		one := supervisor.UnhealthyCondition{Type: c.Type.ValueString(), Status: c.Status.ValueString()}
		if timeout := duration(c.Timeout); timeout != nil {
			one.Timeout = *timeout
		}
		out = append(out, one)
	}
	return out
}

func (m *healthModel) flatten(ctx context.Context, h supervisor.HealthCheck, diags *diag.Diagnostics) {
	m.Enabled, m.NodeStartup = types.BoolPointerValue(h.Enabled), tftypes.NewDurationNull()
	if h.NodeStartup != nil {
		m.NodeStartup = tftypes.NewDuration(*h.NodeStartup)
	}
	m.NodeConditions, m.MachineConditions = flattenUnhealthy(ctx, h.NodeConditions, diags), flattenUnhealthy(ctx, h.MachineConditions, diags)
	m.MaxUnhealthy, m.UnhealthyRange = text(h.MaxUnhealthy), text(h.UnhealthyRange)
	m.Template = types.ObjectNull(typesOf(templateType()))
	if t := h.Template; t != (supervisor.TemplateRef{}) {
		m.Template = toObject(ctx, templateType(), templateModel{APIVersion: text(t.APIVersion), Kind: text(t.Kind), Name: text(t.Name)}, diags)
	}
}

func flattenUnhealthy(ctx context.Context, conditions []supervisor.UnhealthyCondition, diags *diag.Diagnostics) types.List {
	if len(conditions) == 0 {
		return types.ListNull(unhealthyType())
	}
	entries := make([]unhealthyModel, 0, len(conditions))
	for _, c := range conditions {
		entries = append(entries, unhealthyModel{Type: text(c.Type), Status: text(c.Status), Timeout: tftypes.NewDuration(c.Timeout)})
	}
	value, problems := types.ListValueFrom(ctx, unhealthyType(), entries)
	diags.Append(problems...)
	return value
}

// flattenHealth gives null for a health check that says nothing.
func flattenHealth(ctx context.Context, h supervisor.HealthCheck, diags *diag.Diagnostics) types.Object {
	t := healthType()
	if saysNothing(h) {
		return types.ObjectNull(typesOf(t))
	}
	var m healthModel
	m.flatten(ctx, h, diags)
	return toObject(ctx, t, m, diags)
}

func flattenPoolHealth(ctx context.Context, h supervisor.HealthCheck, diags *diag.Diagnostics) types.Object {
	t := poolHealthType()
	if saysNothing(h) {
		return types.ObjectNull(typesOf(t))
	}
	m := poolHealthModel{MaxInFlight: text(h.MaxInFlight)}
	m.flatten(ctx, h, diags)
	return toObject(ctx, t, m, diags)
}

func saysNothing(h supervisor.HealthCheck) bool {
	return h.Enabled == nil && h.NodeStartup == nil && len(h.NodeConditions)+len(h.MachineConditions) == 0 &&
		h.MaxUnhealthy+h.UnhealthyRange+h.MaxInFlight == "" && h.Template == supervisor.TemplateRef{}
}

// observeHealth sees the fields that were asked for. Lists of conditions are one
// field each.
func observeHealth(wanted, live supervisor.HealthCheck) supervisor.HealthCheck {
	seen := supervisor.HealthCheck{
		NodeStartup:  observeDuration(wanted.NodeStartup, live.NodeStartup),
		MaxUnhealthy: observeText(wanted.MaxUnhealthy, live.MaxUnhealthy), UnhealthyRange: observeText(wanted.UnhealthyRange, live.UnhealthyRange),
		MaxInFlight: observeText(wanted.MaxInFlight, live.MaxInFlight),
	}
	if wanted.Enabled != nil {
		seen.Enabled = live.Enabled
	}
	if len(wanted.NodeConditions) > 0 {
		seen.NodeConditions = live.NodeConditions
	}
	if len(wanted.MachineConditions) > 0 {
		seen.MachineConditions = live.MachineConditions
	}
	if wanted.Template != (supervisor.TemplateRef{}) {
		seen.Template = live.Template
	}
	return seen
}

// elements gives the known elements of a list or a set of nested attributes.
func elements[T any](ctx context.Context, values []attr.Value, diags *diag.Diagnostics) []T {
	var out []T
	for _, element := range values {
		entry, ok := element.(types.Object)
		if !ok {
			continue
		}
		if one := object[T](ctx, entry, diags); one != nil {
			out = append(out, *one)
		}
	}
	return out
}

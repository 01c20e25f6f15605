package backupschedule

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/vksops/terraform-provider-vks/internal/domain/protection"
	"github.com/vksops/terraform-provider-vks/internal/tf/target"
)

// gapsFrom is where gaps are counted from. It is fixed, so that plan, apply and
// refresh come to the same number.
var gapsFrom = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

// ValidateConfig finds what Velero would only find when a backup starts.
func (r *scheduleResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	m.validateTiming(&resp.Diagnostics)
	m.validate(ctx, &resp.Diagnostics)
	if m.UseOwnerReferences.ValueBool() {
		resp.Diagnostics.AddAttributeWarning(path.Root("use_owner_references_in_backup"), "Destroying this schedule deletes its backups",
			"With use_owner_references_in_backup the schedule owns its backups: when it is destroyed or replaced, Kubernetes deletes them from the cluster, and nobody asks.")
	}
}

// ModifyPlan shows at plan what will run, and warns of what would fail later.
func (r *scheduleResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		r.warnOfDestroy(ctx, req, resp)
		return
	}
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	state := &model{}
	if req.State.Raw.IsNull() {
		state = nil
	} else {
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	plan.planTiming(state, &resp.Diagnostics)
	plan.warnOfRetention(&resp.Diagnostics)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	if state == nil || !state.StorageLocation.Equal(plan.StorageLocation) {
		r.warnOfVelero(ctx, &plan, &resp.Diagnostics)
	}
}

// validateTiming: exactly one of schedule and rpo, and one that runs.
func (m *model) validateTiming(diags *diag.Diagnostics) {
	if m.Schedule.IsUnknown() || m.RPO.IsUnknown() {
		return
	}
	switch {
	case m.Schedule.IsNull() && m.RPO.IsNull():
		diags.AddError("Neither schedule nor rpo",
			"A backup schedule needs either schedule, a cron expression, or rpo, the most data that may be lost (\"4h\").")
	case !m.Schedule.IsNull() && !m.RPO.IsNull():
		diags.AddAttributeError(path.Root("rpo"), "Both schedule and rpo",
			"schedule says when to back up, rpo derives that. Remove one of them.")
	case !m.Schedule.IsNull():
		parsed, err := protection.ParseCron(m.Schedule.ValueString())
		if err != nil {
			return // the attribute's validator has said so
		}
		if _, err := protection.LongestGap(parsed, gapsFrom); err != nil {
			diags.AddAttributeError(path.Root("schedule"), "Backup schedule never runs", fmt.Sprintf("%s.", err))
		}
	}
}

// planTiming derives what will run. Where that differs from what runs now,
// everything that Velero reports may change with it.
func (m *model) planTiming(state *model, diags *diag.Diagnostics) {
	cron, ok, err := m.derive()
	if err != nil {
		diags.AddAttributeError(path.Root("rpo"), "Invalid recovery point objective", err.Error()+".")
		return
	}
	if !ok {
		m.EffectiveSchedule, m.LongestGapSeconds = types.StringUnknown(), types.Int64Unknown()
	} else {
		m.EffectiveSchedule, m.LongestGapSeconds = types.StringValue(cron), longestGapSeconds(cron)
	}
	if state != nil && !m.EffectiveSchedule.Equal(state.EffectiveSchedule) {
		m.Phase, m.LastBackupTime, m.NextRunTime = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
		m.ValidationErrors = types.ListUnknown(types.StringType)
	}
}

// derive gives the cron that will run; false while it cannot be known.
func (m *model) derive() (string, bool, error) {
	switch {
	case m.Schedule.IsUnknown() || m.RPO.IsUnknown():
		return "", false, nil
	case !m.Schedule.IsNull():
		return m.Schedule.ValueString(), true, nil
	case m.RPO.IsNull() || !m.Known():
		return "", false, nil
	}
	key, err := m.Key()
	if err != nil {
		return "", false, err
	}
	cron, err := protection.CronForRPO(m.RPO.Duration(), key.String())
	return cron, err == nil, err
}

// longestGapSeconds is null for what is no cron, or never runs.
func longestGapSeconds(cron string) types.Int64 {
	parsed, err := protection.ParseCron(cron)
	if err != nil {
		return types.Int64Null()
	}
	gap, err := protection.LongestGap(parsed, gapsFrom)
	if err != nil {
		return types.Int64Null()
	}
	return types.Int64Value(int64(gap / time.Second))
}

func (m *model) warnOfRetention(diags *diag.Diagnostics) {
	if m.LongestGapSeconds.IsNull() || m.LongestGapSeconds.IsUnknown() || !m.Retention.Known() {
		return
	}
	gap := time.Duration(m.LongestGapSeconds.ValueInt64()) * time.Second
	if text := protection.CheckRetention(m.Retention.Duration(), gap); text != "" {
		diags.AddAttributeWarning(path.Root("retention"), "Short retention", text+".")
	}
}

func (r *scheduleResource) warnOfDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if !resp.Diagnostics.HasError() && state.UseOwnerReferences.ValueBool() {
		resp.Diagnostics.AddWarning("Destroying this schedule deletes its backups",
			"backup schedule "+state.ID.ValueString()+" owns its backups (use_owner_references_in_backup). Set that to false and apply first, to keep those that are made from then on.")
	}
}

// warnOfVelero looks whether there is a Velero, and whether backups could be
// written at all. The cluster, or the location, may come with the same apply:
// then there is nothing to say.
func (r *scheduleResource) warnOfVelero(ctx context.Context, plan *model, diags *diag.Diagnostics) {
	if !r.Configured || !plan.Known() || plan.StorageLocation.IsUnknown() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, target.PlanTimeout)
	defer cancel()
	key, err := plan.Key()
	if err != nil || r.Data.Installing().Has(key.Cluster.String()) {
		return
	}
	client, err := r.Data.Velero(ctx, key.Cluster.String())
	if err != nil {
		tflog.Debug(ctx, "storage location not checked at plan", map[string]any{"id": key.String(), "error": err.Error()})
		return
	}
	text, err := locationWarning(ctx, client, key.Namespace, plan.StorageLocation.ValueString())
	if target.WarnOfAbsence(who(key), err, diags) {
		return
	}
	if err != nil {
		tflog.Debug(ctx, "storage location not checked at plan", map[string]any{"id": key.String(), "error": err.Error()})
		return
	}
	if text != "" {
		diags.AddAttributeWarning(path.Root("storage_location"), "Storage location cannot be written to", text)
	}
}

func locationWarning(ctx context.Context, from locations, namespace, name string) (string, error) {
	all, err := from.Locations(ctx, namespace)
	if err != nil || name == "" {
		return "", err
	}
	for i := range all {
		if all[i].Name != name {
			continue
		}
		if all[i].Spec.AccessMode == velerov1.BackupStorageLocationAccessModeReadOnly {
			return "The storage location " + name + " is ReadOnly: Velero accepts the schedule, and then fails each of its backups.", nil
		}
		return "", nil
	}
	return "There is no storage location " + name + " in namespace " + namespace + " of the cluster now. If this apply creates it, all is well; " +
		"otherwise Velero accepts the schedule, and then fails each of its backups.", nil
}

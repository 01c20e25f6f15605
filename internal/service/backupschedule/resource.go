// Package backupschedule is the resource vks_backup_schedule: when Velero backs
// up what of a cluster. It must not import another service.
package backupschedule

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"
	"k8s.io/utils/clock"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/base"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/tf/target"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

const (
	typeName = "backup_schedule"

	createTimeout = 5 * time.Minute
	readTimeout   = time.Minute
	updateTimeout = 5 * time.Minute
	deleteTimeout = 2 * time.Minute
)

var (
	_ resource.ResourceWithConfigure      = (*scheduleResource)(nil)
	_ resource.ResourceWithIdentity       = (*scheduleResource)(nil)
	_ resource.ResourceWithImportState    = (*scheduleResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*scheduleResource)(nil)
	_ resource.ResourceWithValidateConfig = (*scheduleResource)(nil)
)

// NewResource makes the resource.
func NewResource() resource.Resource { return &scheduleResource{clock: clock.RealClock{}} }

type scheduleResource struct {
	base.Resource[*clients.Set]
	clock clock.Clock
}

// Metadata gives the type name.
func (r *scheduleResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + typeName
}

// Schema gives the schema.
func (r *scheduleResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

// IdentitySchema gives the schema of the identity.
func (r *scheduleResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = target.ObjectIdentitySchema()
}

// Create writes the schedule and waits until Velero has accepted it.
func (r *scheduleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel, ok := target.Deadline(ctx, plan.Timeouts.Create, createTimeout, &resp.Diagnostics)
	defer cancel()
	if !ok {
		return
	}
	// What could not be known at plan, is now.
	plan.planTiming(nil, &resp.Diagnostics)
	wanted := plan.expand(ctx, plan.SkipImmediately.ValueBoolPointer(), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	key, a, err := r.connect(ctx, &plan)
	if err == nil {
		err = create(ctx, a, wanted)
	}
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to create backup schedule", who(key), err)
		return
	}
	tflog.Info(ctx, "created backup schedule", map[string]any{"id": key.String(), "schedule": wanted.Spec.Schedule})
	plan.flatten(ctx, key, wanted, r.clock.Now(), &resp.Diagnostics)
	resp.Diagnostics.Append(target.SetObjectIdentity(ctx, resp.Identity, key)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	waitErr := r.wait(ctx, a, key, &plan)
	target.Finish(ctx, key, a.FinishSchedule)
	if err := r.refresh(context.WithoutCancel(ctx), a, key, &plan, &resp.Diagnostics); err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to read backup schedule after creation", who(key), err)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	if waitErr != nil {
		diags.AddWaitError(&resp.Diagnostics, "Backup schedule is not enabled", who(key), "create", waitErr)
	}
}

// Read takes what the platform says. A schedule that Velero refuses is
// reported, not an error.
func (r *scheduleResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel, ok := target.Deadline(ctx, state.Timeouts.Read, readTimeout, &resp.Diagnostics)
	defer cancel()
	if !ok {
		return
	}
	key, a, err := r.connect(ctx, &state)
	resp.Diagnostics.Append(target.SetObjectIdentity(ctx, resp.Identity, key)...)
	if err == nil {
		err = r.refresh(ctx, a, key, &state, &resp.Diagnostics)
	}
	if fault.IsNotFound(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to read backup schedule", who(key), err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// Update makes the schedule be what is planned.
func (r *scheduleResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel, ok := target.Deadline(ctx, plan.Timeouts.Update, updateTimeout, &resp.Diagnostics)
	defer cancel()
	if !ok {
		return
	}
	plan.planTiming(nil, &resp.Diagnostics)
	key, a, err := r.connect(ctx, &plan)
	resp.Diagnostics.Append(target.SetObjectIdentity(ctx, resp.Identity, key)...)
	if err == nil && !resp.Diagnostics.HasError() {
		err = update(ctx, a, &plan, &state, &resp.Diagnostics)
	}
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to update backup schedule", who(key), err)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	waitErr := r.wait(ctx, a, key, &plan)
	if err := r.refresh(context.WithoutCancel(ctx), a, key, &plan, &resp.Diagnostics); err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to read backup schedule after update", who(key), err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	if waitErr != nil {
		diags.AddWaitError(&resp.Diagnostics, "Backup schedule is not enabled", who(key), "update", waitErr)
	}
}

// Delete ends the schedule. Its backups stay until they expire, unless the
// schedule owns them.
func (r *scheduleResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel, ok := target.Deadline(ctx, state.Timeouts.Delete, deleteTimeout, &resp.Diagnostics)
	defer cancel()
	if !ok {
		return
	}
	key, a, err := r.connect(ctx, &state)
	if err == nil {
		err = remove(ctx, a, r.clock, key)
	}
	if fault.Gone(err) != nil {
		diags.AddWaitError(&resp.Diagnostics, "Unable to delete backup schedule", who(key), "delete", err)
	}
}

// ImportState takes CLUSTER_ID/VELERO_NAMESPACE/NAME or the identity.
func (r *scheduleResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	target.ImportObject(ctx, req, resp)
}

func who(key ids.Protection) string { return "backup schedule " + key.String() }

func (r *scheduleResource) connect(ctx context.Context, m *model) (ids.Protection, api, error) {
	key, err := m.Key()
	if err != nil {
		return key, nil, err
	}
	client, err := r.Data.Velero(ctx, key.Cluster.String())
	return key, client, err
}

// wait waits for Velero's verdict. A paused schedule never gets one.
func (r *scheduleResource) wait(ctx context.Context, a api, key ids.Protection, m *model) error {
	if !m.WaitForEnabled.ValueBool() || m.Paused.ValueBool() {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	changes, look := a.FollowSchedule(ctx, key.Namespace, key.Name)
	return wait.For(ctx, wait.Options{
		What: "backup schedule " + key.String() + " to be enabled", Changes: changes,
		Clock: r.clock, Progress: target.Progress(ctx, key.String()), Max: 5 * time.Second,
	}, func(ctx context.Context) (wait.Status, error) {
		live, err := look(ctx)
		if err != nil {
			return target.Passing(err)
		}
		return ready(live)
	})
}

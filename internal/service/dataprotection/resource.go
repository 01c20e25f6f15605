// Package dataprotection is the resource vks_data_protection: Velero on a
// cluster, installed or adopted. It must not import another service.
package dataprotection

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"k8s.io/utils/clock"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/base"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/tf/target"
)

const (
	typeName = "data_protection"

	createTimeout = 10 * time.Minute
	readTimeout   = time.Minute
	updateTimeout = 10 * time.Minute
	deleteTimeout = 10 * time.Minute
)

var (
	_ resource.ResourceWithConfigure   = (*protectionResource)(nil)
	_ resource.ResourceWithIdentity    = (*protectionResource)(nil)
	_ resource.ResourceWithImportState = (*protectionResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*protectionResource)(nil)
)

// NewResource makes the resource.
func NewResource() resource.Resource { return &protectionResource{clock: clock.RealClock{}} }

type protectionResource struct {
	base.Resource[*clients.Set]
	clock clock.Clock
}

// Metadata gives the type name.
func (r *protectionResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + typeName
}

// Schema gives the schema.
func (r *protectionResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

// IdentitySchema gives the schema of the identity.
func (r *protectionResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = target.InstallIdentitySchema()
}

// ModifyPlan notes which clusters will have a Velero, for the plans of what needs one.
func (r *protectionResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if !r.Configured || req.Plan.Raw.IsNull() || !req.State.Raw.IsNull() {
		return
	}
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !plan.Known() {
		return
	}
	if key, err := plan.Key(); err == nil {
		r.Data.Installing().Add(key.Cluster.String())
	}
}

// Create installs Velero, or adopts the one that is there, and waits for it.
func (r *protectionResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
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
	key, a, err := r.connect(ctx, &plan)
	if err == nil {
		err = r.install(ctx, a, &plan, &resp.Diagnostics)
	}
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to create data protection", who(key), err)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(target.SetInstallIdentity(ctx, resp.Identity, key)...)
	// Also when the operation is being cancelled: what is installed belongs into state.
	if err := r.refresh(context.WithoutCancel(ctx), a, key, &plan, &resp.Diagnostics); err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to read data protection after creation", who(key), err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	waitErr := r.settle(ctx, a, key, &plan, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	if waitErr != nil {
		diags.AddWaitError(&resp.Diagnostics, "Velero is not ready", who(key), "create", waitErr)
	}
}

// Read takes what the cluster says. A Velero that does not run is reported, not
// an error; one that is gone removes the resource from state.
func (r *protectionResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
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
	resp.Diagnostics.Append(target.SetInstallIdentity(ctx, resp.Identity, key)...)
	if err == nil {
		err = r.refresh(ctx, a, key, &state, &resp.Diagnostics)
	}
	switch {
	case fault.IsNotFound(err) && a != nil && keepRemains(ctx, a, key, &state):
	case fault.IsNotFound(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		diags.AddError(&resp.Diagnostics, "Unable to read data protection", who(key), err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// Update installs what is planned over what is there. An adopted Velero is left alone.
func (r *protectionResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel, ok := target.Deadline(ctx, plan.Timeouts.Update, updateTimeout, &resp.Diagnostics)
	defer cancel()
	if !ok {
		return
	}
	key, a, err := r.connect(ctx, &plan)
	resp.Diagnostics.Append(target.SetInstallIdentity(ctx, resp.Identity, key)...)
	if err == nil {
		err = r.install(ctx, a, &plan, &resp.Diagnostics)
	}
	if err == nil && !resp.Diagnostics.HasError() {
		err = r.refresh(ctx, a, key, &plan, &resp.Diagnostics)
	}
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to update data protection", who(key), err)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	waitErr := r.settle(ctx, a, key, &plan, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	if waitErr != nil {
		diags.AddWaitError(&resp.Diagnostics, "Velero is not ready", who(key), "update", waitErr)
	}
}

// Delete removes Velero when on_destroy says so, and only one of ours.
func (r *protectionResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || state.OnDestroy.ValueString() != remove {
		return
	}
	ctx, cancel, ok := target.Deadline(ctx, state.Timeouts.Delete, deleteTimeout, &resp.Diagnostics)
	defer cancel()
	if !ok {
		return
	}
	key, a, err := r.connect(ctx, &state)
	if err == nil {
		err = r.uninstall(ctx, a, key, &state, &resp.Diagnostics)
	}
	if fault.Gone(err) != nil {
		diags.AddWaitError(&resp.Diagnostics, "Unable to delete data protection", who(key), "delete", err)
	}
}

// ImportState takes CLUSTER_ID/VELERO_NAMESPACE or the identity.
func (r *protectionResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	target.ImportInstall(ctx, req, resp)
}

func who(key ids.Install) string { return "data protection " + key.String() }

func (r *protectionResource) connect(ctx context.Context, m *model) (ids.Install, api, error) {
	key, err := m.Key()
	if err != nil {
		return key, nil, err
	}
	client, err := r.Data.Velero(ctx, key.Cluster.String())
	if err != nil {
		return key, nil, err // not client: a nil pointer in an interface is not nil
	}
	return key, client, nil
}

// Package storagelocation is the resource vks_storage_location: a bucket that
// Velero keeps backups in, and the credentials for it. It must not import
// another service.
package storagelocation

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
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
	typeName = "storage_location"

	createTimeout = 5 * time.Minute
	readTimeout   = time.Minute
	updateTimeout = 5 * time.Minute
	deleteTimeout = 2 * time.Minute
)

var (
	_ resource.ResourceWithConfigure      = (*locationResource)(nil)
	_ resource.ResourceWithIdentity       = (*locationResource)(nil)
	_ resource.ResourceWithImportState    = (*locationResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*locationResource)(nil)
	_ resource.ResourceWithValidateConfig = (*locationResource)(nil)
)

// NewResource makes the resource.
func NewResource() resource.Resource { return &locationResource{clock: clock.RealClock{}} }

type locationResource struct {
	base.Resource[*clients.Set]
	clock clock.Clock
}

// Metadata gives the type name.
func (r *locationResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + typeName
}

// Schema gives the schema.
func (r *locationResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

// IdentitySchema gives the schema of the identity.
func (r *locationResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = target.ObjectIdentitySchema()
}

// Create writes the credentials and the location, and waits for Velero's verdict.
func (r *locationResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel, ok := target.Deadline(ctx, plan.Timeouts.Create, createTimeout, &resp.Diagnostics)
	defer cancel()
	if !ok {
		return
	}
	key, a, err := r.connect(ctx, &plan)
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to create storage location", who(key), err)
		return
	}
	wanted := plan.expand(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	created, err := create(ctx, a, &plan, &config, wanted)
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to create storage location", who(key), err)
		return
	}
	tflog.Info(ctx, "created storage location", map[string]any{"id": key.String()})
	plan.flatten(ctx, key, created, &resp.Diagnostics)
	resp.Diagnostics.Append(target.SetObjectIdentity(ctx, resp.Identity, key)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	err = r.wait(ctx, a, key, &plan, 0)
	target.Finish(ctx, key, a.FinishLocation)
	r.readBack(ctx, a, key, &plan, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	if err != nil {
		diags.AddWaitError(&resp.Diagnostics, "Storage location is not available", who(key), "create", err)
	}
}

// Read takes what the platform says. An unavailable location is reported, not an error.
func (r *locationResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
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
	key, err := state.Key()
	resp.Diagnostics.Append(target.SetObjectIdentity(ctx, resp.Identity, key)...)
	if err == nil {
		err = r.refresh(ctx, key, &state, &resp.Diagnostics)
	}
	if fault.IsNotFound(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to read storage location", who(key), err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// Update writes what has changed. New credentials are written beside the old
// ones, which go when Velero has validated the new.
func (r *locationResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel, ok := target.Deadline(ctx, plan.Timeouts.Update, updateTimeout, &resp.Diagnostics)
	defer cancel()
	if !ok {
		return
	}
	key, a, err := r.connect(ctx, &plan)
	resp.Diagnostics.Append(target.SetObjectIdentity(ctx, resp.Identity, key)...)
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to update storage location", who(key), err)
		return
	}
	wanted := plan.expand(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	updated, err := update(ctx, a, &plan, &state, &config, wanted)
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to update storage location", who(key), err)
		return
	}
	plan.flatten(ctx, key, updated, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	if err := r.wait(ctx, a, key, &plan, settleTime); err != nil {
		r.readBack(ctx, a, key, &plan, &resp.Diagnostics)
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
		diags.AddWaitError(&resp.Diagnostics, "Storage location is not available", who(key), "update", err)
		return
	}
	if plan.ownsSecret() {
		if err := dropOldCredentials(ctx, a, &plan); err != nil {
			diags.AddError(&resp.Diagnostics, "Unable to remove old credentials", who(key), err)
		}
	}
	r.readBack(ctx, a, key, &plan, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Delete removes the location and the Secret that belongs to it. The backups in
// the bucket stay.
func (r *locationResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
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
		err = remove(ctx, a, r.clock, &state)
	}
	if fault.Gone(err) != nil {
		diags.AddWaitError(&resp.Diagnostics, "Unable to delete storage location", who(key), "delete", err)
	}
}

// ImportState takes CLUSTER_ID/VELERO_NAMESPACE/NAME or the identity.
func (r *locationResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	target.ImportObject(ctx, req, resp)
}

func who(key ids.Protection) string { return "storage location " + key.String() }

func (r *locationResource) connect(ctx context.Context, m *model) (ids.Protection, api, error) {
	key, err := m.Key()
	if err != nil {
		return key, nil, err
	}
	client, err := r.Data.Velero(ctx, key.Cluster.String())
	return key, client, err
}

// refresh reads the location into the model.
func (r *locationResource) refresh(ctx context.Context, key ids.Protection, m *model, to *diag.Diagnostics) error {
	client, err := r.Data.Velero(ctx, key.Cluster.String())
	if err != nil {
		return err
	}
	live, err := client.Location(ctx, key.Namespace, key.Name)
	if err != nil {
		return err
	}
	m.flatten(ctx, key, live, to)
	if !m.ownsSecret() {
		return nil
	}
	gone, err := credentialsGone(ctx, client, m)
	if gone {
		m.CredentialsWOVersion = types.Int64Null()
	}
	return err
}

// readBack is refresh after a write: what fails now leaves what is known.
func (r *locationResource) readBack(ctx context.Context, a api, key ids.Protection, m *model, to *diag.Diagnostics) {
	live, err := a.Location(context.WithoutCancel(ctx), key.Namespace, key.Name)
	if err != nil {
		tflog.Warn(ctx, "could not read storage location back", map[string]any{"id": key.String(), "error": err.Error()})
		return
	}
	m.flatten(ctx, key, live, to)
}

// wait waits for Velero's verdict on what was written.
func (r *locationResource) wait(ctx context.Context, a api, key ids.Protection, m *model, settle time.Duration) error {
	if !m.WaitForAvailable.ValueBool() {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	changes, look := a.FollowLocation(ctx, key.Namespace, key.Name)
	stands := &settling{need: settle}
	return wait.For(ctx, wait.Options{
		What: "storage location " + key.String() + " to become available", Changes: changes,
		Clock: r.clock, Progress: target.Progress(ctx, key.String()), Max: 5 * time.Second,
	}, func(ctx context.Context) (wait.Status, error) {
		live, err := look(ctx)
		if err != nil {
			return target.Passing(err)
		}
		v := judge(live)
		if v.again {
			if _, err := a.RevalidateLocation(ctx, key.Namespace, key.Name); err != nil {
				return target.Passing(err)
			}
			return v.status, nil
		}
		if !stands.settled(v, r.clock.Now()) {
			return wait.Status{Progress: v.status.Progress, Pending: v.status.Pending}, nil
		}
		return v.status, v.err
	})
}

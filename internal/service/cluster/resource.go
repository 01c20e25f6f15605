// Package cluster is the resource vks_cluster: a VKS workload cluster in a
// vSphere Namespace. It must not import another service, or a client package
// besides supervisor.
package cluster

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"
	"k8s.io/utils/clock"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/tf/base"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/tf/target"
)

const (
	typeName = "_cluster"

	createTimeout = time.Hour
	readTimeout   = 5 * time.Minute
	updateTimeout = 2 * time.Hour
	deleteTimeout = 45 * time.Minute

	// privateKey is of private state: what Read must know and users need not.
	privateKey = "cluster"
)

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
)

// NewResource makes the resource vks_cluster.
func NewResource() resource.Resource { return &Resource{clock: clock.RealClock{}} }

// Resource is vks_cluster.
type Resource struct {
	base.Resource[*clients.Set]
	clock clock.PassiveClock
}

// Metadata names the resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + typeName
}

// Schema describes the resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

// IdentitySchema describes the identity.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"namespace": identityschema.StringAttribute{RequiredForImport: true, Description: "vSphere Namespace of the cluster."},
		"name":      identityschema.StringAttribute{RequiredForImport: true, Description: "Name of the cluster."},
	}}
}

// Create makes the cluster and waits for it.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	ctx, cancel, ok := target.Deadline(ctx, plan.Timeouts.Create, createTimeout, &resp.Diagnostics)
	defer cancel()
	client, err := r.client(ctx)
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to create VKS cluster", plan.who(), err)
	}
	spec := plan.expand(ctx, &resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	told := target.Progress(ctx, plan.key().String())
	made, warnings, err := collect(ctx, func(ctx context.Context) (*supervisor.Cluster, error) { return create(ctx, client, spec, told) })
	diags.AddWarnings(&resp.Diagnostics, plan.who(), warnings)
	if err != nil {
		dropCNI(ctx, client, plan.key(), spec.CNI)
		diags.AddError(&resp.Diagnostics, "Unable to create VKS cluster", plan.who(), err)
		return
	}
	// From here on the cluster exists: state first, then everything else.
	plan.answer(ctx, made, &resp.Diagnostics)
	remember(ctx, resp.Private, config, &resp.Diagnostics)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, plan.key())...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	last := r.waitFor(ctx, client, plan, goal{generation: made.Generation(), uid: made.UID(), creating: true}, "create", &resp.Diagnostics)
	finish(ctx, client, plan.key())
	if last != nil {
		plan.answer(ctx, last, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		// Protection begins when the creation is complete: the next apply has to be
		// able to replace what this one leaves tainted.
		plan.DeletionProtection = types.BoolValue(false)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Read compares the cluster with the state.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, cancel, ok := target.Deadline(ctx, state.Timeouts.Read, readTimeout, &resp.Diagnostics)
	defer cancel()
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	// The identity comes first: a state without one fails the plan otherwise,
	// even when the resource is removed.
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, state.key())...)
	client, err := r.client(ctx)
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to read VKS cluster", state.who(), err)
		return
	}
	live, err := client.GetCluster(ctx, state.Namespace.ValueString(), state.Name.ValueString())
	switch {
	case fault.IsNotFound(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		diags.AddError(&resp.Diagnostics, "Unable to read VKS cluster", state.who(), err)
		return
	}
	known := recall(ctx, req.Private, &resp.Diagnostics)
	if state.KubernetesVersion.IsNull() { // an import: nothing but the name is known
		state.adopt(ctx, live, r.Data.Config().Defaults.DeletionProtection, &resp.Diagnostics)
		state.adoptCNI(ctx, client, live, &resp.Diagnostics)
	} else {
		state.refresh(ctx, live, known, &resp.Diagnostics)
		switch err := state.refreshCNI(ctx, client, live, &resp.Diagnostics); {
		case fault.KindOf(err) == fault.Forbidden: // who may read clusters may not read all beside them
			resp.Diagnostics.AddWarning("Settings of the network plugin not compared", diags.Detail(state.who(), err))
		case err != nil:
			diags.AddError(&resp.Diagnostics, "Unable to read the network plugin of VKS cluster", state.who(), err)
		}
	}
	known.Defaults = defaultsIn(live.Spec().Variables)
	known.keep(ctx, resp.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// Update changes the cluster, and waits when there is something to wait for.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	ctx, cancel, ok := target.Deadline(ctx, plan.Timeouts.Update, updateTimeout, &resp.Diagnostics)
	defer cancel()
	client, err := r.client(ctx)
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to update VKS cluster", plan.who(), err)
	}
	prior, wanted := state.expand(ctx, &resp.Diagnostics), plan.expand(ctx, &resp.Diagnostics)
	if ok && !resp.Diagnostics.HasError() {
		confirmCNI(ctx, client, state, plan, &resp.Diagnostics)
	}
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, plan.key())...)
	told := target.Progress(ctx, plan.key().String())
	var before *supervisor.Cluster
	after, warnings, err := collect(ctx, func(ctx context.Context) (after *supervisor.Cluster, err error) {
		before, after, err = change(ctx, client, prior, wanted, told)
		return after, err
	})
	diags.AddWarnings(&resp.Diagnostics, plan.who(), warnings)
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to update VKS cluster", plan.who(), err)
		return
	}
	plan.answer(ctx, after, &resp.Diagnostics)
	remember(ctx, resp.Private, config, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	if resp.Diagnostics.HasError() || after.Generation() == before.Generation() && !plan.resumes(state, after) {
		return // nothing that machines would notice
	}
	g := goal{generation: after.Generation(), uid: after.UID(), from: before.Version(), machines: true}
	if last := r.waitFor(ctx, client, plan, g, "update", &resp.Diagnostics); last != nil {
		plan.answer(ctx, last, &resp.Diagnostics)
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
}

// Delete deletes the cluster and waits until it is gone.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, cancel, ok := target.Deadline(ctx, state.Timeouts.Delete, deleteTimeout, &resp.Diagnostics)
	defer cancel()
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	if state.refuseDeletion(&resp.Diagnostics); resp.Diagnostics.HasError() {
		return
	}
	client, err := r.client(ctx)
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to delete VKS cluster", state.who(), err)
		return
	}
	told := target.Progress(ctx, state.key().String())
	if err := remove(ctx, client, state.Namespace.ValueString(), state.Name.ValueString(), told); err != nil {
		diags.AddWaitError(&resp.Diagnostics, "Unable to delete VKS cluster", state.who(), "delete", err)
		return
	}
	r.Data.Forget(state.key())
	if cni := state.expandCNI(ctx, &resp.Diagnostics); cni != nil {
		if err := client.RemoveCNI(ctx, state.Namespace.ValueString(), state.Name.ValueString(), cni.Name); err != nil {
			diags.AddError(&resp.Diagnostics, "Unable to delete the settings of the network plugin", state.who(), err)
		}
	}
}

// ImportState takes NAMESPACE/NAME or the identity. Read fills in the rest.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var key ids.Cluster
	if req.ID != "" {
		parsed, err := ids.ParseCluster(req.ID)
		if err == nil && parsed.IsAttached() {
			err = fmt.Errorf("%q is not a cluster id: expected NAMESPACE/NAME, such as team-a/prod", req.ID)
		}
		if err != nil {
			resp.Diagnostics.AddError("Invalid import ID", err.Error())
			return
		}
		key = parsed
	} else {
		var from identity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &from)...)
		key = ids.Cluster{Namespace: from.Namespace.ValueString(), Name: from.Name.ValueString()}
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("namespace"), key.Namespace)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), key.Name)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), key.String())...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, key)...)
}

// client gives the Supervisor's.
func (r *Resource) client(ctx context.Context) (api, error) { return r.Data.Supervisor(ctx) }

// waitFor waits as wait_for says, and gives the cluster as it is afterwards.
func (r *Resource) waitFor(ctx context.Context, client api, plan model, g goal, operation string, to *diag.Diagnostics) *supervisor.Cluster {
	var what []string
	to.Append(plan.WaitFor.ElementsAs(ctx, &what, false)...)
	if len(what) > 0 && !to.HasError() {
		g.addons = slices.Contains(what, waitAddons)
		// The watch ends with the wait.
		watching, stop := context.WithCancel(ctx)
		defer stop()
		follow, err := client.WatchCluster(watching, plan.Namespace.ValueString(), plan.Name.ValueString())
		if err == nil {
			err = await(ctx, client, follow, r.clock, plan.who()+" to become available", g, target.Progress(ctx, plan.key().String()))
		}
		if err != nil {
			diags.AddWaitError(to, "VKS cluster did not become available", plan.who(), operation, err)
		}
	}
	// Also after a failed wait, whose context is over: state shows how far it came.
	reading, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	defer cancel()
	live, err := client.GetCluster(reading, plan.Namespace.ValueString(), plan.Name.ValueString())
	switch {
	case fault.IsNotFound(err) && to.HasError(): // the wait has told it
		return nil
	case err != nil:
		diags.AddError(to, "Unable to read VKS cluster after the change", plan.who(), err)
		return nil
	}
	return live
}

// finish tells later applies that the cluster is in a state. Where that fails,
// nothing is lost but the refusal to create the cluster a second time.
func finish(ctx context.Context, client api, key ids.Cluster) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	defer cancel()
	if err := client.FinishCluster(ctx, key.Namespace, key.Name); err != nil {
		tflog.Warn(ctx, "could not take the mark of creation away", map[string]any{"id": key.String(), "error": err.Error()})
	}
}

// collect runs a write and gives what API servers warned about meanwhile.
func collect(ctx context.Context, write func(context.Context) (*supervisor.Cluster, error)) (*supervisor.Cluster, []string, error) {
	ctx, warnings := kube.WithWarnings(ctx)
	c, err := write(ctx)
	return c, warnings.Texts(), err
}

type identity struct {
	Namespace types.String `tfsdk:"namespace"`
	Name      types.String `tfsdk:"name"`
}

func setIdentity(ctx context.Context, to *tfsdk.ResourceIdentity, key ids.Cluster) diag.Diagnostics {
	if to == nil {
		return nil
	}
	return to.Set(ctx, identity{Namespace: types.StringValue(key.Namespace), Name: types.StringValue(key.Name)})
}

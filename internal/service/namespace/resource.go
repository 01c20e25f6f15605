// Package namespace is the resource vks_namespace, and the data sources
// vks_namespace and vks_namespaces. Of the clients it imports vcenter and
// supervisor, and no other service.
package namespace

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/base"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/tf/target"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

const (
	createTimeout = 10 * time.Minute
	readTimeout   = 2 * time.Minute
	// updateTimeout is for a zone that is drained, too, which takes up to half an
	// hour.
	updateTimeout = 45 * time.Minute
	deleteTimeout = 20 * time.Minute
	// lookTimeout is for the look whether a broken creation arrived: a new
	// namespace is not found for some seconds.
	lookTimeout = 15 * time.Second
)

var (
	_ resource.Resource                   = (*namespaceResource)(nil)
	_ resource.ResourceWithConfigure      = (*namespaceResource)(nil)
	_ resource.ResourceWithValidateConfig = (*namespaceResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*namespaceResource)(nil)
	_ resource.ResourceWithImportState    = (*namespaceResource)(nil)
	_ resource.ResourceWithIdentity       = (*namespaceResource)(nil)
)

// NewResource makes the resource vks_namespace.
func NewResource() resource.Resource { return &namespaceResource{lookFor: lookTimeout} }

type namespaceResource struct {
	base.Resource[*clients.Set]
	lookFor time.Duration
}

// Metadata gives the type name.
func (r *namespaceResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_namespace"
}

// Schema gives the attributes.
func (r *namespaceResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

// IdentitySchema gives the identity: the name, which is unique in a vCenter.
func (r *namespaceResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema()
}

// Create asks for the namespace, notes it in the state, and waits until it is ready.
func (r *namespaceResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
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
	on, err := r.api(ctx)
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to create vSphere Namespace", plan.who(), err)
		return
	}
	if !r.send(ctx, on, &plan, &resp.Diagnostics) {
		return
	}
	// From here on it exists: whatever fails below leaves a resource that
	// Terraform knows.
	live := &vcenter.Namespace{Name: plan.Name.ValueString(), ConfigStatus: vcenter.StatusConfiguring}
	plan.ID = plan.Name
	plan.flattenStatus(ctx, live, &resp.Diagnostics)
	noted := plan
	noted.forgetUnknown()
	resp.Diagnostics.Append(resp.State.Set(ctx, &noted)...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, plan.Name)...)
	resp.Diagnostics.Append(rememberCreated(ctx, resp.Private)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.settle(ctx, on, &plan, &settling{where: on.Where()}, "create", nil, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		// Protection begins when the creation is complete: the next apply has to be
		// able to replace what this one leaves tainted.
		plan.DeletionProtection = types.BoolValue(false)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// send makes the request. One that failed on its way may have arrived. What was
// not known at plan is checked all the same: an apply plans again.
func (r *namespaceResource) send(ctx context.Context, on api, plan *model, to *diag.Diagnostics) bool {
	spec := plan.spec(ctx, on, to)
	if to.HasError() {
		return false
	}
	err := on.CreateNamespace(ctx, spec)
	if errors.Is(err, fault.Transient) && r.arrived(ctx, on, plan) {
		err = nil
	}
	switch {
	case errors.Is(err, fault.AlreadyExists):
		to.AddAttributeError(path.Root("name"), "vSphere Namespace already exists", existsDetail(plan.who(), on.Where(), spec.Name))
	case err != nil:
		diags.AddError(to, "Unable to create vSphere Namespace", plan.who(), err)
	}
	return !to.HasError()
}

// arrived looks whether a creation of unknown outcome made the namespace. It has
// time of its own, also when the apply was interrupted: an object that nobody
// notes would be an orphan.
func (r *namespaceResource) arrived(ctx context.Context, on api, plan *model) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.lookFor)
	defer cancel()
	return wait.For(ctx, r.waiting(ctx, plan, "to show, as its creation had no answer"), func(ctx context.Context) (wait.Status, error) {
		_, err := on.Namespace(ctx, plan.Name.ValueString())
		if fault.IsNotFound(err) || passing(err) {
			return pending(err.Error()), nil
		}
		return wait.Status{Done: true}, err
	}) == nil
}

// Read takes what vCenter says. One request is one namespace; what is unhealthy
// is reported, and no error.
func (r *namespaceResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
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
	// Before anything can remove the resource: Terraform wants an identity then, too.
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, state.ID)...)
	r.Data.InState().Add(state.ID.ValueString())
	from, err := r.api(ctx)
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to read vSphere Namespace", state.who(), err)
		return
	}
	live, err := from.RefreshNamespace(ctx, state.ID.ValueString())
	if fault.IsNotFound(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to read vSphere Namespace", state.who(), err)
		return
	}
	state.tellNetwork(live.NetworkNow(), from.Where(), &resp.Diagnostics)
	resp.Diagnostics.Append(rememberNetwork(ctx, resp.Private, live.NetworkNow())...)
	saved, problems := req.Private.GetKey(ctx, systemGrantsKey)
	resp.Diagnostics.Append(problems...)
	system, imported := newSystemGrants(saved), state.SupervisorID.IsNull()
	if err := r.refresh(ctx, from, &state, live, nil, system, &resp.Diagnostics); err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to read vSphere Namespace", state.who(), err)
		return
	}
	r.readPools(ctx, from, &state, live, &resp.Diagnostics)
	r.readZones(ctx, from, &state, live, imported, &resp.Diagnostics)
	if imported {
		resp.Diagnostics.Append(rememberImported(ctx, resp.Private, state.grants(ctx, &resp.Diagnostics))...)
	}
	if system.learned {
		if text, err := system.saved(); err == nil {
			resp.Diagnostics.Append(resp.Private.SetKey(ctx, systemGrantsKey, text)...)
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// Update tells vCenter what changed, and nothing else.
func (r *namespaceResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
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
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, plan.Name)...)
	if plan.sameSpec(&state) {
		plan.keepStatus(&state)
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
		return
	}
	on, err := r.api(ctx)
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to update vSphere Namespace", plan.who(), err)
		return
	}
	prior := state.grants(ctx, &resp.Diagnostics)
	if !plan.ExclusivePermissions.ValueBool() {
		prior = without(prior, foreign(ctx, req.Private, prior, plan.grants(ctx, &resp.Diagnostics), &resp.Diagnostics))
	}
	follow := &settling{where: on.Where(), before: state.ConfigStatus.ValueString()}
	changed, err := r.change(ctx, on, &plan, &state, prior, follow, &resp.Diagnostics)
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to update vSphere Namespace", plan.who(), err)
		if !changed {
			return
		}
	}
	// What did reach vCenter goes into the state, also when the rest failed.
	if !changed {
		follow.looks = staleLooks
	}
	r.settle(ctx, on, &plan, follow, "update", prior, &resp.Diagnostics)
	resp.Diagnostics.Append(rememberImported(ctx, resp.Private, nil)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// change sends the difference, and says whether anything was sent. follow gets
// to know what there is to wait for.
func (r *namespaceResource) change(
	ctx context.Context, on api, plan, state *model, prior []vcenter.Access, follow *settling, to *diag.Diagnostics,
) (bool, error) {
	changes, err := plan.changes(ctx, state, on, to)
	if err != nil || to.HasError() {
		return false, err
	}
	if err := r.awaitDrained(ctx, on, plan, changes.Zones); err != nil {
		return false, err
	}
	name := plan.Name.ValueString()
	if err := on.UpdateNamespace(ctx, name, changes); err != nil {
		return false, err
	}
	removed, leaves, err := removeZones(ctx, on, plan, state)
	follow.leaves = leaves
	changed := !changes.Empty() || removed
	if err != nil {
		return changed, err
	}
	wanted := plan.grants(ctx, to)
	granted, err := changeGrants(ctx, on, name, prior, wanted)
	changed = changed || granted
	if err != nil || !plan.ExclusivePermissions.ValueBool() {
		return changed, err
	}
	revoked, err := revokeOthers(ctx, on, name, wanted)
	return changed || revoked, err
}

// ImportState takes a name, as an id or as an identity. Read does the rest.
func (r *namespaceResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	name := types.StringValue(req.ID)
	if req.ID == "" {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("name"), &name)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if len(validation.IsDNS1123Label(name.ValueString())) > 0 {
		resp.Diagnostics.AddError("Invalid import ID", name.String()+" is not the name of a vSphere Namespace: expected NAME, such as team-a.")
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), name)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), name)...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, name)...)
}

// api gives the client of vCenter.
func (r *namespaceResource) api(ctx context.Context) (api, error) {
	client, err := r.Data.VCenter(ctx)
	if err != nil {
		return nil, err
	}
	return client, nil
}

func setIdentity(ctx context.Context, to *tfsdk.ResourceIdentity, name types.String) diag.Diagnostics {
	if to == nil {
		return nil
	}
	return to.SetAttribute(ctx, path.Root("name"), name)
}

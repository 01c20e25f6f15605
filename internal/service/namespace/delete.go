package namespace

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/tf/target"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// Delete takes the namespace away with all that is in it, unless it is protected
// or has VKS clusters, and waits until it is gone.
func (r *namespaceResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if state.DeletionProtection.ValueBool() {
		resp.Diagnostics.AddAttributeError(path.Root("deletion_protection"), "vSphere Namespace is protected", protectedDetail(state.who(), "destroy"))
		return
	}
	ctx, cancel, ok := target.Deadline(ctx, state.Timeouts.Delete, deleteTimeout, &resp.Diagnostics)
	defer cancel()
	if !ok {
		return
	}
	on, err := r.api(ctx)
	if err == nil {
		err = r.remove(ctx, on, &state)
	}
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to delete vSphere Namespace", state.who(), err)
		return
	}
	follow := &leaving{where: on.Where()}
	err = wait.For(ctx, r.waiting(ctx, &state, "to be removed"), func(ctx context.Context) (wait.Status, error) {
		return follow.judge(on.Namespace(ctx, state.Name.ValueString()))
	})
	if err != nil {
		diags.AddWaitError(&resp.Diagnostics, "vSphere Namespace was not removed", state.who(), "delete", err)
	}
}

// remove asks for the removal, of a namespace that may be removed.
func (r *namespaceResource) remove(ctx context.Context, on api, state *model) error {
	live, err := on.Namespace(ctx, state.Name.ValueString())
	if err != nil {
		return fault.Gone(err)
	}
	if live.ConfigStatus == vcenter.StatusRemoving {
		return nil
	}
	if !state.ForceDestroy.ValueBool() {
		if err := empty(ctx, r.supervisorOf(on, live.Supervisor), live); err != nil {
			return err
		}
	}
	return fault.Gone(on.DeleteNamespace(ctx, live.Name))
}

// supervisorOf gives the client of the Supervisor that the namespace is on. The
// provider's is one of several: asked about a namespace of another one, it
// would find it empty.
func (r *namespaceResource) supervisorOf(from catalog, id string) func(context.Context) (supervisorSide, error) {
	return func(ctx context.Context) (supervisorSide, error) {
		ours, err := from.ResolveSupervisor(ctx, r.Data.Config().Supervisor.Name)
		if err != nil {
			return nil, err
		}
		if ours.ID != id {
			return nil, &fault.Error{
				Kind: fault.NotConfigured, Where: from.Where(),
				Message: fmt.Sprintf("the namespace is on the Supervisor %s, and the provider is configured for %s (%s)", id, ours.Name, ours.ID),
			}
		}
		client, err := r.Data.Supervisor(ctx)
		if err != nil {
			return nil, err
		}
		return client, nil
	}
}

// empty refuses while VKS clusters are inside, and also when that cannot be
// told: with the namespace they would be lost.
func empty(ctx context.Context, supervisor func(context.Context) (supervisorSide, error), live *vcenter.Namespace) error {
	var clusters []string
	lister, err := supervisor(ctx)
	namespace := live.Name
	if err == nil {
		clusters, err = lister.Clusters(ctx, namespace)
	}
	kind := fault.KindOf(err)
	if fault.IsNotFound(err) {
		if live.ConfigStatus != vcenter.StatusRunning {
			return nil // it never came to be on the Supervisor
		}
		// A running namespace is on its Supervisor: the provider is at another one.
		kind = fault.NotConfigured
	}
	if err != nil {
		return &fault.Error{
			Kind: kind, Op: "find out whether VKS clusters are in namespace " + namespace, Err: err,
			Advice: "Deleting a namespace deletes the clusters in it, so nothing was deleted. Make the namespace's Supervisor reachable for the provider (supervisor.name, supervisor.server and supervisor.ca_file, or VKS_SUPERVISOR, VKS_SUPERVISOR_SERVER and VKS_SUPERVISOR_CA_FILE), " +
				"or, if the namespace and all in it may go, put force_destroy = true into the resource, apply, and destroy again.",
		}
	}
	if len(clusters) == 0 {
		return nil
	}
	return &fault.Error{
		Kind: fault.Unsupported, Op: "delete namespace " + namespace,
		Message: "VKS clusters are in it: " + strings.Join(clusters, ", "),
		Advice:  "Delete them first, or, if they may go with the namespace, put force_destroy = true into the resource, apply, and destroy again.",
	}
}

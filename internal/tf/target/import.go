package target

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
)

// ImportObject reads the id or the identity of an object of Velero and puts its
// parts into the state, for Read to fill in the rest.
func ImportObject(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	key, ok := objectKey(ctx, req, &resp.Diagnostics)
	if !ok {
		return
	}
	o := Object{}
	o.SetKey(key)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), o.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("cluster_id"), o.ClusterID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("velero_namespace"), o.VeleroNamespace)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), o.Name)...)
	resp.Diagnostics.Append(SetObjectIdentity(ctx, resp.Identity, key)...)
}

// ImportInstall is ImportObject for an installation of Velero.
func ImportInstall(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	key, ok := installKey(ctx, req, &resp.Diagnostics)
	if !ok {
		return
	}
	i := Install{}
	i.SetKey(key)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), i.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("cluster_id"), i.ClusterID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("namespace"), i.Namespace)...)
	resp.Diagnostics.Append(SetInstallIdentity(ctx, resp.Identity, key)...)
}

func objectKey(ctx context.Context, req resource.ImportStateRequest, diags *diag.Diagnostics) (ids.Protection, bool) {
	if req.ID != "" {
		key, err := ids.ParseProtection(req.ID)
		return key, parsed(err, diags)
	}
	var from identity
	diags.Append(req.Identity.Get(ctx, &from)...)
	if diags.HasError() {
		return ids.Protection{}, false
	}
	cluster, err := ids.ParseCluster(from.ClusterID.ValueString())
	return ids.Protection{Cluster: cluster, Namespace: namespaceOf(from.Namespace), Name: from.Name.ValueString()}, parsed(err, diags)
}

func installKey(ctx context.Context, req resource.ImportStateRequest, diags *diag.Diagnostics) (ids.Install, bool) {
	if req.ID != "" {
		key, err := ids.ParseInstall(req.ID)
		return key, parsed(err, diags)
	}
	var from installIdentity
	diags.Append(req.Identity.Get(ctx, &from)...)
	if diags.HasError() {
		return ids.Install{}, false
	}
	cluster, err := ids.ParseCluster(from.ClusterID.ValueString())
	return ids.Install{Cluster: cluster, Namespace: namespaceOf(from.Namespace)}, parsed(err, diags)
}

func namespaceOf(value types.String) string {
	if value.ValueString() == "" {
		return DefaultNamespace
	}
	return value.ValueString()
}

func parsed(err error, diags *diag.Diagnostics) bool {
	if err != nil {
		diags.AddError("Invalid import ID", err.Error())
	}
	return err == nil
}

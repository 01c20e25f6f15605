// Package target is what all protection resources share: which cluster and
// which Velero an object belongs to, as attributes, as an id and as a resource
// identity. It must not import a client or a service.
package target

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
)

// DefaultNamespace is Velero's own default.
const DefaultNamespace = "velero"

// Object is embedded by the models of resources that are objects of Velero.
type Object struct {
	ID              types.String `tfsdk:"id"`
	ClusterID       types.String `tfsdk:"cluster_id"`
	VeleroNamespace types.String `tfsdk:"velero_namespace"`
	Name            types.String `tfsdk:"name"`
}

// Key gives the object's id. It is an error to ask while a part is unknown.
func (o Object) Key() (ids.Protection, error) {
	cluster, err := ids.ParseCluster(o.ClusterID.ValueString())
	return ids.Protection{Cluster: cluster, Namespace: o.VeleroNamespace.ValueString(), Name: o.Name.ValueString()}, err
}

// Known reports whether all parts of the key are known.
func (o Object) Known() bool {
	return !o.ClusterID.IsUnknown() && !o.VeleroNamespace.IsUnknown() && !o.Name.IsUnknown()
}

// SetKey puts the key into the model. A cluster_id that means the same stays as
// the user wrote it.
func (o *Object) SetKey(key ids.Protection) {
	o.ID = types.StringValue(key.String())
	o.ClusterID = clusterID(o.ClusterID, key.Cluster)
	o.VeleroNamespace = types.StringValue(key.Namespace)
	o.Name = types.StringValue(key.Name)
}

// Install is embedded by the model of an installation of Velero.
type Install struct {
	ID        types.String `tfsdk:"id"`
	ClusterID types.String `tfsdk:"cluster_id"`
	Namespace types.String `tfsdk:"namespace"`
}

// Key gives the installation's id.
func (i Install) Key() (ids.Install, error) {
	cluster, err := ids.ParseCluster(i.ClusterID.ValueString())
	return ids.Install{Cluster: cluster, Namespace: i.Namespace.ValueString()}, err
}

// Known reports whether all parts of the key are known.
func (i Install) Known() bool { return !i.ClusterID.IsUnknown() && !i.Namespace.IsUnknown() }

// SetKey puts the key into the model.
func (i *Install) SetKey(key ids.Install) {
	i.ID = types.StringValue(key.String())
	i.ClusterID = clusterID(i.ClusterID, key.Cluster)
	i.Namespace = types.StringValue(key.Namespace)
}

func clusterID(written types.String, cluster ids.Cluster) types.String {
	if cluster.IsAttached() {
		// null, "" and "-" are one and the same cluster, and stay as they are written.
		if c, err := ids.ParseCluster(written.ValueString()); written.IsUnknown() || err != nil || !c.IsAttached() {
			return types.StringNull()
		}
		return written
	}
	return types.StringValue(cluster.String())
}

// identity is the resource identity of an object of Velero; cluster_id is "-"
// for the provider's workload cluster.
type identity struct {
	ClusterID types.String `tfsdk:"cluster_id"`
	Namespace types.String `tfsdk:"namespace"`
	Name      types.String `tfsdk:"name"`
}

type installIdentity struct {
	ClusterID types.String `tfsdk:"cluster_id"`
	Namespace types.String `tfsdk:"namespace"`
}

// ObjectIdentitySchema is the identity schema of objects of Velero.
func ObjectIdentitySchema() identityschema.Schema {
	schema := InstallIdentitySchema()
	schema.Attributes["name"] = identityschema.StringAttribute{
		RequiredForImport: true,
		Description:       "Name of the object.",
	}
	return schema
}

// InstallIdentitySchema is the identity schema of an installation of Velero.
func InstallIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"cluster_id": identityschema.StringAttribute{
			OptionalForImport: true,
			Description:       "Id of the vks_cluster; - or nothing for the provider's workload cluster.",
		},
		"namespace": identityschema.StringAttribute{
			OptionalForImport: true,
			Description:       "Namespace of Velero. Default: velero.",
		},
	}}
}

// SetObjectIdentity writes the identity.
func SetObjectIdentity(ctx context.Context, to *tfsdk.ResourceIdentity, key ids.Protection) diag.Diagnostics {
	if to == nil {
		return nil
	}
	return to.Set(ctx, identity{
		ClusterID: types.StringValue(key.Cluster.String()),
		Namespace: types.StringValue(key.Namespace),
		Name:      types.StringValue(key.Name),
	})
}

// SetInstallIdentity writes the identity.
func SetInstallIdentity(ctx context.Context, to *tfsdk.ResourceIdentity, key ids.Install) diag.Diagnostics {
	if to == nil {
		return nil
	}
	return to.Set(ctx, installIdentity{
		ClusterID: types.StringValue(key.Cluster.String()),
		Namespace: types.StringValue(key.Namespace),
	})
}

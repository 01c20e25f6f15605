package cluster

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/kube"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

// infoModel is the data source vks_cluster: what the resource shows, without what
// only an author decides on.
type infoModel struct {
	ID                    types.String         `tfsdk:"id"`
	Name                  types.String         `tfsdk:"name"`
	Namespace             types.String         `tfsdk:"namespace"`
	KubernetesVersion     types.String         `tfsdk:"kubernetes_version"`
	ClusterClass          types.String         `tfsdk:"cluster_class"`
	ClusterClassNamespace types.String         `tfsdk:"cluster_class_namespace"`
	PinClusterClass       types.Bool           `tfsdk:"pin_cluster_class"`
	VMClass               types.String         `tfsdk:"vm_class"`
	StorageClass          types.String         `tfsdk:"storage_class"`
	Network               types.Object         `tfsdk:"network"`
	ControlPlane          types.Object         `tfsdk:"control_plane"`
	NodePools             types.Map            `tfsdk:"node_pools"`
	Variables             jsontypes.Normalized `tfsdk:"variables"`
	Labels                types.Map            `tfsdk:"labels"`
	Annotations           types.Map            `tfsdk:"annotations"`
	AvailabilityGates     types.Set            `tfsdk:"availability_gates"`

	APIEndpoint       types.String `tfsdk:"api_endpoint"`
	Phase             types.String `tfsdk:"phase"`
	LiveVersion       types.String `tfsdk:"live_version"`
	KubernetesRelease types.String `tfsdk:"kubernetes_release"`
	Conditions        types.List   `tfsdk:"conditions"`
	NodeCounts        types.Object `tfsdk:"node_counts"`
	FailureDomains    types.List   `tfsdk:"failure_domains"`

	Available types.Bool `tfsdk:"available"`
	Paused    types.Bool `tfsdk:"paused"`
	Deleting  types.Bool `tfsdk:"deleting"`
}

func (m *infoModel) who() string { return "data source vks_cluster " + m.key().String() }

// key is the cluster that is meant, of a configuration that is valid.
func (m *infoModel) key() ids.Cluster {
	if key, err := ids.ParseCluster(m.ID.ValueString()); err == nil && !key.IsAttached() {
		return key
	}
	return ids.Cluster{Namespace: m.Namespace.ValueString(), Name: m.Name.ValueString()}
}

// validate wants either an id, or a namespace and a name. What is unknown counts
// as given: it is looked at again when it is known.
func (m *infoModel) validate(to *diag.Diagnostics) {
	byName := !m.Namespace.IsNull() || !m.Name.IsNull()
	switch {
	case m.ID.IsNull() && (m.Namespace.IsNull() || m.Name.IsNull()):
		to.AddError("Incomplete name of a VKS cluster", "data source vks_cluster\n\nSet namespace and name, or id (NAMESPACE/NAME).")
	case !m.ID.IsNull() && byName:
		to.AddAttributeError(path.Root("id"), "VKS cluster named twice", "data source vks_cluster\n\nSet either id, or namespace and name.")
	case !m.ID.IsNull() && !m.ID.IsUnknown():
		key, err := ids.ParseCluster(m.ID.ValueString())
		if err == nil && key.IsAttached() {
			err = errors.New("the provider's own workload cluster is not one of the Supervisor: expected NAMESPACE/NAME, such as team-a/prod")
		}
		if err != nil {
			to.AddAttributeError(path.Root("id"), "Invalid cluster id", "data source vks_cluster\n\n"+err.Error()+".")
		}
	}
}

// flatten shows the whole of a live cluster, what the platform added included.
func (m *infoModel) flatten(ctx context.Context, live *supervisor.Cluster, diags *diag.Diagnostics) {
	key := m.key()
	all := model{Namespace: types.StringValue(key.Namespace), Name: types.StringValue(key.Name)}
	all.flatten(ctx, live.Spec(), diags)
	all.answer(ctx, live, diags)

	m.ID, m.Namespace, m.Name = all.ID, all.Namespace, all.Name
	m.KubernetesVersion, m.LiveVersion, m.KubernetesRelease = all.KubernetesVersion, all.LiveVersion, all.KubernetesRelease
	m.ClusterClass, m.ClusterClassNamespace, m.PinClusterClass = all.ClusterClass, all.ClusterClassNamespace, all.PinClusterClass
	m.VMClass, m.StorageClass, m.Network, m.ControlPlane = all.VMClass, all.StorageClass, all.Network, all.ControlPlane
	m.NodePools, m.Labels, m.Annotations = orEmpty(ctx, all.NodePools), orEmpty(ctx, all.Labels), orEmpty(ctx, all.Annotations)
	m.AvailabilityGates = all.AvailabilityGates
	m.Variables, m.APIEndpoint, m.Phase = all.Variables, all.APIEndpoint, all.Phase
	m.Conditions, m.NodeCounts, m.FailureDomains = all.Conditions, all.NodeCounts, all.FailureDomains
	m.Available, m.Paused, m.Deleting = types.BoolValue(isAvailable(live)), types.BoolValue(live.Paused()), types.BoolValue(live.Deleting())
}

// orEmpty: what is only read can be looked through without asking whether it is
// there.
func orEmpty(ctx context.Context, m types.Map) types.Map {
	if !m.IsNull() {
		return m
	}
	return types.MapValueMust(m.ElementType(ctx), map[string]attr.Value{})
}

// isAvailable is the platform's own verdict: Available, or before VKS 3.5 Ready.
func isAvailable(c *supervisor.Cluster) bool {
	conditions, modern := c.Conditions()
	verdict := conditionAvailable
	if !modern {
		verdict = "Ready"
	}
	return kube.FindCondition(conditions, verdict).True()
}

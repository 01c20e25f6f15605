package cluster

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
)

// model is the resource in configuration, plan and state. What can be unknown
// as a whole at plan stays a framework value; parts gives it in Go.
type model struct {
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
	CNI                   types.Object         `tfsdk:"cni"`
	Labels                types.Map            `tfsdk:"labels"`
	Annotations           types.Map            `tfsdk:"annotations"`
	AvailabilityGates     types.Set            `tfsdk:"availability_gates"`
	ServerValidation      types.Bool           `tfsdk:"server_validation"`
	WaitFor               types.Set            `tfsdk:"wait_for"`
	DeletionProtection    types.Bool           `tfsdk:"deletion_protection"`
	Timeouts              timeouts.Value       `tfsdk:"timeouts"`

	APIEndpoint       types.String `tfsdk:"api_endpoint"`
	Phase             types.String `tfsdk:"phase"`
	LiveVersion       types.String `tfsdk:"live_version"`
	KubernetesRelease types.String `tfsdk:"kubernetes_release"`
	Conditions        types.List   `tfsdk:"conditions"`
	NodeCounts        types.Object `tfsdk:"node_counts"`
	FailureDomains    types.List   `tfsdk:"failure_domains"`
}

type networkModel struct {
	Pods          types.List   `tfsdk:"pods"`
	Services      types.List   `tfsdk:"services"`
	ServiceDomain types.String `tfsdk:"service_domain"`
	APIServerPort types.Int64  `tfsdk:"api_server_port"`
}

// machineModel is embedded by what has machines.
type machineModel struct {
	VMClass             types.String         `tfsdk:"vm_class"`
	StorageClass        types.String         `tfsdk:"storage_class"`
	OSImage             types.Object         `tfsdk:"os_image"`
	Volumes             types.Map            `tfsdk:"volumes"`
	Labels              types.Map            `tfsdk:"labels"`
	Annotations         types.Map            `tfsdk:"annotations"`
	NodeDrainTimeout    tftypes.Duration     `tfsdk:"node_drain_timeout"`
	VolumeDetachTimeout tftypes.Duration     `tfsdk:"node_volume_detach_timeout"`
	NodeDeletionTimeout tftypes.Duration     `tfsdk:"node_deletion_timeout"`
	HealthCheck         types.Object         `tfsdk:"health_check"`
	RolloutAfter        types.String         `tfsdk:"rollout_after"`
	ReadinessGates      types.Set            `tfsdk:"readiness_gates"`
	MachineTaints       types.Set            `tfsdk:"machine_taints"`
	Variables           jsontypes.Normalized `tfsdk:"variables"`
}

type controlPlaneModel struct {
	machineModel
	Replicas types.Int64 `tfsdk:"replicas"`
}

type poolModel struct {
	machineModel
	Class           types.String `tfsdk:"class"`
	Replicas        types.Int64  `tfsdk:"replicas"`
	Autoscaler      types.Object `tfsdk:"autoscaler"`
	Zone            types.String `tfsdk:"zone"`
	NodeLabels      types.Map    `tfsdk:"node_labels"`
	Taints          types.List   `tfsdk:"taints"`
	Rollout         types.Object `tfsdk:"rollout"`
	MinReadySeconds types.Int64  `tfsdk:"min_ready_seconds"`
	DeletionOrder   types.String `tfsdk:"deletion_order"`
}

type osImageModel struct {
	Name     types.String `tfsdk:"name"`
	Version  types.String `tfsdk:"version"`
	Selector types.Map    `tfsdk:"selector"`
}

type volumeModel struct {
	MountPath    types.String `tfsdk:"mount_path"`
	Capacity     types.String `tfsdk:"capacity"`
	StorageClass types.String `tfsdk:"storage_class"`
}

type autoscalerModel struct {
	Min types.Int64 `tfsdk:"min"`
	Max types.Int64 `tfsdk:"max"`
}

type taintModel struct {
	Key    types.String `tfsdk:"key"`
	Value  types.String `tfsdk:"value"`
	Effect types.String `tfsdk:"effect"`
}

type rolloutModel struct {
	Type           types.String `tfsdk:"type"`
	MaxSurge       types.String `tfsdk:"max_surge"`
	MaxUnavailable types.String `tfsdk:"max_unavailable"`
}

type conditionModel struct {
	Type    types.String `tfsdk:"type"`
	Status  types.String `tfsdk:"status"`
	Reason  types.String `tfsdk:"reason"`
	Message types.String `tfsdk:"message"`
}

type countsModel struct {
	Desired   types.Int64 `tfsdk:"desired"`
	Current   types.Int64 `tfsdk:"current"`
	UpToDate  types.Int64 `tfsdk:"up_to_date"`
	Ready     types.Int64 `tfsdk:"ready"`
	Available types.Int64 `tfsdk:"available"`
}

type nodeCountsModel struct {
	ControlPlane *countsModel `tfsdk:"control_plane"`
	Workers      *countsModel `tfsdk:"workers"`
}

func (m *model) key() ids.Cluster {
	return ids.Cluster{Namespace: m.Namespace.ValueString(), Name: m.Name.ValueString()}
}

func (m *model) who() string { return "VKS cluster " + m.key().String() }

// parts are the nested attributes in Go. What is unknown as a whole is left
// out; what is unknown inside stays unknown.
type parts struct {
	network      *networkModel
	controlPlane *controlPlaneModel
	pools        map[string]poolModel
}

func (m *model) parts(ctx context.Context, diags *diag.Diagnostics) parts {
	p := parts{network: object[networkModel](ctx, m.Network, diags), controlPlane: object[controlPlaneModel](ctx, m.ControlPlane, diags)}
	p.pools = objects[poolModel](ctx, m.NodePools, diags)
	return p
}

// object gives a nested attribute, or nil when it is null or unknown.
func object[T any](ctx context.Context, value types.Object, diags *diag.Diagnostics) *T {
	if value.IsNull() || value.IsUnknown() {
		return nil
	}
	into := new(T)
	diags.Append(value.As(ctx, into, basetypes.ObjectAsOptions{})...)
	return into
}

// objects gives the known entries of a map of nested attributes.
func objects[T any](ctx context.Context, value types.Map, diags *diag.Diagnostics) map[string]T {
	into := map[string]T{}
	for name, element := range value.Elements() {
		entry, ok := element.(types.Object)
		if !ok {
			continue
		}
		if one := object[T](ctx, entry, diags); one != nil {
			into[name] = *one
		}
	}
	return into
}

// at is where a part of the resource is, for diagnostics.
var (
	atNetwork      = path.Root("network")
	atControlPlane = path.Root("control_plane")
	atPools        = path.Root("node_pools")
)

// typesOf gives the types of the attributes inside a nested attribute.
func typesOf(t attr.Type) map[string]attr.Type {
	for {
		switch inner := t.(type) {
		case attr.TypeWithAttributeTypes:
			return inner.AttributeTypes()
		case attr.TypeWithElementType:
			t = inner.ElementType()
		default:
			return nil
		}
	}
}

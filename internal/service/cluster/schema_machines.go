package cluster

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/tf/validate"
)

func controlPlaneSchema() schema.SingleNestedAttribute {
	attributes := machineAttributes()
	attributes["replicas"] = schema.Int64Attribute{
		Optional: true, Computed: true, Default: int64default.StaticInt64(1),
		MarkdownDescription: "Machines of the control plane: 1, 3 or 5 (VKS 3.7). It can be raised, not lowered. Default `1`.",
		Validators:          []validator.Int64{oddReplicas{}},
	}
	attributes["health_check"] = healthSchema()
	return schema.SingleNestedAttribute{
		Required:            true,
		MarkdownDescription: "Control plane of the cluster.",
		Attributes:          attributes,
	}
}

func poolAttributes() map[string]schema.Attribute {
	attributes := machineAttributes()
	for name, attribute := range map[string]schema.Attribute{
		"health_check": poolHealthSchema(),
		"class": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Worker class of the ClusterClass. Default `" + defaultPoolClass + "`.",
			PlanModifiers:       []planmodifier.String{unlessWritten(defaultPoolClass)},
		},
		"replicas": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "Nodes in the pool. Exactly one of `replicas` and `autoscaler` is needed.",
			Validators:          []validator.Int64{int64validator.AtLeast(0)},
		},
		"autoscaler": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Let the cluster autoscaler decide on the number of nodes. The add-on must be in the cluster.",
			Attributes: map[string]schema.Attribute{
				"min": schema.Int64Attribute{Required: true, MarkdownDescription: "Fewest nodes.", Validators: []validator.Int64{int64validator.AtLeast(0)}},
				"max": schema.Int64Attribute{Required: true, MarkdownDescription: "Most nodes.", Validators: []validator.Int64{int64validator.AtLeast(1)}},
			},
		},
		"zone": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Zone (failure domain) of the pool, one of `failure_domains`.",
		},
		"node_labels": schema.MapAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "Labels of the Kubernetes nodes (`node.labels` of the ClusterClass). What the variable `node` of the cluster says otherwise stays.",
		},
		"taints": schema.ListNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Taints of the Kubernetes nodes (`node.taints` of the ClusterClass).",
			NestedObject: schema.NestedAttributeObject{Validators: []validator.Object{validate.Requires("key", "effect")}, Attributes: map[string]schema.Attribute{
				"key":   schema.StringAttribute{Optional: true, MarkdownDescription: "Required. Key."},
				"value": schema.StringAttribute{Optional: true, Computed: true, Default: stringdefault.StaticString(""), MarkdownDescription: "Value. Default: empty."},
				"effect": schema.StringAttribute{
					Optional: true, MarkdownDescription: "Required. `NoSchedule`, `PreferNoSchedule` or `NoExecute`.",
					Validators: []validator.String{taintEffects()},
				},
			}},
		},
		"rollout": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "How machines are replaced.",
			Attributes: map[string]schema.Attribute{
				"type": schema.StringAttribute{
					Optional: true, Computed: true, MarkdownDescription: "`RollingUpdate` or `OnDelete`. Default `" + defaultRollout + "`.",
					Validators:    []validator.String{stringvalidator.OneOf(defaultRollout, "OnDelete")},
					PlanModifiers: []planmodifier.String{unlessWritten(defaultRollout)},
				},
				"max_surge":       schema.StringAttribute{Optional: true, MarkdownDescription: "How many machines there may be too many, as a number or a percentage.", Validators: []validator.String{countOrPercent()}},
				"max_unavailable": schema.StringAttribute{Optional: true, MarkdownDescription: "How many machines may be missing, as a number or a percentage.", Validators: []validator.String{countOrPercent()}},
			},
		},
		"min_ready_seconds": schema.Int64Attribute{
			Optional: true, MarkdownDescription: "How long a node must be ready to count as available, in seconds.",
			Validators: []validator.Int64{int64validator.AtLeast(0)},
		},
		"deletion_order": schema.StringAttribute{
			Optional: true, MarkdownDescription: "Which machines go first when the pool shrinks: `Random`, `Newest` or `Oldest`.",
			Validators: []validator.String{stringvalidator.OneOf("Random", "Newest", "Oldest")},
		},
	} {
		attributes[name] = attribute
	}
	return attributes
}

// machineAttributes are what the control plane and pools have in common.
func machineAttributes() map[string]schema.Attribute {
	duration := func(description string) schema.Attribute {
		return durationAttribute(description + " A duration in whole seconds; `0s` is no limit.")
	}
	return map[string]schema.Attribute{
		"vm_class":      schema.StringAttribute{Optional: true, MarkdownDescription: "VM class of these machines. Default: the cluster's."},
		"storage_class": schema.StringAttribute{Optional: true, MarkdownDescription: "Storage class of the disks of these machines. Default: the cluster's."},
		"os_image": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Which OS image of the release these machines boot. Default: Photon. Exactly one image of the release must match.",
			Attributes: map[string]schema.Attribute{
				"name":     schema.StringAttribute{Optional: true, MarkdownDescription: "Operating system: `photon`, `ubuntu`, `rhel`, `windows`."},
				"version":  schema.StringAttribute{Optional: true, MarkdownDescription: "Its version, such as `24.04`. Ubuntu needs it from Kubernetes 1.33 on."},
				"selector": schema.MapAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: "More labels of the image, such as `content-library` or `image-type`."},
			},
		},
		"volumes": schema.MapNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Volumes of each machine by name.",
			NestedObject: schema.NestedAttributeObject{Validators: []validator.Object{validate.Requires("mount_path", "capacity")}, Attributes: map[string]schema.Attribute{
				"mount_path":    schema.StringAttribute{Optional: true, MarkdownDescription: "Required. Where it is mounted, such as `/var/lib/containerd`."},
				"capacity":      schema.StringAttribute{Optional: true, MarkdownDescription: "Required. Its size, such as `50Gi`.", Validators: []validator.String{validate.Quantity()}},
				"storage_class": schema.StringAttribute{Optional: true, MarkdownDescription: "Its storage class. Default: the machine's."},
			}},
		},
		"labels":                     schema.MapAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: "Labels of the machine objects on the Supervisor. Only the keys named here are managed."},
		"annotations":                schema.MapAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: "Annotations of the machine objects on the Supervisor. Only the keys named here are managed."},
		"node_drain_timeout":         duration("How long draining a node may take."),
		"node_volume_detach_timeout": duration("How long detaching the volumes of a node may take."),
		"node_deletion_timeout":      duration("How long deleting a node may take."),
		"rollout_after":              rolloutAfterSchema(),
		"readiness_gates":            gatesSchema("More conditions of a machine that it needs to be ready, beside those of the platform. Others have to report them on the machine objects."),
		"machine_taints":             machineTaintsSchema(),
		"variables":                  variablesSchema("Variables of the ClusterClass for these machines by name, as one JSON object. Each replaces the cluster's variable of that name as a whole. A variable that an attribute sets cannot be set here as well."),
	}
}

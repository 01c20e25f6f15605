package cluster

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vksops/terraform-provider-vks/internal/tf/planmod"
	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
	"github.com/vksops/terraform-provider-vks/internal/tf/validate"
)

const positivePolarity = "Positive"

// healthSchema describes the health check of the machines of a control plane.
func healthSchema() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "When a machine is taken for unhealthy, and when it is replaced then. Default: what the ClusterClass says. Where anything but `enabled` is set here, nothing of the ClusterClass' health check is used: what is left out then has the defaults of Cluster API.",
		Attributes: map[string]schema.Attribute{
			"enabled": schema.BoolAttribute{Optional: true, MarkdownDescription: "`false` switches it off: nobody replaces machines that fail. Default: on."},
			"node_startup_timeout": durationAttribute("How long a new machine may take to become a node before it is replaced. A duration in whole seconds; `0s` is no limit. " +
				"Default: `10m`, where the built-in classes have `4h`: a slow disk can need more than 10 minutes."),
			"unhealthy_node_conditions":    unhealthySchema("Conditions of the node, any of which makes the machine unhealthy, such as `{ type = \"Ready\", status = \"Unknown\", timeout = \"5m\" }`. Default: none, but for nodes that are gone."),
			"unhealthy_machine_conditions": unhealthySchema("Conditions of the machine object on the Supervisor, any of which makes it unhealthy. Older versions of VKS refuse it."),
			"max_unhealthy": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Replace machines only while at most that many are unhealthy, as a number or a percentage. Default: always.",
				Validators:          []validator.String{countOrPercent()},
			},
			"unhealthy_range": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Replace machines only while the number of those that are unhealthy is in this range, such as `[1-3]`. It counts more than `max_unhealthy`.",
				Validators:          []validator.String{stringvalidator.RegexMatches(regexp.MustCompile(`^\[\d+-\d+\]$`), "must be a range such as [1-3]")},
			},
			"remediation_template": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "A template in the vSphere Namespace, of a controller of your own that mends machines in place of Cluster API.",
				Attributes: map[string]schema.Attribute{
					"api_version": schema.StringAttribute{Required: true, MarkdownDescription: "Group and version, such as `example.com/v1`."},
					"kind":        schema.StringAttribute{Required: true, MarkdownDescription: "Kind."},
					"name":        schema.StringAttribute{Required: true, MarkdownDescription: "Name."},
				},
			},
		},
		Validators: []validator.Object{notEmpty{}},
	}
}

// poolHealthSchema adds what only pools have.
func poolHealthSchema() schema.SingleNestedAttribute {
	s := healthSchema()
	s.Attributes["max_in_flight"] = schema.StringAttribute{
		Optional: true, MarkdownDescription: "How many machines may be replaced at the same time, as a number or a percentage of the pool. Default: all.",
		Validators: []validator.String{countOrPercent()},
	}
	return s
}

func unhealthySchema(description string) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Optional: true, MarkdownDescription: description, Validators: []validator.List{listvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{
			Validators: []validator.Object{validate.Requires("type", "status", "timeout")},
			Attributes: map[string]schema.Attribute{
				"type": schema.StringAttribute{Optional: true, MarkdownDescription: "Required. Type of the condition."},
				"status": schema.StringAttribute{
					Optional: true, MarkdownDescription: "Required. `True`, `False` or `Unknown`.",
					Validators: []validator.String{stringvalidator.OneOf("True", "False", "Unknown")},
				},
				"timeout": durationAttribute("Required. How long the condition must have that status. A duration in whole seconds."),
			},
		},
	}
}

func gatesSchema(description string) schema.SetNestedAttribute {
	return schema.SetNestedAttribute{
		Optional: true, MarkdownDescription: description, Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{
			Validators: []validator.Object{validate.Requires("condition_type")},
			Attributes: map[string]schema.Attribute{
				"condition_type": schema.StringAttribute{Optional: true, MarkdownDescription: "Required. Type of the condition, such as `example.com/DiskChecked`."},
				"polarity": schema.StringAttribute{
					Optional: true, MarkdownDescription: "`Positive`: it has to be true. `Negative`: it has to be false. Default: `Positive`.",
					Validators: []validator.String{stringvalidator.OneOf(positivePolarity, "Negative")},
				},
			},
		},
	}
}

func machineTaintsSchema() schema.SetNestedAttribute {
	return schema.SetNestedAttribute{
		Optional: true, Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
		MarkdownDescription: "Taints that Cluster API keeps on the nodes. They change without replacing machines. It is an early feature of Cluster API that the platform may refuse; " +
			"the ClusterClass has taints of its own, which do replace machines: `taints` of a pool, and the variable `node`.",
		NestedObject: schema.NestedAttributeObject{
			Validators: []validator.Object{validate.Requires("key", "effect", "propagation")},
			Attributes: map[string]schema.Attribute{
				"key":   schema.StringAttribute{Optional: true, MarkdownDescription: "Required. Key."},
				"value": schema.StringAttribute{Optional: true, MarkdownDescription: "Value. Default: none.", Validators: []validator.String{stringvalidator.LengthAtLeast(1)}},
				"effect": schema.StringAttribute{
					Optional: true, MarkdownDescription: "Required. `NoSchedule`, `PreferNoSchedule` or `NoExecute`.",
					Validators: []validator.String{taintEffects()},
				},
				"propagation": schema.StringAttribute{
					Optional: true, MarkdownDescription: "Required. `Always` puts it back where somebody removes it from a node; `OnInitialization` sets it on new nodes only.",
					Validators: []validator.String{stringvalidator.OneOf("Always", "OnInitialization")},
				},
			},
		},
	}
}

func rolloutAfterSchema() schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "Replace the machines once this time has come, if they are older, even when nothing else changed. RFC 3339, such as `2026-03-09T09:00:00Z`. Older versions of VKS refuse it.",
		Validators:          []validator.String{instant{}},
		PlanModifiers:       []planmodifier.String{sameInstant{}},
	}
}

// durationAttribute compares by the length of time.
func durationAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{
		CustomType: tftypes.DurationType{}, Optional: true, MarkdownDescription: description,
		PlanModifiers: []planmodifier.String{planmod.SameDuration()},
	}
}

func taintEffects() validator.String {
	return stringvalidator.OneOf("NoSchedule", "PreferNoSchedule", "NoExecute")
}

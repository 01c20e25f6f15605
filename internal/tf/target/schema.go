package target

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/tf/validate"
)

// IDAttribute is the computed id; format says how it is made up.
func IDAttribute(format string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "`" + format + "`, with `-` as CLUSTER_ID for the provider's workload cluster. It is the import id.",
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

// ClusterIDAttribute is cluster_id.
func ClusterIDAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "Id of the `vks_cluster`. Without it (or with `-`) the cluster of the provider's `workload` block is meant. Changing it replaces the resource.",
		Validators:          []validator.String{clusterIDValidator{}},
		PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIf(otherCluster,
			"Another cluster needs another object.", "Another cluster needs another object.")},
	}
}

// otherCluster: null, "" and "-" are one and the same cluster.
func otherCluster(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	if req.PlanValue.IsUnknown() {
		resp.RequiresReplace = true
		return
	}
	before, errBefore := ids.ParseCluster(req.StateValue.ValueString())
	after, errAfter := ids.ParseCluster(req.PlanValue.ValueString())
	resp.RequiresReplace = errBefore != nil || errAfter != nil || before != after
}

// NamespaceAttribute is the namespace of Velero.
func NamespaceAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		Default:             stringdefault.StaticString(DefaultNamespace),
		MarkdownDescription: "Namespace that Velero runs in. Default `velero`. Changing it replaces the resource.",
		Validators:          []validator.String{validate.DNSLabel()},
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
}

// NameAttribute is the name of an object of Velero.
func NameAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: description + " Changing it replaces the resource.",
		Validators:          []validator.String{validate.DNSSubdomain(), stringvalidator.LengthAtMost(200)},
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
}

type clusterIDValidator struct{}

// Description says what is accepted.
func (clusterIDValidator) Description(context.Context) string {
	return "must be a cluster id: NAMESPACE/NAME"
}

// MarkdownDescription says what is accepted.
func (v clusterIDValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateString parses the id.
func (clusterIDValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := ids.ParseCluster(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid cluster_id", err.Error()+".")
	}
}

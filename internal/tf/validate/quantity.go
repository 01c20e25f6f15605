package validate

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	apiresource "k8s.io/apimachinery/pkg/api/resource"
)

// Quantity accepts what Kubernetes accepts as a quantity: "500m", "2", "512Mi".
func Quantity() validator.String { return quantity{} }

type quantity struct{}

// Description says what is accepted.
func (quantity) Description(context.Context) string {
	return "must be a Kubernetes quantity, such as 500m, 2 or 512Mi"
}

// MarkdownDescription says what is accepted.
func (v quantity) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString runs Kubernetes' parser.
func (quantity) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := apiresource.ParseQuantity(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid quantity",
			fmt.Sprintf("%q is not a Kubernetes quantity such as 500m, 2 or 512Mi: %s.", req.ConfigValue.ValueString(), err))
	}
}

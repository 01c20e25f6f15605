package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// duration accepts positive Go durations.
type duration struct{}

// Description says what is accepted.
func (duration) Description(context.Context) string { return "must be a duration such as 30s or 2m" }

// MarkdownDescription says what is accepted.
func (d duration) MarkdownDescription(ctx context.Context) string { return d.Description(ctx) }

// ValidateString parses the value.
func (d duration) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if parsed, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || parsed <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration", d.Description(ctx)+", not "+req.ConfigValue.String()+".")
	}
}

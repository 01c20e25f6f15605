package validate

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// AtLeast accepts durations that are not shorter than shortest; why is the
// reason, as a sentence.
func AtLeast(shortest time.Duration, why string) validator.String {
	return atLeast{shortest: shortest, why: why}
}

type atLeast struct {
	shortest time.Duration
	why      string
}

// Description says what is accepted.
func (v atLeast) Description(context.Context) string {
	return fmt.Sprintf("must be %s or more", v.shortest)
}

// MarkdownDescription says what is accepted.
func (v atLeast) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString compares; a text that is no duration is the type's to report.
func (v atLeast) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	d, err := time.ParseDuration(req.ConfigValue.ValueString())
	if err != nil || d >= v.shortest {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Duration too short",
		fmt.Sprintf("%s is shorter than %s. %s", req.ConfigValue.ValueString(), v.shortest, v.why))
}

package planmod

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
)

// SameDuration plans no change where a duration is only written in another way
// than in state, as it is after an import: "90s" and "1m30s".
func SameDuration() planmodifier.String { return sameDuration{} }

type sameDuration struct{}

// Description says what it does.
func (sameDuration) Description(context.Context) string {
	return "Two ways to write one duration are the same."
}

// MarkdownDescription says what it does.
func (m sameDuration) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyString keeps the value of the state when it is as long.
func (sameDuration) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.StateValue.IsNull() || req.PlanValue.IsNull() || req.PlanValue.IsUnknown() {
		return
	}
	before, err := time.ParseDuration(req.StateValue.ValueString())
	if err != nil {
		return
	}
	after, err := time.ParseDuration(req.PlanValue.ValueString())
	if err == nil && before == after {
		resp.PlanValue = req.StateValue
	}
}

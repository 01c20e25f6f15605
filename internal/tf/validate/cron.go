package validate

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vksops/terraform-provider-vks/internal/domain/protection"
)

// Cron accepts what Velero's own parser accepts.
func Cron() validator.String { return cron{} }

type cron struct{}

// Description says what is accepted.
func (cron) Description(context.Context) string {
	return "must be a cron expression that Velero accepts: five fields, @daily and the like, or @every <duration>, with CRON_TZ=<zone> in front if wanted"
}

// MarkdownDescription says what is accepted.
func (v cron) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString runs the parser.
func (v cron) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := protection.ParseCron(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid backup schedule", fmt.Sprintf(
			"Velero would not accept this schedule: %s.\n\nWrite five fields (\"0 2 * * *\"), @hourly, @daily, @weekly, or \"@every 4h\"; CRON_TZ=<zone> may stand in front.", err))
	}
}

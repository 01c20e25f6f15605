package target

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// Deadline bounds an operation by what the timeouts attribute says; timeout is
// one of its methods. It gives false when that cannot be read.
func Deadline(
	ctx context.Context, timeout func(context.Context, time.Duration) (time.Duration, diag.Diagnostics),
	otherwise time.Duration, diags *diag.Diagnostics,
) (context.Context, context.CancelFunc, bool) {
	limit, problems := timeout(ctx, otherwise)
	diags.Append(problems...)
	if problems.HasError() {
		return ctx, func() {}, false
	}
	bounded, cancel := context.WithTimeout(ctx, limit)
	return bounded, cancel, true
}

// Progress logs the lines of a wait.
func Progress(ctx context.Context, id string) func(line string, elapsed time.Duration) {
	return func(line string, elapsed time.Duration) {
		tflog.Info(ctx, "waiting", map[string]any{"id": id, "progress": line, "elapsed": elapsed.Round(time.Second).String()})
	}
}

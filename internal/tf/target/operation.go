package target

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"
	"k8s.io/utils/clock"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/wait"
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

// finishTimeout bounds the last write of a creation, whose own time may be over.
const finishTimeout = 30 * time.Second

// Finish takes the mark of a creation off an object that is in state now. Where
// that fails, nothing is lost but the refusal to create it a second time.
func Finish(ctx context.Context, key ids.Protection, finish func(ctx context.Context, namespace, name string) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
	defer cancel()
	if err := finish(ctx, key.Namespace, key.Name); err != nil {
		tflog.Warn(ctx, "could not take the mark of creation away", map[string]any{"id": key.String(), "error": err.Error()})
	}
}

// Progress logs the lines of a wait.
func Progress(ctx context.Context, id string) func(line string, elapsed time.Duration) {
	return func(line string, elapsed time.Duration) {
		tflog.Info(ctx, "waiting", map[string]any{"id": id, "progress": line, "elapsed": elapsed.Round(time.Second).String()})
	}
}

// Passing is the answer of a look that failed: a failure that may pass is waited
// out, any other ends the wait.
func Passing(err error) (wait.Status, error) {
	if !errors.Is(err, fault.Transient) && !errors.Is(err, fault.Unreachable) {
		return wait.Status{}, err
	}
	return wait.Status{Pending: []wait.Pending{{What: "API server of the cluster", Message: err.Error(), Layer: wait.LayerCluster}}}, nil
}

// Leaving waits until the object that what names is gone; look gives the
// finalizers that still hold it.
func Leaving(ctx context.Context, what string, clk clock.Clock, look func(context.Context) (finalizers []string, err error)) error {
	return wait.For(ctx, wait.Options{What: what + " to be deleted", Clock: clk}, func(ctx context.Context) (wait.Status, error) {
		finalizers, err := look(ctx)
		if fault.IsNotFound(err) || errors.Is(err, fault.RouteAbsent) {
			return wait.Status{Done: true}, nil
		}
		if err != nil {
			return Passing(err)
		}
		message := "still there"
		if len(finalizers) > 0 {
			message = "held by the finalizers " + strings.Join(finalizers, ", ")
		}
		return wait.Status{Pending: []wait.Pending{{What: what, Message: message, Layer: wait.LayerCluster}}}, nil
	})
}

package supervisor

import (
	"context"
	"errors"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// retryTransient calls f until it ends in anything but a passing failure, at
// most retries times more.
func retryTransient(ctx context.Context, retries int, f func(context.Context) error) error {
	var last error
	err := wait.For(ctx, wait.Options{What: "an answer", Min: 250 * time.Millisecond, Max: 8 * time.Second}, func(ctx context.Context) (wait.Status, error) {
		last = f(ctx)
		if !errors.Is(last, fault.Transient) || retries <= 0 {
			return wait.Status{Done: true}, nil
		}
		retries--
		return wait.Status{}, nil
	})
	if last != nil {
		return last
	}
	return err
}

package await_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
)

func TestOKTriesAgain(t *testing.T) {
	t.Parallel()
	tries := 0
	err := await.OK(t.Context(), "the third try", func(context.Context) error {
		if tries++; tries < 3 {
			return errors.New("not yet")
		}
		return nil
	})
	if err != nil || tries != 3 {
		t.Errorf("%d tries, %v", tries, err)
	}
}

func TestDeadlineSaysWhatWasMissing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	err := await.OK(ctx, "rain", func(context.Context) error { return errors.New("blue sky") })
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "rain") || !strings.Contains(err.Error(), "blue sky") {
		t.Errorf("error: %v", err)
	}
}

func TestTheDeadAreNotWaitedFor(t *testing.T) {
	t.Parallel()
	dead, cause := make(chan struct{}), errors.New("it crashed")
	close(dead)
	err := await.OKUnless(t.Context(), "it", dead, func() error { return cause }, func(context.Context) error { return errors.New("silence") })
	if !errors.Is(err, cause) {
		t.Errorf("error: %v", err)
	}
}

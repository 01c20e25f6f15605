package wait_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// stepping is a fake clock that moves on whenever somebody starts to wait on it.
type stepping struct{ *clocktesting.FakeClock }

func (s stepping) NewTimer(d time.Duration) clock.Timer {
	timer := s.FakeClock.NewTimer(d)
	s.Step(d)
	return timer
}

func newClock() stepping {
	return stepping{clocktesting.NewFakeClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))}
}

func TestForIsDone(t *testing.T) {
	t.Parallel()
	var lines []string
	looks := 0
	err := wait.For(t.Context(), wait.Options{
		What: "it", Clock: newClock(),
		Progress: func(line string, _ time.Duration) { lines = append(lines, line) },
	}, func(context.Context) (wait.Status, error) {
		looks++
		return wait.Status{Done: looks == 5, Progress: []string{"", "a", "a", "b", "b"}[looks-1]}, nil
	})
	if err != nil || looks != 5 {
		t.Fatalf("err = %v after %d looks, want nil after 5", err, looks)
	}
	if len(lines) != 2 || lines[0] != "a" || lines[1] != "b" {
		t.Errorf("progress = %q, want each line once: a, b", lines)
	}
}

func TestForEndsAtOnceOnATerminalState(t *testing.T) {
	t.Parallel()
	terminal := errors.New("config_status is ERROR")
	looks := 0
	err := wait.For(t.Context(), wait.Options{Clock: newClock()}, func(context.Context) (wait.Status, error) {
		looks++
		return wait.Status{}, terminal
	})
	if !errors.Is(err, terminal) || looks != 1 {
		t.Errorf("err = %v after %d looks, want the terminal error after 1", err, looks)
	}
}

func TestForTellsWhatWasPending(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	fake := newClock()
	looks := 0
	err := wait.For(ctx, wait.Options{What: "cluster to become available", Clock: fake}, func(context.Context) (wait.Status, error) {
		if looks++; looks == 4 {
			cancel()
		}
		return wait.Status{Pending: []wait.Pending{{What: "WorkersAvailable", Message: "0 of 2"}}}, nil
	})
	var timeout *wait.TimeoutError
	if !errors.As(err, &timeout) {
		t.Fatalf("err = %v, want a TimeoutError", err)
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err does not unwrap to the context's error: %v", err)
	}
	// 1 s, 2 s and 4 s between four looks.
	want := "waited 7s for cluster to become available; WorkersAvailable: 0 of 2"
	if got := err.Error(); got != want {
		t.Errorf("message = %q, want %q", got, want)
	}
}

func TestForLooksAgainWhenSomethingChanged(t *testing.T) {
	t.Parallel()
	changes := make(chan struct{}, 1)
	looks := 0
	err := wait.For(t.Context(), wait.Options{Min: time.Hour, Changes: changes}, func(context.Context) (wait.Status, error) {
		looks++
		changes <- struct{}{}
		return wait.Status{Done: looks == 3}, nil
	})
	if err != nil || looks != 3 {
		t.Errorf("err = %v after %d looks, want nil after 3, an hour before the backoff", err, looks)
	}
}

// What was not true when a final state was met is told with it.
func TestForTellsWhatWasPendingAtAFinalState(t *testing.T) {
	t.Parallel()
	terminal := errors.New("the load balancer is another one")
	err := wait.For(t.Context(), wait.Options{What: "it", Clock: newClock()}, func(context.Context) (wait.Status, error) {
		return wait.Status{Pending: []wait.Pending{{What: "Available"}}}, terminal
	})
	var failed *wait.FailedError
	if !errors.As(err, &failed) || !errors.Is(err, terminal) || len(failed.Pending) != 1 || failed.What != "it" || err.Error() != terminal.Error() {
		t.Errorf("got %#v", err)
	}
}

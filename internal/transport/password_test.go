package transport_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/transport"
)

func TestRefusedPasswordIsSentOnce(t *testing.T) {
	t.Parallel()
	guard, posts := transport.NewPassword(), 0
	refused := &fault.Error{Kind: fault.Unauthenticated}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			err := guard.Send(t.Context(), func(context.Context) error { posts++; return refused })
			if !errors.Is(err, fault.Unauthenticated) {
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
	if posts != 1 {
		t.Errorf("sent %d times", posts)
	}
	if err := guard.Refused(t.Context()); !errors.Is(err, fault.Unauthenticated) {
		t.Errorf("the refusal is not told: %v", err)
	}
}

// A login that failed in another way says nothing about the password, and one
// that takes long keeps nobody longer than his own context.
func TestPasswordThatWasNotRefused(t *testing.T) {
	t.Parallel()
	guard := transport.NewPassword()
	busy := &fault.Error{Kind: fault.Transient}
	if err := guard.Send(t.Context(), func(context.Context) error { return busy }); !errors.Is(err, busy) {
		t.Errorf("got %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	err := guard.Send(t.Context(), func(context.Context) error {
		return errors.Join(
			guard.Send(ended, func(context.Context) error { return errors.New("two at a time") }),
			guard.Refused(ended),
		)
	})
	if err == nil || err.Error() != "context canceled\ncontext canceled" {
		t.Errorf("got %v", err)
	}
	if err := guard.Refused(t.Context()); err != nil {
		t.Errorf("it counts as refused: %v", err)
	}
}

package lazy_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/lazy"
)

// Ten users of a server that does not answer wait for one try, not for ten.
func TestTryIsShared(t *testing.T) {
	t.Parallel()
	v := lazy.Value[int]{Op: "connect", Where: "vCenter vc.example.com"}
	var tries atomic.Int32
	started, release := make(chan struct{}), make(chan struct{})
	failed := errors.New("no route")
	open := func(context.Context) (int, error) {
		tries.Add(1)
		close(started)
		<-release
		return 0, failed
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := v.Get(t.Context(), open); !errors.Is(err, failed) {
			t.Errorf("got %v", err)
		}
	})
	<-started
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := v.Get(ctx, open)
	if !errors.Is(err, context.Canceled) || fault.KindOf(err) != fault.Transient || !strings.Contains(err.Error(), "connect on vCenter vc.example.com") {
		t.Errorf("a user who gave up still waited, or is not told for what: %v", err)
	}
	if _, opened := v.Opened(); opened {
		t.Error("nothing is open")
	}
	close(release)
	wg.Wait()
	if n := tries.Load(); n != 1 {
		t.Errorf("%d tries", n)
	}
	value, err := v.Get(t.Context(), func(context.Context) (int, error) { return 7, nil })
	if value != 7 || err != nil {
		t.Errorf("a failed try was kept: %d, %v", value, err)
	}
}

// An opening that hangs ends, even where nobody's own context does.
func TestOpeningIsLimited(t *testing.T) {
	t.Parallel()
	v := lazy.Value[int]{Op: "connect", Limit: time.Millisecond}
	_, err := v.Get(context.WithoutCancel(t.Context()), func(ctx context.Context) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	})
	if !errors.Is(err, context.DeadlineExceeded) || fault.KindOf(err) != fault.Transient || !strings.Contains(err.Error(), "connect") {
		t.Errorf("got %v", err)
	}
}

// What was asked for before something changed is not kept.
func TestForgetWhileOpening(t *testing.T) {
	t.Parallel()
	var v lazy.Value[int]
	began, change, old := make(chan struct{}), make(chan struct{}), make(chan int)
	go func() {
		n, _ := v.Get(t.Context(), func(context.Context) (int, error) {
			close(began)
			<-change
			return 1, nil
		})
		old <- n
	}()
	<-began
	v.Forget()
	if n, err := v.Get(t.Context(), func(context.Context) (int, error) { return 2, nil }); n != 2 || err != nil {
		t.Errorf("after the change: %d, %v", n, err)
	}
	close(change)
	if n := <-old; n != 1 {
		t.Errorf("who asked before got %d", n)
	}
	if n, _ := v.Get(t.Context(), func(context.Context) (int, error) { return 3, nil }); n != 2 {
		t.Errorf("%d is kept", n)
	}
}

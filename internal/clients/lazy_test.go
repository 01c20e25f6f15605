package clients

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

// Ten users of a server that does not answer wait for one try, not for ten.
func TestLazySharesATry(t *testing.T) {
	t.Parallel()
	var l lazy[int]
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
		if _, err := l.get(t.Context(), open); !errors.Is(err, failed) {
			t.Errorf("got %v", err)
		}
	})
	<-started
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.get(ctx, open); !errors.Is(err, context.Canceled) {
		t.Errorf("a user who gave up still waited: %v", err)
	}
	if _, open := l.opened(); open {
		t.Error("nothing is open")
	}
	close(release)
	wg.Wait()
	if n := tries.Load(); n != 1 {
		t.Errorf("%d tries", n)
	}
	value, err := l.get(t.Context(), func(context.Context) (int, error) { return 7, nil })
	if value != 7 || err != nil {
		t.Errorf("a failed try was kept: %d, %v", value, err)
	}
}

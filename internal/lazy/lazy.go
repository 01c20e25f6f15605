// Package lazy keeps values that are opened on first use, once for all who ask.
// It must not import anything of ours but fault.
package lazy

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// longest is the Limit of a Value that has none.
const longest = 10 * time.Minute

// Value is opened on first use. Those who come while it is opened share the
// outcome, and none waits longer than its own context. A failed try is not kept:
// the next user may come after the server is there. The zero Value is ready.
type Value[T any] struct {
	// Op and Where name in errors what is opened, and on which server.
	Op, Where string
	// Limit is how long one opening may take, whoever waits for it.
	Limit time.Duration

	flight singleflight.Group
	mu     sync.Mutex
	value  T
	filled bool
	// forgotten counts: what was asked for before is not kept after.
	forgotten int
}

// Get gives the value, after open where there is none.
func (v *Value[T]) Get(ctx context.Context, open func(context.Context) (T, error)) (T, error) {
	v.mu.Lock()
	value, filled, asked := v.value, v.filled, v.forgotten
	v.mu.Unlock()
	if filled {
		return value, nil
	}
	result := v.flight.DoChan("", func() (any, error) {
		if value, filled := v.Opened(); filled {
			return value, nil
		}
		value, err := v.open(ctx, open)
		if err != nil {
			return nil, err
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		if v.forgotten == asked {
			v.value, v.filled = value, true
		}
		return value, nil
	})
	select {
	case <-ctx.Done():
		return value, v.ended(ctx.Err())
	case r := <-result:
		value, _ = r.Val.(T)
		return value, r.Err
	}
}

// open is for all who wait: it outlives the one that asked first, but not for ever.
func (v *Value[T]) open(ctx context.Context, open func(context.Context) (T, error)) (T, error) {
	limit := v.Limit
	if limit <= 0 {
		limit = longest
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	value, err := open(ctx)
	return value, v.ended(err)
}

// ended says what the end of a context ended; other errors say it themselves.
func (v *Value[T]) ended(err error) error {
	var told *fault.Error
	if errors.As(err, &told) || !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	op := v.Op
	if op == "" {
		op = "wait for an answer"
	}
	return &fault.Error{Kind: fault.Transient, Op: op, Where: v.Where, Err: err}
}

// Opened gives the value if there is one.
func (v *Value[T]) Opened() (T, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.value, v.filled
}

// Forget makes the next Get open anew, also while another is on its way.
func (v *Value[T]) Forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	var none T
	v.value, v.filled = none, false
	v.forgotten++
	v.flight.Forget("")
}

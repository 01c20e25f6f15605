package vcenter

import (
	"context"
	"sync"

	"golang.org/x/sync/singleflight"
)

// once keeps the first answer of a lookup that everybody needs. A failed try is
// not kept. Those who ask at the same time share one request.
type once[T any] struct {
	flight singleflight.Group
	mu     sync.Mutex
	value  T
	filled bool
}

func (o *once[T]) get(ctx context.Context, load func(context.Context) (T, error)) (T, error) {
	o.mu.Lock()
	value, filled := o.value, o.filled
	o.mu.Unlock()
	if filled {
		return value, nil
	}
	result := o.flight.DoChan("", func() (any, error) {
		// The lookup is for all who wait: it outlives the one that asked first.
		value, err := load(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		o.value, o.filled = value, true
		return nil, nil
	})
	var none T
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case r := <-result:
		if r.Err != nil {
			return none, r.Err
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.value, nil
}

// forget makes the next get ask again.
func (o *once[T]) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.filled = false
}

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
	// forgotten counts: what was asked before is not kept after.
	forgotten int
}

func (o *once[T]) get(ctx context.Context, load func(context.Context) (T, error)) (T, error) {
	o.mu.Lock()
	value, filled, asked := o.value, o.filled, o.forgotten
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
		if o.forgotten == asked {
			o.value, o.filled = value, true
		}
		return value, nil
	})
	var none T
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case r := <-result:
		value, _ = r.Val.(T)
		return value, r.Err
	}
}

// forget makes the next get ask again.
func (o *once[T]) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.filled = false
	o.forgotten++
	o.flight.Forget("")
}

// onceBy is once for each key.
type onceBy[T any] struct {
	mu    sync.Mutex
	byKey map[string]*once[T]
}

func (o *onceBy[T]) get(ctx context.Context, key string, load func(context.Context) (T, error)) (T, error) {
	o.mu.Lock()
	entry := o.byKey[key]
	if entry == nil {
		entry = &once[T]{}
		if o.byKey == nil {
			o.byKey = map[string]*once[T]{}
		}
		o.byKey[key] = entry
	}
	o.mu.Unlock()
	return entry.get(ctx, load)
}

// forget makes the next get of every key ask again.
func (o *onceBy[T]) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.byKey = nil
}

package vcenter

import (
	"context"
	"sync"

	"github.com/vksops/terraform-provider-vks/internal/lazy"
)

// once keeps the first answer of a lookup that everybody needs.
type once[T any] struct{ value lazy.Value[T] }

func (o *once[T]) get(ctx context.Context, load func(context.Context) (T, error)) (T, error) {
	return o.value.Get(ctx, load)
}

// forget makes the next get ask again.
func (o *once[T]) forget() { o.value.Forget() }

// about says in errors what o looks up, and how long that may take.
func (o *once[T]) about(c *Client, op string) {
	o.value.Op, o.value.Where, o.value.Limit = op, c.where, c.limits().Longest()
}

// onceBy is once for each key.
type onceBy[T any] struct {
	client *Client
	op     string

	mu    sync.Mutex
	byKey map[string]*once[T]
}

// about is that of each.
func (o *onceBy[T]) about(c *Client, op string) { o.client, o.op = c, op }

func (o *onceBy[T]) get(ctx context.Context, key string, load func(context.Context) (T, error)) (T, error) {
	o.mu.Lock()
	entry := o.byKey[key]
	if entry == nil {
		entry = &once[T]{}
		entry.about(o.client, o.op)
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

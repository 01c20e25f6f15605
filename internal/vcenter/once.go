package vcenter

import (
	"context"

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

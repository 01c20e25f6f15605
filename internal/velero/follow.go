package velero

import (
	"context"

	"github.com/vksops/terraform-provider-vks/internal/kube"
)

// follow watches one object as one of Velero's types.
func follow[T any](ctx context.Context, c *Client, ref kube.Ref) (<-chan struct{}, func(context.Context) (*T, error)) {
	watch := c.kube.Watch(ctx, ref)
	return watch.Changes(), func(ctx context.Context) (*T, error) {
		obj, err := watch.Get(ctx)
		if err != nil {
			return nil, c.explain(err)
		}
		return typed[T](obj)
	}
}

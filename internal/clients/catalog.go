package clients

import (
	"context"

	"github.com/vksops/terraform-provider-vks/internal/lazy"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

// Releases gives the Kubernetes releases, listed once for all who ask.
func (s *Set) Releases(ctx context.Context) ([]supervisor.Release, error) {
	return listed(ctx, s, &s.releases, (*supervisor.Client).Releases)
}

// OSImages gives the OS images of all releases, listed once for all who ask.
func (s *Set) OSImages(ctx context.Context) ([]supervisor.OSImage, error) {
	return listed(ctx, s, &s.images, (*supervisor.Client).OSImages)
}

// Classes gives the built-in ClusterClasses, listed once for all who ask.
func (s *Set) Classes(ctx context.Context) ([]supervisor.Class, error) {
	return listed(ctx, s, &s.classes, (*supervisor.Client).Classes)
}

func listed[T any](ctx context.Context, s *Set, once *lazy.Value[[]T], list func(*supervisor.Client, context.Context) ([]T, error)) ([]T, error) {
	client, err := s.Supervisor(ctx)
	if err != nil {
		return nil, err
	}
	return once.Get(ctx, func(ctx context.Context) ([]T, error) { return list(client, ctx) })
}

package clients

import (
	"context"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

// Catalog is what a Supervisor has to make clusters of.
type Catalog struct {
	Releases []supervisor.Release
	Images   []supervisor.OSImage
}

// Catalog gives the releases and OS images, listed once for all who ask.
func (s *Set) Catalog(ctx context.Context) (Catalog, error) {
	client, err := s.Supervisor(ctx)
	if err != nil {
		return Catalog{}, err
	}
	return s.catalog.Get(ctx, func(ctx context.Context) (Catalog, error) {
		releases, err := client.Releases(ctx)
		if err != nil {
			return Catalog{}, err
		}
		images, err := client.OSImages(ctx)
		return Catalog{Releases: releases, Images: images}, err
	})
}

// Classes gives the built-in ClusterClasses, listed once for all who ask.
func (s *Set) Classes(ctx context.Context) ([]supervisor.Class, error) {
	client, err := s.Supervisor(ctx)
	if err != nil {
		return nil, err
	}
	return s.classes.Get(ctx, client.Classes)
}

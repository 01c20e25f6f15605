package dataprotection

import (
	"context"

	"github.com/vksops/terraform-provider-vks/internal/velero"
)

// api is what this package needs of a cluster's Velero.
type api interface {
	Served(ctx context.Context) (bool, error)
	Installed(ctx context.Context, namespace string) (*velero.Installation, error)
	Install(ctx context.Context, spec velero.InstallSpec) error
	Remains(ctx context.Context, namespace string) (bool, error)
	Uninstall(ctx context.Context, namespace string) error
	FollowServer(ctx context.Context, namespace, name string) <-chan struct{}
	PodProblems(ctx context.Context, namespace string) []string
	AskServer(ctx context.Context, namespace string) (*velero.StatusRequest, error)
}

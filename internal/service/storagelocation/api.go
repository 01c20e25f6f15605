package storagelocation

import (
	"context"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	corev1 "k8s.io/api/core/v1"
)

// api is what this package needs of a cluster's Velero.
type api interface {
	Where() string
	Location(ctx context.Context, namespace, name string) (*velerov1.BackupStorageLocation, error)
	Locations(ctx context.Context, namespace string) ([]velerov1.BackupStorageLocation, error)
	FinishLocation(ctx context.Context, namespace, name string) error
	ApplyLocation(ctx context.Context, l *velerov1.BackupStorageLocation) (*velerov1.BackupStorageLocation, error)
	RevalidateLocation(ctx context.Context, namespace, name string) (*velerov1.BackupStorageLocation, error)
	FollowLocation(ctx context.Context, namespace, name string) (<-chan struct{}, func(context.Context) (*velerov1.BackupStorageLocation, error))
	DeleteLocation(ctx context.Context, namespace, name string) error
	secrets
}

// secrets is the part that keeps credentials.
type secrets interface {
	Secret(ctx context.Context, namespace, name string) (*corev1.Secret, error)
	ApplySecret(ctx context.Context, namespace, name string, data map[string][]byte) error
	DeleteSecret(ctx context.Context, namespace, name string) error
}

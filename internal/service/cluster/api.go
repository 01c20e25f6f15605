package cluster

import (
	"context"

	"k8s.io/apimachinery/pkg/types"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

// api is what this package needs of the Supervisor's client.
type api interface {
	Where() string
	GetCluster(ctx context.Context, namespace, name string) (*supervisor.Cluster, error)
	ApplyCluster(ctx context.Context, spec supervisor.ClusterSpec, dryRun bool) (*supervisor.Cluster, error)
	PruneCluster(ctx context.Context, prior, wanted supervisor.ClusterSpec) (cluster *supervisor.Cluster, changed bool, err error)
	FinishCluster(ctx context.Context, namespace, name string) error
	DeleteCluster(ctx context.Context, namespace, name string, uid types.UID) error
	WatchCluster(ctx context.Context, namespace, name string) (*supervisor.ClusterWatch, error)
	Classes(ctx context.Context) ([]supervisor.Class, error)
	Machines(ctx context.Context, namespace, cluster string) ([]supervisor.Machine, error)
	Pools(ctx context.Context, namespace, cluster string) ([]supervisor.Pool, error)
	ControlPlaneAddresses(ctx context.Context, namespace, cluster string) ([]string, error)
	ApplyCNI(ctx context.Context, of supervisor.CNIOf, prior, config map[string]any) error
	CNIConfig(ctx context.Context, of supervisor.CNIOf) (config, owned map[string]any, err error)
	BootstrapCNI(ctx context.Context, of supervisor.CNIOf, release string) error
	BootstrappedCNI(ctx context.Context, namespace, cluster string) (string, error)
	Bootstrap(ctx context.Context, namespace, cluster string) (supervisor.Bootstrap, error)
	RemoveCNIConfig(ctx context.Context, of supervisor.CNIOf) (gone bool, err error)
	RemoveCNI(ctx context.Context, namespace, cluster, name string) error
	Releases(ctx context.Context) ([]supervisor.Release, error)
}

var _ api = (*supervisor.Client)(nil)

// watcher follows one cluster.
type watcher interface {
	Changes() <-chan struct{}
	Get(ctx context.Context) (*supervisor.Cluster, error)
}

var _ watcher = (*supervisor.ClusterWatch)(nil)

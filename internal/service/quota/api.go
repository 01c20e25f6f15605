package quota

import (
	"context"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// platform is what this data source needs of vCenter.
type platform interface {
	ResolveSupervisor(ctx context.Context, nameOrID string) (vcenter.Supervisor, error)
	Topology(ctx context.Context, s vcenter.Supervisor) ([]vcenter.SupervisorZone, error)
	Namespaces(ctx context.Context) ([]vcenter.NamespaceSummary, error)
	SharedNamespace(ctx context.Context, name string) (*vcenter.Namespace, error)
	VMClasses(ctx context.Context) ([]vcenter.VMClass, error)
	StoragePolicies(ctx context.Context) ([]vcenter.StoragePolicy, error)
	PoolShares(ctx context.Context) ([]vcenter.PoolShare, error)
	ComputeClusters(ctx context.Context) ([]vcenter.ComputeCluster, error)
}

// supervisorUsage is what it needs of the Supervisor's Kubernetes API.
type supervisorUsage interface {
	Usage(ctx context.Context, namespaces []string) (*supervisor.Usage, error)
}

var (
	_ platform        = (*vcenter.Client)(nil)
	_ supervisorUsage = (*supervisor.Client)(nil)
)

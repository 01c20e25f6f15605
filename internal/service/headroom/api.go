package headroom

import (
	"context"

	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// platform is what this data source needs of vCenter.
type platform interface {
	ResolveSupervisor(ctx context.Context, nameOrID string) (vcenter.Supervisor, error)
	Topology(ctx context.Context, s vcenter.Supervisor) ([]vcenter.SupervisorZone, error)
	ComputeClusters(ctx context.Context) ([]vcenter.ComputeCluster, error)
	PoweredOnVMs(ctx context.Context) ([]vcenter.VM, error)
	VMClasses(ctx context.Context) ([]vcenter.VMClass, error)
}

var _ platform = (*vcenter.Client)(nil)

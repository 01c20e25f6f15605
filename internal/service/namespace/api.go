package namespace

import (
	"context"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// api is what this package needs of vCenter.
type api interface {
	Namespace(ctx context.Context, name string) (*vcenter.Namespace, error)
	RefreshNamespace(ctx context.Context, name string) (*vcenter.Namespace, error)
	CreateNamespace(ctx context.Context, spec vcenter.NamespaceSpec) error
	UpdateNamespace(ctx context.Context, name string, changes vcenter.NamespaceChanges) error
	DeleteNamespace(ctx context.Context, name string) error
	SharedNamespace(ctx context.Context, name string) (*vcenter.Namespace, error)
	RemoveNamespaceZone(ctx context.Context, namespace, zone string) error
	access
	catalog
}

// access is the part that deals with grants.
type access interface {
	Access(ctx context.Context, namespace string, who vcenter.Access) (vcenter.AccessInfo, error)
	GrantAccess(ctx context.Context, namespace string, grant vcenter.Access) error
	SetAccess(ctx context.Context, namespace string, grant vcenter.Access) error
	RevokeAccess(ctx context.Context, namespace string, grant vcenter.Access) error
}

// catalog is the part that knows what a namespace can be made of.
type catalog interface {
	Where() string
	ResolveSupervisor(ctx context.Context, nameOrID string) (vcenter.Supervisor, error)
	Supervisors(ctx context.Context) ([]vcenter.Supervisor, error)
	StoragePolicies(ctx context.Context) ([]vcenter.StoragePolicy, error)
	VMClasses(ctx context.Context) ([]vcenter.VMClass, error)
	ContentLibraries(ctx context.Context) ([]vcenter.ContentLibrary, error)
	TopologyOf(ctx context.Context, supervisorID string) ([]vcenter.SupervisorZone, error)
	NamespacePools(ctx context.Context, namespace string) (map[string][]string, error)
	Version(ctx context.Context) (vcenter.Version, error)
	Forget()
}

// supervisorSide is what this package needs of the Supervisor: the VKS clusters
// in a namespace, and what vCenter does not tell of its zones.
type supervisorSide interface {
	Clusters(ctx context.Context, namespace string) ([]string, error)
	NamespaceZones(ctx context.Context, namespace string) (map[string]supervisor.ZoneUsage, error)
}

var (
	_ api            = (*vcenter.Client)(nil)
	_ supervisorSide = (*supervisor.Client)(nil)
)

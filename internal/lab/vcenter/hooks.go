package vcenter

import "context"

// Hooks is the other side of a vSphere Namespace: the Supervisor. Calls come from the lab's own goroutines, never
// from a REST request, one at a time for each namespace.
type Hooks interface {
	// NamespaceApplied brings the namespace to the given state. It is called after each change, and again after an
	// error until it succeeds; then config_status becomes RUNNING.
	NamespaceApplied(ctx context.Context, ns Namespace) error
	// NamespaceRemoved takes all away and returns nil only when it is gone; it is called again after an error.
	NamespaceRemoved(ctx context.Context, name string) error
	// Usage reports what the pods of the namespace request.
	Usage(ctx context.Context, name string) (Stats, error)
}

// Stats are the sums of pod requests in a namespace, not what virtual machines consume.
type Stats struct {
	CPUUsedMHz, MemoryUsedMiB, StorageUsedMiB int64
}

// Namespace is the desired state of a vSphere Namespace.
type Namespace struct {
	Name           string
	Supervisor     string // id
	SupervisorName string
	Description    string
	Generation     int64

	CPULimitMHz, MemoryLimitMiB, StorageLimitMiB *int64           // nil = no limit
	ObjectLimits                                 map[string]int64 // by API name: pod_count, service_count, ...
	ContainerDefaults                            map[string]int64 // by API name: cpu_limit_default, ...

	StoragePolicies  []StoragePolicy
	VMClasses        []VMClass
	ContentLibraries []ContentLibrary
	Access           []Access // with the system's own entries
	Zones            []Zone
	NetworkProvider  string
	Networks         []string
}

// StoragePolicy is a policy bound to a namespace. A nil limit means none, 0 means that nothing may be stored.
type StoragePolicy struct {
	ID, Name, StorageClass string
	LimitMiB               *int64
}

// VMClass is a virtual machine class.
type VMClass struct {
	Name                     string
	Description              string
	CPUs                     int64
	MemoryMiB                int64
	CPUReservationPercent    int64
	MemoryReservationPercent int64
}

// ContentLibrary is a library bound to a namespace.
type ContentLibrary struct {
	ID, Name string
	Writable bool
}

// Access is what one user or group may do in a namespace.
type Access struct {
	SubjectType      string // USER or GROUP
	Subject          string // without domain
	Domain           string
	Role             string // OWNER, EDIT or VIEW
	IdentityProvider string
}

// Zone is a vSphere Zone of a namespace. A namespace has one pool for each compute cluster.
type Zone struct {
	Name             string
	Type             string // MANAGEMENT or WORKLOAD
	Clusters         []string
	PoolMoIDs        []string // in the order of Clusters
	PoolMoID         string   // the first of them
	FolderMoID       string
	MarkedForRemoval bool

	CPULimitMHz, CPUReservationMHz       *int64
	MemoryLimitMiB, MemoryReservationMiB *int64
	VMReservations                       map[string]int64 // class -> count
	ReservedDirectPathOnly               bool
}

type noHooks struct{}

func (noHooks) NamespaceApplied(context.Context, Namespace) error { return nil }
func (noHooks) NamespaceRemoved(context.Context, string) error    { return nil }
func (noHooks) Usage(context.Context, string) (Stats, error)      { return Stats{}, nil }

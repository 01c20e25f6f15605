package lab

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/vksops/terraform-provider-vks/internal/lab/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/lab/workload"
)

// bridge is what vCenter and the workload clusters see of the Supervisor. They
// start beside it, so at first it is not there: vCenter asks again until it is.
type bridge struct {
	supervisor atomic.Pointer[supervisor.Supervisor]
}

var (
	_ vcenter.Hooks          = (*bridge)(nil)
	_ workload.Authenticator = (*bridge)(nil)
)

var errNoSupervisor = errors.New("the Supervisor is not up")

func (b *bridge) connect(s *supervisor.Supervisor) { b.supervisor.Store(s) }

// NamespaceApplied implements vcenter.Hooks.
func (b *bridge) NamespaceApplied(ctx context.Context, ns vcenter.Namespace) error {
	s := b.supervisor.Load()
	if s == nil {
		return errNoSupervisor
	}
	return s.NamespaceApplied(ctx, toSupervisor(ns))
}

// NamespaceRemoved implements vcenter.Hooks.
func (b *bridge) NamespaceRemoved(ctx context.Context, name string) error {
	s := b.supervisor.Load()
	if s == nil {
		return errNoSupervisor
	}
	return s.NamespaceRemoved(ctx, name)
}

// Usage implements vcenter.Hooks.
func (b *bridge) Usage(ctx context.Context, name string) (vcenter.Stats, error) {
	s := b.supervisor.Load()
	if s == nil {
		return vcenter.Stats{}, errNoSupervisor
	}
	cpu, memory, storage, err := s.Usage(ctx, name)
	return vcenter.Stats{CPUUsedMHz: cpu, MemoryUsedMiB: memory, StorageUsedMiB: storage}, err
}

// Authenticate implements workload.Authenticator.
func (b *bridge) Authenticate(token string) (user string, groups []string, err error) {
	s := b.supervisor.Load()
	if s == nil {
		return "", nil, errNoSupervisor
	}
	return s.Authenticate(token)
}

// GuestRole implements workload.Authenticator.
func (b *bridge) GuestRole(ctx context.Context, user string, groups []string, namespace string) (edit, view bool) {
	s := b.supervisor.Load()
	if s == nil {
		return false, false
	}
	return s.GuestRole(ctx, user, groups, namespace)
}

// clusterEvents passes on the Supervisor's news in the words of the workload package.
func clusterEvents(ctx context.Context, s *supervisor.Supervisor) <-chan workload.ClusterEvent {
	in, out := s.WatchClusters(ctx), make(chan workload.ClusterEvent)
	go func() {
		defer close(out)
		for event := range in {
			select {
			case out <- workload.ClusterEvent(event):
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// toSupervisor is vCenter's view of a namespace as the Supervisor takes it.
func toSupervisor(ns vcenter.Namespace) supervisor.Namespace {
	out := supervisor.Namespace{
		Name: ns.Name, Description: ns.Description,
		CPULimitMHz: ns.CPULimitMHz, MemoryLimitMiB: ns.MemoryLimitMiB, StorageLimitMiB: ns.StorageLimitMiB,
		ObjectLimits: objectLimits(ns.ObjectLimits), ContainerDefaults: containerDefaults(ns.ContainerDefaults),
	}
	for _, p := range ns.StoragePolicies {
		out.StoragePolicies = append(out.StoragePolicies, supervisor.StoragePolicy(p))
	}
	for _, c := range ns.VMClasses {
		out.VMClasses = append(out.VMClasses, supervisor.VMClass{
			Name: c.Name, CPUs: c.CPUs, MemoryMiB: c.MemoryMiB,
			CPUReservationPercent: c.CPUReservationPercent, MemReservationPercent: c.MemoryReservationPercent,
		})
	}
	for _, a := range ns.Access {
		out.Access = append(out.Access, supervisor.Access{Type: a.SubjectType, Subject: a.Subject, Domain: a.Domain, Role: a.Role})
	}
	for _, z := range ns.Zones {
		out.ResourcePools = append(out.ResourcePools, z.PoolMoIDs...)
		if out.Folder == "" {
			out.Folder = z.FolderMoID
		}
		if out.ClusterID == "" && len(z.Clusters) > 0 {
			out.ClusterID = z.Clusters[0]
		}
		if z.MarkedForRemoval {
			continue
		}
		out.Zones = append(out.Zones, supervisor.Zone{
			Name: z.Name, ResourcePools: z.PoolMoIDs, Folder: z.FolderMoID,
			CPULimitMHz: z.CPULimitMHz, CPUReservationMHz: z.CPUReservationMHz,
			MemLimitMiB: z.MemoryLimitMiB, MemReservationMiB: z.MemoryReservationMiB,
			VMReservations: z.VMReservations,
		})
	}
	return out
}

func objectLimits(by map[string]int64) supervisor.ObjectLimits {
	return supervisor.ObjectLimits{
		Pods: at(by, "pod_count"), Services: at(by, "service_count"), Deployments: at(by, "deployment_count"),
		DaemonSets: at(by, "daemon_set_count"), ReplicaSets: at(by, "replica_set_count"),
		ReplicationControllers: at(by, "replication_controller_count"), StatefulSets: at(by, "stateful_set_count"),
		ConfigMaps: at(by, "config_map_count"), Secrets: at(by, "secret_count"),
		PersistentVolumeClaims: at(by, "persistent_volume_claim_count"), Jobs: at(by, "job_count"),
	}
}

func containerDefaults(by map[string]int64) supervisor.ContainerDefaults {
	return supervisor.ContainerDefaults{
		CPURequestMHz: at(by, "cpu_request_default"), CPULimitMHz: at(by, "cpu_limit_default"),
		MemoryRequestMiB: at(by, "memory_request_default"), MemoryLimitMiB: at(by, "memory_limit_default"),
	}
}

func at(by map[string]int64, name string) *int64 {
	if n, ok := by[name]; ok {
		return &n
	}
	return nil
}

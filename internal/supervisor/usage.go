package supervisor

import (
	"context"
	"errors"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
)

// NamespaceUsage is what is in a vSphere Namespace, as the Supervisor has it.
type NamespaceUsage struct {
	Clusters []ClusterUsage
	// Machines are virtual machines that belong to no cluster and are not
	// powered off.
	Machines []Node
	Classes  map[string]VMClass
	// CPULimitMHz and MemoryLimitMiB are what the namespace's annotations say; nil
	// = nothing, or they were not read, as for a single namespace.
	CPULimitMHz, MemoryLimitMiB *int64
	// StorageLimitMiB is over all policies; nil = no limit.
	StorageLimitMiB *int64
	Storage         []StorageUsage // by class
	// StorageKnown tells whether that could be read: without, none is no answer.
	StorageKnown bool
	Objects      map[string]ObjectUsage
	// Pools are the ids of its resource pools in vCenter, as far as they are told.
	Pools []string
	Zones map[string]ZoneUsage
}

// ClusterUsage is a VKS cluster with the machines that exist.
type ClusterUsage struct {
	Name         string
	ControlPlane NodeGroup
	Pools        []NodeGroup // by name
}

// NodeGroup is the control plane or a pool.
type NodeGroup struct {
	Name string
	// VMClass and Volumes are what the next machine would have.
	VMClass, StorageClass string
	Volumes               []Volume
	// Max is the autoscaler's maximum; nil = no autoscaler.
	Max   *int64
	Nodes []Node
}

// Node is a machine that exists. Its zone is "" where nothing says it.
type Node struct{ Name, VMClass, Zone string }

// Volume is a disk of a node beside its first.
type Volume struct {
	StorageClass string // "" = the machine's own
	MiB          int64
}

// VMClass is the shape of a machine.
type VMClass struct {
	CPUs, MemoryMiB int64
	// CPURequestMilli is reserved, in thousandths of a core.
	CPURequestMilli, MemoryRequestMiB int64
}

// StorageUsage is what a storage policy holds in a namespace.
type StorageUsage struct {
	// PolicyID is "" where only the old quota objects are there.
	PolicyID, StorageClass string
	LimitMiB               *int64
	UsedMiB, ReservedMiB   int64
}

// ObjectUsage counts objects of a kind. nil = not known, or no limit.
type ObjectUsage struct{ Limit, Used *int64 }

// Usage is what is in the namespaces that were asked for.
type Usage struct {
	Namespaces map[string]*NamespaceUsage
	// Machines tells whether those could be read, and Limits whether all limits on
	// storage and objects could.
	Machines, Limits bool
	// OneByOne says why each namespace took requests of its own; "" = it did not.
	OneByOne string
	// Gaps says why something could not, a line each.
	Gaps []string
}

// Usage reads what is in the namespaces. For several it lists each kind once
// over all namespaces, and namespace by namespace only where the account may
// not do that.
func (c *Client) Usage(ctx context.Context, namespaces []string) (*Usage, error) {
	r := &usageReader{client: c, namespaces: namespaces, found: map[string][]unstructured.Unstructured{}, failed: map[string]bool{}}
	d, clusters, err := c.clusters(ctx)
	if err != nil && unanswered(err) {
		return nil, err
	}
	g, gctx := errgroup.WithContext(ctx)
	switch {
	case errors.Is(err, fault.RouteAbsent):
		r.gap("there is no Cluster API on the Supervisor")
	case err != nil:
		if err := r.missed(ctx, kindClusters, whatClusters, err); err != nil {
			return nil, err
		}
	default:
		machines := clusters
		machines.GVR.Resource, machines.Kind = kindMachines, "Machine"
		g.Go(func() error { return r.list(gctx, clusters, whatClusters) })
		g.Go(func() error { return r.list(gctx, machines, whatClusters) })
	}
	for _, group := range usageGroups {
		g.Go(func() error { return r.find(gctx, group) })
	}
	quotas := kube.Ref{GVR: corev1.SchemeGroupVersion.WithResource(kindResourceQuotas), Kind: "ResourceQuota"}
	g.Go(func() error { return r.list(gctx, quotas, "limits on storage and objects, and counts of objects") })
	if len(namespaces) > 1 {
		g.Go(func() error { return r.annotations(gctx) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	slices.Sort(r.gaps)
	return r.usage(d), nil
}

// whatClusters is what is not known without clusters and Machines.
const whatClusters = "clusters and their machines"

// unanswered tells whether nobody answers who could tell anything else: then one
// error says more than a gap for each kind.
func unanswered(err error) bool {
	switch fault.KindOf(err) {
	case fault.Unreachable, fault.Untrusted, fault.Unauthenticated, fault.NotConfigured:
		return true
	default:
		return false
	}
}

// usageReader collects the objects of all namespaces by their resource.
type usageReader struct {
	client     *Client
	namespaces []string

	mu    sync.Mutex
	found map[string][]unstructured.Unstructured
	// failed are the resources that may be there and could not be read.
	failed map[string]bool
	gaps   []string
	// annotated are the annotations of namespaces.
	annotated map[string]map[string]string
	// oneByOne is why lists over all namespaces were refused.
	oneByOne string
}

func (r *usageReader) gap(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gaps = append(r.gaps, text)
}

// has tells whether the resource could be read.
func (r *usageReader) has(resource string) bool {
	_, ok := r.found[resource]
	return ok
}

// usage sorts what was found by namespace.
func (r *usageReader) usage(d dialect) *Usage {
	u := &Usage{
		Namespaces: make(map[string]*NamespaceUsage, len(r.namespaces)), Gaps: r.gaps, OneByOne: r.oneByOne,
		Machines: r.has(kindClusters) && r.has(kindMachines) && r.has(kindClasses),
		Limits:   r.has(kindResourceQuotas) && !r.failed[kindStorageQuotas] && !r.failed[kindPolicyQuotas],
	}
	objects := map[string]map[string][]unstructured.Unstructured{}
	for resource, list := range r.found {
		for _, o := range list {
			namespace := o.GetNamespace()
			if objects[namespace] == nil {
				objects[namespace] = map[string][]unstructured.Unstructured{}
			}
			objects[namespace][resource] = append(objects[namespace][resource], o)
		}
	}
	for _, name := range r.namespaces {
		n := namespaceUsage(d, name, objects[name])
		n.Storage, n.StorageKnown = r.storage(name, objects[name])
		n.CPULimitMHz, n.MemoryLimitMiB = annotatedLimits(r.annotated[name])
		u.Namespaces[name] = n
	}
	return u
}

func namespaceUsage(d dialect, name string, objects map[string][]unstructured.Unstructured) *NamespaceUsage {
	n := &NamespaceUsage{
		Classes: classShapes(objects[kindClasses]),
		Objects: objectCounts(name, objects[kindResourceQuotas]),
		Zones:   zoneShares(objects[kindZones]),
		Pools:   poolIDs(objects[kindZones]),
	}
	n.StorageLimitMiB = storageLimit(name, objects[kindStorageQuotas], objects[kindResourceQuotas])
	n.Clusters, n.Machines = clusterUsages(d, objects)
	return n
}

// storage is what the policies hold in a namespace, and whether that is known. A
// Supervisor that serves StoragePolicyQuotas may have no ResourceQuota of the
// kind that was there before them: only one that is there tells anything then.
func (r *usageReader) storage(namespace string, objects map[string][]unstructured.Unstructured) ([]StorageUsage, bool) {
	if r.has(kindPolicyQuotas) {
		return policyStorage(objects[kindPolicyQuotas]), true
	}
	list := quotaStorage(namespace, objects[kindResourceQuotas])
	return list, r.has(kindResourceQuotas) && (!r.failed[kindPolicyQuotas] || len(list) > 0)
}

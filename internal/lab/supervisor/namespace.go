package supervisor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
)

// Namespace is a vSphere Namespace as vCenter has it. Nil limits are none.
type Namespace struct {
	Name        string
	Description string

	ClusterID     string   // of vCenter: domain-c9
	Folder        string   // group-v42
	ResourcePools []string // resgroup-42, one for each vSphere cluster

	CPULimitMHz, MemoryLimitMiB, StorageLimitMiB *int64

	StoragePolicies   []StoragePolicy
	VMClasses         []VMClass
	ObjectLimits      ObjectLimits
	ContainerDefaults ContainerDefaults
	Access            []Access
	Zones             []Zone
}

// StoragePolicy is a policy that a namespace may use, as StorageClass.
type StoragePolicy struct {
	ID, Name, StorageClass string
	LimitMiB               *int64
}

// VMClass is a class of virtual machines bound to a namespace.
type VMClass struct {
	Name                                         string
	CPUs, MemoryMiB                              int64
	CPUReservationPercent, MemReservationPercent int64
}

// ObjectLimits are the most objects of a kind.
type ObjectLimits struct {
	Pods, Services, Deployments, DaemonSets, ReplicaSets, ReplicationControllers, StatefulSets,
	ConfigMaps, Secrets, PersistentVolumeClaims, Jobs *int64
}

// ContainerDefaults are what containers get that ask for nothing.
type ContainerDefaults struct {
	CPURequestMHz, CPULimitMHz, MemoryRequestMiB, MemoryLimitMiB *int64
}

// Access is a role of a user or group: OWNER, EDIT or VIEW. Type is USER or GROUP.
type Access struct{ Type, Subject, Domain, Role string }

// Zone is a vSphere Zone of a namespace with its part of the limits.
type Zone struct {
	Name                                                           string
	ResourcePools                                                  []string
	Folder                                                         string
	CPULimitMHz, CPUReservationMHz, MemLimitMiB, MemReservationMiB *int64
	VMReservations                                                 map[string]int64
}

const (
	labelClusterID = "vSphereClusterID" // marks the namespaces of vCenter
	annotationPool = "vmware-system-resource-pool"
	annotationCPU  = "vmware-system-resource-pool-cpu-limit"
	annotationMem  = "vmware-system-resource-pool-memory-limit"
	annotationDir  = "vmware-system-vm-folder"
	mibInBytes     = int64(1 << 20)
)

// tenantNamespaces selects the vSphere Namespaces among the namespaces.
var tenantNamespaces = client.HasLabels{labelClusterID}

// NamespaceApplied makes the Supervisor's side of a vSphere Namespace as vCenter
// has it now, and removes what is not in it any more.
func (s *Supervisor) NamespaceApplied(ctx context.Context, ns Namespace) error {
	if err := s.applyNamespaceObject(ctx, ns); err != nil {
		return err
	}
	desired := newObjectSet(ns.Name)
	ns.quotaObjects(desired)
	ns.classObjects(desired)
	ns.accessObjects(desired)
	ns.zoneObjects(desired, metav1.NewTime(s.now()))
	for _, policy := range ns.StoragePolicies {
		if err := s.applyStorageClasses(ctx, policy); err != nil {
			return err
		}
	}
	if err := s.applyAvailabilityZones(ctx, ns); err != nil {
		return err
	}
	if err := s.replaceObjects(ctx, desired); err != nil {
		return fmt.Errorf("namespace %s: %w", ns.Name, err)
	}
	if s.agents != nil {
		s.agents.usage.add(ns.Name)
	}
	return nil
}

func (s *Supervisor) applyNamespaceObject(ctx context.Context, ns Namespace) error {
	labels := map[string]string{labelClusterID: ns.ClusterID}
	annotations := map[string]string{
		annotationPool: strings.Join(ns.ResourcePools, ","),
		annotationDir:  ns.Folder,
	}
	if ns.Description != "" {
		annotations["description"] = ns.Description
	}
	if ns.CPULimitMHz != nil {
		annotations[annotationCPU] = fmt.Sprintf("%d", *ns.CPULimitMHz)
	}
	if ns.MemoryLimitMiB != nil {
		annotations[annotationMem] = fmt.Sprintf("%dMi", *ns.MemoryLimitMiB)
	}
	u := object(corev1.SchemeGroupVersion.WithKind("Namespace"), "", ns.Name, nil)
	u.SetLabels(labels)
	u.SetAnnotations(annotations)
	return s.apply(ctx, u)
}

// NamespaceRemoved removes the clusters of a namespace and then the namespace.
// It returns nil only when nothing is left of it.
func (s *Supervisor) NamespaceRemoved(ctx context.Context, name string) error {
	// A Cluster must go before its children do, or its controllers lose the
	// objects that they need to let go of it.
	err := await.OK(ctx, "clusters of namespace "+name+" to go", func(ctx context.Context) error {
		var clusters clusterv1.ClusterList
		if err := s.kube.List(ctx, &clusters, client.InNamespace(name)); err != nil {
			return err
		}
		for i := range clusters.Items {
			c := &clusters.Items[i]
			if !c.DeletionTimestamp.IsZero() {
				continue
			}
			if err := s.kube.Delete(ctx, c); client.IgnoreNotFound(err) != nil {
				return err
			}
		}
		if n := len(clusters.Items); n > 0 {
			return fmt.Errorf("%d left, %s among them", n, clusters.Items[0].Name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if err := s.kube.Delete(ctx, ns); err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		return err
	}
	if err := s.removeFromAvailabilityZones(ctx, name); err != nil {
		return err
	}
	if err := s.sweep(ctx, name); err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		return err
	}
	return await.OK(ctx, "namespace "+name+" to go", func(ctx context.Context) error {
		err := s.kube.Get(ctx, client.ObjectKeyFromObject(ns), ns)
		if apierrors.IsNotFound(err) {
			return nil
		}
		if err == nil {
			err = errors.New("it is " + string(ns.Status.Phase))
		}
		return err
	})
}

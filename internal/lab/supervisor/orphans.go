package supervisor

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// orphanPoll is how often the agent looks at a Cluster that is being deleted.
const orphanPoll = time.Second

// freeOrphans lets go of MachineSets that Cluster API can no longer delete: one
// made in the moment in which its MachineDeployment went is never finished,
// because its controller insists on reading the owner first. The Cluster would
// wait for it for ever. Its machines are the garbage collector's then.
func (s *Supervisor) freeOrphans(ctx context.Context, c *clusterv1.Cluster) error {
	var sets clusterv1.MachineSetList
	if err := s.kube.List(ctx, &sets, client.InNamespace(c.Namespace), client.MatchingLabels{clusterv1.ClusterNameLabel: c.Name}); err != nil {
		return err
	}
	for i := range sets.Items {
		orphan, err := s.isOrphan(ctx, &sets.Items[i])
		if err != nil {
			return err
		}
		if !orphan {
			continue
		}
		patch := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`))
		if err := s.kube.Patch(ctx, &sets.Items[i], patch); client.IgnoreNotFound(err) != nil {
			return err
		}
	}
	return nil
}

// isOrphan is when the set is being deleted and its MachineDeployment is no more.
func (s *Supervisor) isOrphan(ctx context.Context, set *clusterv1.MachineSet) (bool, error) {
	owner := metav1.GetControllerOf(set)
	if set.DeletionTimestamp.IsZero() || owner == nil {
		return false, nil
	}
	err := s.kube.Get(ctx, client.ObjectKey{Namespace: set.Namespace, Name: owner.Name}, &clusterv1.MachineDeployment{})
	if apierrors.IsNotFound(err) {
		return true, nil
	}
	return false, err
}

// removeLateChildren deletes what Cluster API has made of a young Cluster in the
// moment in which it was deleted, and did not see when it looked what there is to
// delete. Once the Cluster is gone nobody could: their finalizers wait for it.
func (s *Supervisor) removeLateChildren(ctx context.Context, c *clusterv1.Cluster) (left bool, err error) {
	for _, kind := range []schema.GroupVersionKind{
		clusterv1.GroupVersion.WithKind("MachineDeployment"), clusterv1.GroupVersion.WithKind("MachineSet"), kindControlPlane, kindDevCluster,
	} {
		list := listOf(kind)
		if err := s.kube.List(ctx, list, client.InNamespace(c.Namespace), client.MatchingLabels{clusterv1.ClusterNameLabel: c.Name}); err != nil {
			return false, err
		}
		for i := range list.Items {
			if list.Items[i].GetDeletionTimestamp().IsZero() {
				err = errors.Join(err, client.IgnoreNotFound(s.kube.Delete(ctx, &list.Items[i])))
			}
		}
		left = left || len(list.Items) > 0
	}
	return left, err
}

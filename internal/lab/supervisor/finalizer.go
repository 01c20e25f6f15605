package supervisor

import (
	"context"
	"encoding/json"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// addonFinalizer is VKS's own on every Cluster: it goes last.
const addonFinalizer = "tkg.tanzu.vmware.com/addon"

func (r *review) addFinalizer() error {
	all, _, err := unstructured.NestedStringSlice(r.object, "metadata", "finalizers")
	if err != nil || slices.Contains(all, addonFinalizer) {
		return err
	}
	return unstructured.SetNestedStringSlice(r.object, append(all, addonFinalizer), "metadata", "finalizers")
}

// letGo takes the finalizer off a Cluster with which Cluster API is done, once
// the Secrets of its control plane are gone. Left to the garbage collector they
// may outlive it by seconds, and a new Cluster of the same name would adopt them,
// and wait for ever at the address of the old one.
func (s *Supervisor) letGo(ctx context.Context, c *clusterv1.Cluster) error {
	if slices.Contains(c.Finalizers, clusterv1.ClusterFinalizer) || !slices.Contains(c.Finalizers, addonFinalizer) {
		return nil
	}
	if left, err := s.removeLateChildren(ctx, c); left || err != nil {
		return err // there is a next look
	}
	var secrets corev1.SecretList
	if err := s.kube.List(ctx, &secrets, client.InNamespace(c.Namespace), client.MatchingLabels{clusterv1.ClusterNameLabel: c.Name}); err != nil {
		return err
	}
	for i := range secrets.Items {
		if metav1.GetControllerOf(&secrets.Items[i]) == nil {
			continue // the user's own, a CA for one
		}
		if err := s.kube.Delete(ctx, &secrets.Items[i]); client.IgnoreNotFound(err) != nil {
			return err
		}
	}
	if err := s.removeOwned(ctx, c); err != nil {
		return err
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"resourceVersion": c.ResourceVersion, // nobody else's finalizer is lost
		"finalizers":      slices.DeleteFunc(slices.Clone(c.Finalizers), func(f string) bool { return f == addonFinalizer }),
	}})
	if err != nil {
		return err
	}
	return client.IgnoreNotFound(s.kube.Patch(ctx, c, client.RawPatch("application/merge-patch+json", patch)))
}

package supervisor

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

var (
	kindResourceQuota = corev1.SchemeGroupVersion.WithKind("ResourceQuota")
	kindLimitRange    = corev1.SchemeGroupVersion.WithKind("LimitRange")
	kindStorageClass  = storagev1.SchemeGroupVersion.WithKind("StorageClass")
	kindRoleBinding   = rbacv1.SchemeGroupVersion.WithKind("RoleBinding")
)

// managedKinds are what vCenter puts into a namespace.
var managedKinds = []schema.GroupVersionKind{
	kindResourceQuota, kindLimitRange, kindRoleBinding,
	kindStorageQuota, kindPolicyQuota, kindPolicyUsage, kindVMClass, kindZone,
}

// labelManaged marks what vCenter made, so that it removes only that.
const labelManaged = "app.kubernetes.io/managed-by"

// objectSet is what vCenter wants to be in a namespace.
type objectSet struct {
	namespace string
	objects   []*unstructured.Unstructured
	status    []*unstructured.Unstructured
}

func newObjectSet(namespace string) *objectSet { return &objectSet{namespace: namespace} }

func (o *objectSet) add(gvk schema.GroupVersionKind, name string, body map[string]any) {
	u := object(gvk, o.namespace, name, body)
	u.SetLabels(map[string]string{labelManaged: fieldManager})
	o.objects = append(o.objects, u)
}

func (o *objectSet) addStatus(gvk schema.GroupVersionKind, name string, status map[string]any) {
	o.status = append(o.status, object(gvk, o.namespace, name, map[string]any{"status": status}))
}

// replaceObjects applies the set and deletes what was in an earlier one.
func (s *Supervisor) replaceObjects(ctx context.Context, want *objectSet) error {
	type id struct{ kind, name string }
	keep := map[id]bool{}
	for _, u := range want.objects {
		keep[id{u.GetKind(), u.GetName()}] = true
		if err := s.apply(ctx, u); err != nil {
			return err
		}
	}
	for _, u := range want.status {
		if err := s.applyStatus(ctx, u, fieldManager); err != nil {
			return err
		}
	}
	for _, gvk := range managedKinds {
		list := listOf(gvk)
		err := s.kube.List(ctx, list, client.InNamespace(want.namespace), client.MatchingLabels{labelManaged: fieldManager})
		if err != nil {
			return err
		}
		for i := range list.Items {
			u := &list.Items[i]
			if keep[id{u.GetKind(), u.GetName()}] {
				continue
			}
			if err := s.kube.Delete(ctx, u); client.IgnoreNotFound(err) != nil {
				return err
			}
		}
	}
	return nil
}

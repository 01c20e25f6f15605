package velero

import (
	"context"
	"errors"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	velerov2 "github.com/vmware-tanzu/velero/pkg/apis/velero/v2alpha1"
	"github.com/vmware-tanzu/velero/pkg/install"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// withFinalizers are the kinds whose objects only a running server lets go.
var withFinalizers = []schema.GroupVersionResource{
	velerov1.SchemeGroupVersion.WithResource("restores"),
	velerov2.SchemeGroupVersion.WithResource("datauploads"),
	velerov2.SchemeGroupVersion.WithResource("datadownloads"),
}

// Uninstall removes what Install has made and waits until it is gone. What is in
// the buckets stays. The namespace stays when it was there before; the CRDs stay
// while another Velero runs on the cluster. It can be called again after a
// failure on the way: Remains tells.
func (c *Client) Uninstall(ctx context.Context, namespace string) error {
	alone, err := c.alone(ctx, namespace)
	if err != nil {
		return err
	}
	foreign, err := c.foreignNamespace(ctx, namespace)
	if err != nil {
		return err
	}
	// The server first, so that nothing puts a finalizer back.
	if err := c.removeAndWait(ctx, deploymentRef.In(namespace, serverName), daemonSetRef.In(namespace, nodeAgentName)); err != nil {
		return err
	}
	if err := c.dropFinalizers(ctx, namespace); err != nil {
		return err
	}
	if err := c.removeAccess(ctx, namespace); err != nil {
		return err
	}
	if !foreign {
		if err := c.removeAndWait(ctx, namespaceRef.In("", namespace)); err != nil {
			return err
		}
	}
	if !alone {
		return nil
	}
	// After the namespace: velero#3974 tells of namespaces that hang when the CRDs go first.
	return c.removeAndWait(ctx, crdRefs()...)
}

// Remains reports whether something of an installation of ours is left where no
// server is: an Uninstall that did not come to its end.
func (c *Client) Remains(ctx context.Context, namespace string) (bool, error) {
	found, err := get[corev1.Namespace](ctx, c, namespaceRef.In("", namespace))
	switch {
	case fault.Gone(err) != nil:
		return false, err
	case err == nil && Owned(found.Labels):
		return true, nil
	}
	crd, err := c.kube.Get(ctx, crdRefs()[0])
	if err != nil || !Owned(crd.GetLabels()) {
		return false, fault.Gone(err)
	}
	return c.alone(ctx, namespace)
}

// alone reports whether no other namespace of the cluster runs a Velero.
func (c *Client) alone(ctx context.Context, namespace string) (bool, error) {
	deployments, err := list[appsv1.Deployment](ctx, c, deploymentRef.In("", ""))
	if err != nil {
		return false, err
	}
	for i := range deployments {
		if deployments[i].Namespace != namespace && isServer(&deployments[i]) {
			return false, nil
		}
	}
	return true, nil
}

func (c *Client) dropFinalizers(ctx context.Context, namespace string) error {
	for _, gvr := range withFinalizers {
		ref := kube.Ref{GVR: gvr, Kind: gvr.Resource, Namespace: namespace}
		found, err := c.kube.List(ctx, ref, "")
		if errors.Is(err, fault.RouteAbsent) {
			continue
		}
		if err != nil {
			return err
		}
		for i := range found.Items {
			if len(found.Items[i].GetFinalizers()) == 0 {
				continue
			}
			_, err := c.kube.MergePatch(ctx, ref.In(namespace, found.Items[i].GetName()), []byte(`{"metadata":{"finalizers":null}}`))
			if fault.Gone(err) != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Client) removeAccess(ctx context.Context, namespace string) error {
	binding := install.ClusterRoleBinding(namespace)
	refs := []kube.Ref{
		{GVR: rbacv1.SchemeGroupVersion.WithResource("clusterrolebindings"), Kind: "ClusterRoleBinding", Name: binding.Name},
		{GVR: corev1.SchemeGroupVersion.WithResource("serviceaccounts"), Kind: "ServiceAccount", Namespace: namespace, Name: serverName},
	}
	for _, ref := range refs {
		if err := c.remove(ctx, ref); err != nil {
			return err
		}
	}
	return nil
}

// removeAndWait deletes the objects all at once, and waits for one after the other.
func (c *Client) removeAndWait(ctx context.Context, refs ...kube.Ref) error {
	for _, ref := range refs {
		if err := c.remove(ctx, ref); err != nil {
			return err
		}
	}
	for _, ref := range refs {
		if err := c.waitGone(ctx, ref); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) waitGone(ctx context.Context, ref kube.Ref) error {
	if gone, err := c.gone(ctx, ref); gone || err != nil && !passing(err) {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watch := c.kube.Watch(ctx, ref)
	return wait.For(ctx, wait.Options{What: ref.String() + " to be deleted", Changes: watch.Changes()}, func(ctx context.Context) (wait.Status, error) {
		obj, err := watch.Get(ctx)
		switch {
		case fault.IsNotFound(err), fault.KindOf(err) == fault.RouteAbsent:
			return wait.Status{Done: true}, nil
		case err != nil && !passing(err):
			return wait.Status{}, err
		case err != nil:
			return wait.Status{Pending: []wait.Pending{{What: ref.String(), Message: err.Error()}}}, nil //nolint:nilerr // a passing failure is looked at again
		}
		message := "still being deleted"
		for _, condition := range kube.Conditions(obj) {
			if condition.True() && condition.Message != "" {
				message += "; " + condition.Message
			}
		}
		return wait.Status{Pending: []wait.Pending{{What: ref.String(), Message: message, Layer: wait.LayerCluster}}}, nil
	})
}

// gone looks once: most objects need no watch.
func (c *Client) gone(ctx context.Context, ref kube.Ref) (bool, error) {
	_, err := c.kube.Get(ctx, ref)
	if fault.KindOf(err) == fault.RouteAbsent {
		return true, nil
	}
	return fault.IsNotFound(err), fault.Gone(err)
}

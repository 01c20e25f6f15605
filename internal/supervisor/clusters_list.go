package supervisor

import (
	"cmp"
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
)

// ListClusters reads the clusters of a vSphere Namespace, or of all with "", that
// a label selector matches, sorted by namespace and name. It is one request; one
// more where there are none, since a namespace that this Supervisor does not have
// is fault.NotFound.
func (c *Client) ListClusters(ctx context.Context, namespace, selector string) ([]*Cluster, error) {
	d, ref, err := c.clusters(ctx)
	if err != nil {
		return nil, err
	}
	list, err := c.kube.List(ctx, ref.In(namespace, ""), selector)
	if err != nil {
		return nil, err
	}
	if len(list.Items) == 0 && namespace != "" {
		if err := c.namespaceThere(ctx, namespace); err != nil {
			return nil, err
		}
	}
	clusters := make([]*Cluster, 0, len(list.Items))
	for i := range list.Items {
		clusters = append(clusters, &Cluster{dialect: d, object: &list.Items[i]})
	}
	slices.SortFunc(clusters, func(a, b *Cluster) int {
		return cmp.Or(cmp.Compare(a.object.GetNamespace(), b.object.GetNamespace()), cmp.Compare(a.object.GetName(), b.object.GetName()))
	})
	return clusters, nil
}

// namespaceThere is fault.NotFound for a namespace that does not exist: an API
// server lists what is in any namespace, whether it exists or not. Who may not
// read the namespace itself gets no answer, and no error.
func (c *Client) namespaceThere(ctx context.Context, namespace string) error {
	ref := kube.Ref{GVR: corev1.SchemeGroupVersion.WithResource("namespaces"), Kind: "Namespace", Name: namespace}
	if _, err := c.kube.Get(ctx, ref); fault.IsNotFound(err) {
		return err
	}
	return nil
}

package supervisor

import (
	"context"
	"errors"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
)

// Bootstrap is what a ClusterBootstrap says of a cluster's network plugin. The
// zero value is that of none.
type Bootstrap struct {
	// CNI is the name of the plugin; "" where it says none.
	CNI string
	// Ours says that nobody but this provider asked for anything in it, and that
	// it belongs to no cluster.
	Ours bool
	// Taken says that it belongs to a Cluster: the platform deletes it with that one.
	Taken bool
}

// Bootstrap reads the ClusterBootstrap of a cluster's name.
func (c *Client) Bootstrap(ctx context.Context, namespace, cluster string) (Bootstrap, error) {
	live, err := c.kube.Get(ctx, clusterBootstraps.In(namespace, cluster))
	switch {
	case errors.Is(err, fault.NotFound), errors.Is(err, fault.RouteAbsent):
		return Bootstrap{}, nil
	case err != nil:
		return Bootstrap{}, err
	}
	name, _, _ := strings.Cut(node(live.Object).at("spec", "cni").text("refName"), ".")
	taken := slices.ContainsFunc(live.GetOwnerReferences(), func(o metav1.OwnerReference) bool { return o.Kind == "Cluster" })
	return Bootstrap{CNI: strings.TrimSuffix(name, "*"), Ours: onlyOurs(live), Taken: taken}, nil
}

// BootstrappedCNI names the network plugin that the platform chose for a cluster
// before Kubernetes 1.35; "" where it does not tell.
func (c *Client) BootstrappedCNI(ctx context.Context, namespace, cluster string) (string, error) {
	found, err := c.Bootstrap(ctx, namespace, cluster)
	return found.CNI, err
}

// RemoveCNI deletes what this provider made for the network plugin of a cluster
// that is gone. What others have settings in is left alone.
func (c *Client) RemoveCNI(ctx context.Context, namespace, cluster, name string) error {
	refs := []kube.Ref{addonConfigs.In(namespace, cluster+"-"+name)}
	if name != CNICilium {
		refs = append(refs, clusterBootstraps.In(namespace, cluster), CNIOf{Namespace: namespace, Cluster: cluster, Name: name}.ref())
	}
	var errs []error
	for _, ref := range refs {
		// Who may not even look at one has not made it.
		if _, err := c.removeOurs(ctx, ref); !errors.Is(err, fault.Forbidden) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// RemoveCNIConfig deletes the settings of a cluster's network plugin when they
// are this provider's alone, and belong to no cluster that they would go with. It
// reports whether there are none now.
func (c *Client) RemoveCNIConfig(ctx context.Context, of CNIOf) (gone bool, err error) {
	gone, err = c.removeOurs(ctx, of.ref())
	if errors.Is(err, fault.Forbidden) {
		return false, nil // who may not delete it may empty it
	}
	return gone, err
}

// removeOurs deletes an object that is this provider's alone, and reports whether
// there is none now.
func (c *Client) removeOurs(ctx context.Context, ref kube.Ref) (gone bool, err error) {
	live, err := c.kube.Get(ctx, ref)
	if err == nil {
		if !onlyOurs(live) {
			return false, nil
		}
		err = c.kube.Delete(ctx, ref, kube.DeleteOptions{UID: live.GetUID()})
	}
	if errors.Is(err, fault.RouteAbsent) {
		err = nil
	}
	err = fault.Gone(err)
	return err == nil, err
}

// onlyOurs reports whether nobody but this provider asked for anything in the
// object's spec.
func onlyOurs(object *unstructured.Unstructured) bool {
	ours := false
	for _, entry := range object.GetManagedFields() {
		if entry.Manager == kube.FieldManager {
			ours = true
			continue
		}
		fields := map[string]any{}
		if entry.FieldsV1 == nil || utiljson.Unmarshal(entry.FieldsV1.GetRawBytes(), &fields) != nil {
			continue
		}
		if _, spec := fields["f:spec"]; spec && entry.Subresource == "" {
			return false
		}
	}
	return ours && len(object.GetOwnerReferences()) == 0 // what has an owner the platform collects
}

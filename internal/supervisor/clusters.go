package supervisor

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
)

// pruneTries is how often a removal is tried when others change the cluster at
// the same moment.
const pruneTries = 5

// Clusters gives the names of the VKS clusters in a vSphere Namespace, sorted. A
// namespace that this Supervisor does not have is fault.NotFound: an API server
// lists what is in any namespace, whether it exists or not.
func (c *Client) Clusters(ctx context.Context, namespace string) ([]string, error) {
	_, ref, err := c.clusters(ctx)
	if err != nil {
		return nil, err
	}
	list, err := c.kube.List(ctx, ref.In(namespace, ""), "")
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(list.Items))
	for i := range list.Items {
		names = append(names, list.Items[i].GetName())
	}
	if len(names) == 0 {
		if err := c.namespaceThere(ctx, namespace); err != nil {
			return nil, err
		}
	}
	slices.Sort(names)
	return names, nil
}

// GetCluster reads one cluster.
func (c *Client) GetCluster(ctx context.Context, namespace, name string) (*Cluster, error) {
	d, ref, err := c.clusters(ctx)
	if err != nil {
		return nil, err
	}
	return wrap(d)(c.kube.Get(ctx, ref.In(namespace, name)))
}

// ApplyCluster makes the cluster what spec asks for, and leaves alone what spec
// does not speak of. With dryRun, admission answers and nothing is stored.
func (c *Client) ApplyCluster(ctx context.Context, spec ClusterSpec, dryRun bool) (*Cluster, error) {
	d, ref, err := c.clusters(ctx)
	if err != nil {
		return nil, err
	}
	return wrap(d)(c.kube.Apply(ctx, ref.In(spec.Namespace, spec.Name), d.object(spec), kube.ApplyOptions{Force: true, DryRun: dryRun}))
}

// CreatingAnnotation marks a cluster from the first write of a creation until
// its end. One that still has it is in nobody's state: the apply was killed.
const CreatingAnnotation = kube.FieldManager + "/creating"

// FinishCluster takes the mark away.
func (c *Client) FinishCluster(ctx context.Context, namespace, name string) error {
	_, ref, err := c.clusters(ctx)
	if err != nil {
		return err
	}
	_, err = c.kube.MergePatch(ctx, ref.In(namespace, name), []byte(`{"metadata":{"annotations":{"`+CreatingAnnotation+`":null}}}`))
	return err
}

// PruneCluster removes what prior asked for and wanted does not, whoever applied
// it, and reports whether there was anything left of it.
func (c *Client) PruneCluster(ctx context.Context, prior, wanted ClusterSpec) (cluster *Cluster, changed bool, err error) {
	d, ref, err := c.clusters(ctx)
	if err != nil {
		return nil, false, err
	}
	ref = ref.In(wanted.Namespace, wanted.Name)
	before, after := d.object(prior), d.object(wanted)
	for try := 0; ; try++ {
		live, err := c.kube.Get(ctx, ref)
		if err != nil {
			return nil, false, err
		}
		if !pruneObject(live, before, after) {
			return &Cluster{dialect: d, object: live}, false, nil
		}
		updated, err := c.kube.Update(ctx, ref, live)
		if fault.KindOf(err) == fault.Conflict && try < pruneTries {
			continue
		}
		cluster, err := wrap(d)(updated, err)
		return cluster, err == nil, err
	}
}

// pruneObject looks at the parts that a spec speaks of.
func pruneObject(live, prior, wanted *unstructured.Unstructured) bool {
	changed := false
	for _, path := range [][]string{{"metadata", "labels"}, {"metadata", "annotations"}, {"spec", "topology"}} {
		change := clusterPruner.prune(node(live.Object).at(path...), node(prior.Object).at(path...), node(wanted.Object).at(path...))
		changed = change || changed
	}
	change := clusterPruner.prune(node(live.Object).at("spec"), gatesOf(prior), gatesOf(wanted))
	return change || changed
}

// gatesOf is the one part of the spec outside of the topology that can be taken away.
func gatesOf(cluster *unstructured.Unstructured) map[string]any {
	const key = "availabilityGates"
	if gates, there := node(cluster.Object).at("spec")[key]; there {
		return map[string]any{key: gates}
	}
	return nil
}

// DeleteCluster asks for the deletion of that incarnation of the cluster.
func (c *Client) DeleteCluster(ctx context.Context, namespace, name string, uid types.UID) error {
	_, ref, err := c.clusters(ctx)
	if err != nil {
		return err
	}
	return c.kube.Delete(ctx, ref.In(namespace, name), kube.DeleteOptions{UID: uid})
}

// ClusterWatch follows one cluster.
type ClusterWatch struct {
	dialect dialect
	watch   *kube.Watch
}

// WatchCluster starts to follow a cluster until ctx ends.
func (c *Client) WatchCluster(ctx context.Context, namespace, name string) (*ClusterWatch, error) {
	d, ref, err := c.clusters(ctx)
	if err != nil {
		return nil, err
	}
	return &ClusterWatch{dialect: d, watch: c.kube.Watch(ctx, ref.In(namespace, name))}, nil
}

// Changes is signalled when the cluster changed.
func (w *ClusterWatch) Changes() <-chan struct{} { return w.watch.Changes() }

// Get gives the cluster as last seen.
func (w *ClusterWatch) Get(ctx context.Context) (*Cluster, error) {
	return wrap(w.dialect)(w.watch.Get(ctx))
}

// clusters chooses the version of the Cluster API: v1beta2 where it is served
// (VKS 3.5 and later), else v1beta1.
func (c *Client) clusters(ctx context.Context) (dialect, kube.Ref, error) {
	for _, d := range []dialect{v1beta2, v1beta1} {
		served, err := c.kube.Serves(ctx, string(d), "clusters")
		if err != nil {
			return "", kube.Ref{}, err
		}
		if served {
			gv, err := schema.ParseGroupVersion(string(d))
			return d, kube.Ref{GVR: gv.WithResource("clusters"), Kind: clusterKind}, err
		}
	}
	f := c.fail(fault.RouteAbsent, "find the Cluster API", "the server does not serve cluster.x-k8s.io/v1beta2 or v1beta1")
	f.Advice = "This is no Supervisor with vSphere Kubernetes Service, or the service is not installed."
	return "", kube.Ref{}, f
}

func wrap(d dialect) func(*unstructured.Unstructured, error) (*Cluster, error) {
	return func(object *unstructured.Unstructured, err error) (*Cluster, error) {
		if err != nil {
			return nil, err
		}
		return &Cluster{dialect: d, object: object}, nil
	}
}

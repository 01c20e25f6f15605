package supervisor

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
)

// sweep empties a namespace that is being deleted and lets it go. The namespace
// controller would do the same, but it waits five seconds before each look, and
// takes two; what the sweep leaves behind is left to it.
func (s *Supervisor) sweep(ctx context.Context, name string) error {
	resources, err := s.sweepable()
	if err != nil {
		return err
	}
	objects, err := dynamic.NewForConfig(s.admin)
	if err != nil {
		return err
	}
	var left atomic.Int64
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for _, resource := range resources {
		in := objects.Resource(resource).Namespace(name)
		g.Go(func() error {
			err := in.DeleteCollection(gctx, metav1.DeleteOptions{}, metav1.ListOptions{})
			if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsMethodNotSupported(err) {
				return fmt.Errorf("sweep %s of %s: %w", resource.Resource, name, err)
			}
			list, err := in.List(gctx, metav1.ListOptions{Limit: 1})
			if err != nil {
				return err
			}
			left.Add(int64(len(list.Items)))
			return nil
		})
	}
	if err := g.Wait(); err != nil || left.Load() > 0 {
		return err
	}
	return s.finalize(ctx, name)
}

func (s *Supervisor) finalize(ctx context.Context, name string) error {
	core, err := kubernetes.NewForConfig(s.admin)
	if err != nil {
		return err
	}
	ns, err := core.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	ns.Spec.Finalizers = slices.DeleteFunc(ns.Spec.Finalizers, func(f corev1.FinalizerName) bool { return f == corev1.FinalizerKubernetes })
	_, err = core.CoreV1().Namespaces().Finalize(ctx, ns, metav1.UpdateOptions{})
	return err
}

// sweepable are the kinds of objects that a namespace can hold.
func (s *Supervisor) sweepable() ([]schema.GroupVersionResource, error) {
	client, err := discovery.NewDiscoveryClientForConfig(s.admin)
	if err != nil {
		return nil, err
	}
	lists, err := client.ServerPreferredNamespacedResources()
	if err != nil {
		return nil, err
	}
	lists = discovery.FilteredBy(discovery.SupportsAllVerbs{Verbs: []string{"list", "deletecollection"}}, lists)
	found, err := discovery.GroupVersionResources(lists)
	if err != nil {
		return nil, err
	}
	var out []schema.GroupVersionResource
	for resource := range found {
		out = append(out, resource)
	}
	return out, nil
}

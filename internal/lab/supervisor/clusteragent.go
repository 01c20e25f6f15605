package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Conditions that VKS adds to those of Cluster API.
const (
	conditionAddons       = "AddonsReconciled"
	conditionSystemChecks = "SystemChecksSucceeded"
)

// apiServerPoll is how often the agent asks whether a workload API server is up.
const apiServerPoll = 300 * time.Millisecond

// clusterOfChild queues the Cluster that an infrastructure object belongs to.
func (a *agents) clusterOfChild(resource schema.GroupVersionResource, key string) {
	obj, ok, err := a.stores[resource].GetByKey(key)
	if err != nil || !ok {
		return
	}
	u, ok := obj.(*unstructured.Unstructured)
	if !ok {
		return
	}
	if name := u.GetLabels()[clusterv1.ClusterNameLabel]; name != "" {
		a.cluster.add(u.GetNamespace() + "/" + name)
	}
}

// reconcileCluster does for a Cluster what VKS does beside Cluster API.
func (s *Supervisor) reconcileCluster(ctx context.Context, key string) (time.Duration, error) {
	namespace, name, err := cache.SplitMetaNamespaceKey(key)
	if err != nil {
		return 0, err
	}
	c, err := s.cachedCluster(key)
	if err != nil {
		return 0, err
	}
	if c == nil {
		s.events.publish(ClusterEvent{Namespace: namespace, Name: name, Deleted: true})
		return 0, nil
	}
	if !c.DeletionTimestamp.IsZero() {
		// Cluster API deletes nothing of a paused Cluster, and this one may be deleted before it ever ran.
		return orphanPoll, errors.Join(s.unpause(ctx, c), s.freeOrphans(ctx, c), s.letGo(ctx, c))
	}
	s.events.publish(ClusterEvent{Namespace: namespace, Name: name, UID: string(c.UID), Available: controlPlaneReady(c)})
	if err := s.reconcileCNI(ctx, c); err != nil {
		return 0, err
	}
	if err := s.unpause(ctx, c); err != nil {
		return 0, err
	}
	if err := s.reconcileService(ctx, c); err != nil {
		return 0, err
	}
	if err := s.setFailureDomains(ctx, c); err != nil {
		return 0, err
	}
	return s.setConditions(ctx, c)
}

func (s *Supervisor) cachedCluster(key string) (*clusterv1.Cluster, error) {
	obj, ok, err := s.agents.stores[resourceClusters].GetByKey(key)
	if err != nil || !ok {
		return nil, err
	}
	u, ok := obj.(*unstructured.Unstructured)
	if !ok {
		return nil, nil
	}
	c := &clusterv1.Cluster{}
	return c, runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, c)
}

// controlPlaneReady is when an API server could answer. Cluster API says so
// before the workers are there.
func controlPlaneReady(c *clusterv1.Cluster) bool {
	initialized := c.Status.Initialization.ControlPlaneInitialized
	return initialized != nil && *initialized
}

// unpause ends the pause that admission began.
func (s *Supervisor) unpause(ctx context.Context, c *clusterv1.Cluster) error {
	key := client.ObjectKeyFromObject(c)
	if !s.paused.take(key) {
		return nil
	}
	patch := []byte(`{"spec":{"paused":null}}`)
	err := s.kube.Patch(ctx, c, client.RawPatch("application/merge-patch+json", patch))
	if err != nil {
		s.paused.set(key, true) // for the next try
	}
	return client.IgnoreNotFound(err)
}

// setFailureDomains gives the infrastructure the zones of the namespace, which
// Cluster API copies to the Cluster: the in-memory provider has none.
func (s *Supervisor) setFailureDomains(ctx context.Context, c *clusterv1.Cluster) error {
	if !c.Spec.InfrastructureRef.IsDefined() || len(c.Status.FailureDomains) > 0 {
		return nil
	}
	zones, err := s.zonesOf(ctx, c.Namespace)
	if err != nil || len(zones) == 0 {
		return err
	}
	var domains []any
	for _, z := range zones {
		domains = append(domains, map[string]any{"name": z, "controlPlane": true})
	}
	u := object(kindDevCluster, c.Namespace, c.Spec.InfrastructureRef.Name, map[string]any{
		"status": map[string]any{"failureDomains": domains},
	})
	// Applying to an object that is not there would be an error, and rightly.
	return client.IgnoreNotFound(s.applyStatus(ctx, u, fieldManager))
}

// setConditions adds VKS's conditions, and the lab's gate, as far as the Cluster
// has come.
func (s *Supervisor) setConditions(ctx context.Context, c *clusterv1.Cluster) (time.Duration, error) {
	var add []string
	var again time.Duration
	if controlPlaneReady(c) && !conditionTrue(c, APIServerReadyCondition) {
		if s.apiServerReady(ctx, c) {
			add = append(add, APIServerReadyCondition)
		} else {
			again = apiServerPoll
		}
	}
	if conditionTrue(c, clusterv1.ClusterAvailableCondition) {
		// Whoever set one of them to False, a test for one, is not overruled.
		for _, kind := range []string{conditionSystemChecks, conditionAddons} {
			if findCondition(c, kind) == nil {
				add = append(add, kind)
			}
		}
	}
	now := metav1.NewTime(s.now())
	for _, kind := range add {
		u := object(kindCluster, c.Namespace, c.Name, map[string]any{"status": map[string]any{
			"conditions": []any{condition(kind, "True", reasonOf(kind), "", now)},
		}})
		// A field manager for each: applying one must not give up the other.
		if err := s.applyStatus(ctx, u, "vks-"+strings.ToLower(kind)); err != nil {
			return 0, client.IgnoreNotFound(err)
		}
	}
	return again, nil
}

func reasonOf(kind string) string {
	return map[string]string{
		conditionAddons: "ReconcileSucceeded", conditionSystemChecks: "Succeeded", APIServerReadyCondition: "Ready",
	}[kind]
}

func (s *Supervisor) apiServerReady(ctx context.Context, c *clusterv1.Cluster) bool {
	if c.Annotations[AnnotationLoadBalancerIP] != "" {
		return false
	}
	source := s.workloadSource()
	if source == nil {
		return true
	}
	_, _, ok := source.Endpoint(ctx, c.Namespace, c.Name)
	return ok
}

func findCondition(c *clusterv1.Cluster, kind string) *metav1.Condition {
	for i := range c.Status.Conditions {
		if c.Status.Conditions[i].Type == kind {
			return &c.Status.Conditions[i]
		}
	}
	return nil
}

func conditionTrue(c *clusterv1.Cluster, kind string) bool {
	found := findCondition(c, kind)
	return found != nil && found.Status == metav1.ConditionTrue
}

// decodeInto reads a JSON string that a template recorded on a machine.
func decodeInto(text string, into any) {
	if text != "" {
		_ = json.Unmarshal([]byte(text), into) // the class's own patch wrote it
	}
}

package supervisor

import (
	"context"
	"errors"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
)

// agents are VKS's own controllers, as far as the lab has them.
type agents struct {
	cluster *worker // by namespace/name of a Cluster
	usage   *worker // by namespace
	stores  map[schema.GroupVersionResource]cache.Store
}

var (
	resourceClusters    = clusterv1.GroupVersion.WithResource("clusters")
	resourceDevClusters = kindDevCluster.GroupVersion().WithResource("devclusters")
	resourceDevMachines = kindDevMachine.GroupVersion().WithResource("devmachines")
	resourceVMServices  = kindVMService.GroupVersion().WithResource("virtualmachineservices")
	resourceBootstraps  = kindBootstrap.GroupVersion().WithResource("clusterbootstraps")

	resourceAntreaConfigs = kindAntreaConfig.GroupVersion().WithResource("antreaconfigs")
	resourceCalicoConfigs = kindCalicoConfig.GroupVersion().WithResource("calicoconfigs")
	resourceAddonConfigs  = kindAddonConfig.GroupVersion().WithResource("addonconfigs")

	resourceVolumes = corev1.SchemeGroupVersion.WithResource("persistentvolumeclaims")
)

// startAgents runs the agents until ctx ends. Informers deal with watches that
// break, and the queue with work that fails.
func (s *Supervisor) startAgents(ctx context.Context) error {
	client, err := dynamic.NewForConfig(s.admin)
	if err != nil {
		return err
	}
	a := &agents{stores: map[schema.GroupVersionResource]cache.Store{}}
	a.cluster = newWorker(s.reconcileCluster)
	a.usage = newWorker(s.reconcileUsage)
	s.agents = a

	factory := dynamicinformer.NewDynamicSharedInformerFactory(client, 0)
	for resource, key := range map[schema.GroupVersionResource]func(string){
		resourceClusters:     a.cluster.add,
		resourceDevClusters:  func(key string) { a.clusterOfChild(resourceDevClusters, key) },
		resourceDevMachines:  a.usage.addNamespaceOf,
		resourceAddonConfigs: a.clustersBeside,
		resourceBootstraps:   nobody, resourceAntreaConfigs: nobody, resourceCalicoConfigs: nobody, resourceVMServices: nobody,
		resourceVolumes: a.usage.addNamespaceOf,
	} {
		informer := factory.ForResource(resource).Informer()
		a.stores[resource] = informer.GetStore()
		if _, err := informer.AddEventHandler(keyHandler(key)); err != nil {
			return err
		}
	}
	factory.Start(ctx.Done())
	for resource, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return errors.New("cache of " + resource.Resource + " did not fill")
		}
	}
	go a.cluster.run(ctx)
	go a.usage.run(ctx)
	return nil
}

// nobody is who works at a change of what the agents only look up.
func nobody(string) {}

// clustersBeside queues the Clusters of the namespace of an object.
func (a *agents) clustersBeside(key string) {
	namespace, _, err := cache.SplitMetaNamespaceKey(key)
	if err != nil {
		return
	}
	for _, cluster := range a.stores[resourceClusters].ListKeys() {
		if strings.HasPrefix(cluster, namespace+"/") {
			a.cluster.add(cluster)
		}
	}
}

// cached is an object as an agent has last heard of it, or nil. It is not to be
// changed.
func (s *Supervisor) cached(resource schema.GroupVersionResource, namespace, name string) *unstructured.Unstructured {
	obj, ok, err := s.agents.stores[resource].GetByKey(namespace + "/" + name)
	if err != nil || !ok {
		return nil
	}
	u, _ := obj.(*unstructured.Unstructured)
	return u
}

func (s *Supervisor) cachedIn(resource schema.GroupVersionResource, namespace string) []*unstructured.Unstructured {
	var out []*unstructured.Unstructured
	for _, obj := range s.agents.stores[resource].List() {
		if u, ok := obj.(*unstructured.Unstructured); ok && u.GetNamespace() == namespace {
			out = append(out, u)
		}
	}
	return out
}

// keyHandler calls f with the key of whatever changes.
func keyHandler(f func(string)) cache.ResourceEventHandlerFuncs {
	enqueue := func(obj any) {
		if key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(obj); err == nil {
			f(key)
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc: enqueue, DeleteFunc: enqueue,
		UpdateFunc: func(_, obj any) { enqueue(obj) },
	}
}

// worker is a queue of keys and what is done with each, one at a time.
type worker struct {
	queue     workqueue.TypedRateLimitingInterface[string]
	reconcile func(ctx context.Context, key string) (again time.Duration, err error)
}

func newWorker(f func(context.Context, string) (time.Duration, error)) *worker {
	limiter := workqueue.NewTypedItemExponentialFailureRateLimiter[string](50*time.Millisecond, 5*time.Second)
	return &worker{queue: workqueue.NewTypedRateLimitingQueue(limiter), reconcile: f}
}

func (w *worker) add(key string) { w.queue.Add(key) }

func (w *worker) addNamespaceOf(key string) {
	if namespace, _, err := cache.SplitMetaNamespaceKey(key); err == nil {
		// Machines come in groups: count them once they are all there.
		w.queue.AddAfter(namespace, 200*time.Millisecond)
	}
}

func (w *worker) run(ctx context.Context) {
	context.AfterFunc(ctx, w.queue.ShutDown)
	for {
		key, quit := w.queue.Get()
		if quit {
			return
		}
		again, err := w.reconcile(ctx, key)
		switch {
		case err != nil:
			// Conflicts and objects that went away between two calls: both
			// are gone at the next try.
			w.queue.AddRateLimited(key)
		case again > 0:
			w.queue.Forget(key)
			w.queue.AddAfter(key, again)
		default:
			w.queue.Forget(key)
		}
		w.queue.Done(key)
	}
}

package supervisor

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
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
	resourceVolumes     = corev1.SchemeGroupVersion.WithResource("persistentvolumeclaims")
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
		resourceClusters:    a.cluster.add,
		resourceDevClusters: func(key string) { a.clusterOfChild(resourceDevClusters, key) },
		resourceDevMachines: a.usage.addNamespaceOf,
		resourceVolumes:     a.usage.addNamespaceOf,
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

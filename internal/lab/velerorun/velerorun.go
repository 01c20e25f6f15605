// Package velerorun is the kubelet of the lab for one program: where a workload
// cluster has a Deployment called velero, the real Velero server runs as a
// process against that cluster, with the flags, the plugins, the credentials
// and the service account that the Deployment says; and its status tells how it
// fares. Nothing else of a cluster's workloads runs.
package velerorun

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

// The names that Velero's installers give, and that Velero itself looks for.
const (
	deploymentName = "velero"
	daemonSetName  = "node-agent"
)

// Cluster is a cluster to watch.
type Cluster struct {
	// Name tells its processes and logs from those of other clusters.
	Name string
	// Config is an administrator's.
	Config *rest.Config
	// Kubeconfig makes a file for a user of the cluster: the server runs as its
	// service account, so that what that may not do fails here too.
	Kubeconfig func(user string, groups ...string) ([]byte, error)
	// Nodes is on how many nodes a DaemonSet counts as running.
	Nodes int32
}

// Options say with what the servers are run.
type Options struct {
	BinDir string
	// PluginDir holds the AWS plugin and nothing else.
	PluginDir string
	// Dir receives what the servers write, LogDir their logs.
	Dir, LogDir string
}

// Runner watches one cluster.
type Runner struct {
	options Options
	cluster Cluster
	api     kubernetes.Interface
	log     *log.Logger
	logFile io.Closer

	deployments, daemonSets cache.SharedIndexInformer
	queue                   workqueue.TypedRateLimitingInterface[item]
	servers                 map[string]*server // by namespace; only the worker touches it

	cancel context.CancelFunc
	done   sync.WaitGroup
}

// item is an object to look at again.
type item struct{ resource, namespace string }

// Start watches the cluster until Stop.
func Start(ctx context.Context, o Options, c Cluster) (*Runner, error) {
	r := &Runner{options: o, cluster: c, servers: map[string]*server{}}
	if err := r.prepare(); err != nil {
		return nil, fmt.Errorf("run Velero in %s: %w", c.Name, err)
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r.cancel = cancel
	r.done.Go(func() { r.deployments.RunWithContext(run) })
	r.done.Go(func() { r.daemonSets.RunWithContext(run) })
	r.done.Go(func() { r.work(run) })
	return r, nil
}

func (r *Runner) prepare() (err error) {
	if r.api, err = kubernetes.NewForConfig(r.cluster.Config); err != nil {
		return err
	}
	if err := os.MkdirAll(r.options.LogDir, 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(r.options.LogDir, r.cluster.Name+"-velero-runner.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	r.log, r.logFile = log.New(file, "", log.LstdFlags|log.Lmicroseconds), file
	r.queue = workqueue.NewTypedRateLimitingQueue(
		workqueue.NewTypedItemExponentialFailureRateLimiter[item](50*time.Millisecond, 5*time.Second))
	r.deployments = r.informer("deployments", deploymentName, &appsv1.Deployment{})
	r.daemonSets = r.informer("daemonsets", daemonSetName, &appsv1.DaemonSet{})
	return nil
}

// informer watches one name in all namespaces, so that a cluster full of
// tenants costs nothing.
func (r *Runner) informer(resource, name string, object runtime.Object) cache.SharedIndexInformer {
	source := cache.NewListWatchFromClient(r.api.AppsV1().RESTClient(), resource, metav1.NamespaceAll,
		fields.OneTermEqualSelector(metav1.ObjectNameField, name))
	informer := cache.NewSharedIndexInformer(source, object, 0, cache.Indexers{})
	add := func(object any) {
		key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object)
		if err != nil {
			return
		}
		if namespace, _, err := cache.SplitMetaNamespaceKey(key); err == nil {
			r.queue.Add(item{resource, namespace})
		}
	}
	// Adding a handler fails only on an informer that was stopped.
	_, _ = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: add, UpdateFunc: func(_, object any) { add(object) }, DeleteFunc: add,
	})
	return informer
}

// work looks at one object at a time until the queue is shut down.
func (r *Runner) work(ctx context.Context) {
	if !cache.WaitForCacheSync(ctx.Done(), r.deployments.HasSynced, r.daemonSets.HasSynced) {
		return
	}
	for {
		it, shutdown := r.queue.Get()
		if shutdown {
			return
		}
		if err := r.look(ctx, it); err != nil && ctx.Err() == nil {
			r.log.Printf("%s in %s: %v", it.resource, it.namespace, err)
			r.queue.AddRateLimited(it)
		} else {
			r.queue.Forget(it)
		}
		r.queue.Done(it)
	}
}

func (r *Runner) look(ctx context.Context, it item) error {
	if it.resource == "daemonsets" {
		return r.lookAtDaemonSet(ctx, it.namespace)
	}
	return r.lookAtDeployment(ctx, it)
}

func (r *Runner) lookAtDeployment(ctx context.Context, it item) error {
	object, exists, err := r.deployments.GetStore().GetByKey(it.namespace + "/" + deploymentName)
	if err != nil {
		return err
	}
	d, ok := object.(*appsv1.Deployment)
	if !exists || !ok || d.DeletionTimestamp != nil || replicas(d) == 0 {
		r.stopServer(it.namespace)
		if exists && ok {
			return r.report(ctx, d, state{phase: scaledToZero})
		}
		return nil
	}
	template, err := templateOf(d)
	if err != nil {
		return err
	}
	s := r.servers[it.namespace]
	if s == nil || s.template != template {
		r.stopServer(it.namespace)
		s = r.startServer(ctx, it, d, template)
		r.servers[it.namespace] = s
	}
	now := s.state()
	if wait := now.untilDeadline(d, time.Now()); wait > 0 {
		r.queue.AddAfter(it, wait)
	}
	return r.report(ctx, d, now)
}

// report writes the status when it differs.
func (r *Runner) report(ctx context.Context, d *appsv1.Deployment, now state) error {
	status := deploymentStatus(d, now, metav1.Now())
	if sameStatus(d.Status, status) {
		return nil
	}
	d = d.DeepCopy()
	d.Status = status
	_, err := r.api.AppsV1().Deployments(d.Namespace).UpdateStatus(ctx, d, metav1.UpdateOptions{})
	return ignoreGone(err)
}

func (r *Runner) lookAtDaemonSet(ctx context.Context, namespace string) error {
	object, exists, err := r.daemonSets.GetStore().GetByKey(namespace + "/" + daemonSetName)
	d, ok := object.(*appsv1.DaemonSet)
	if err != nil || !exists || !ok {
		return err
	}
	status := daemonSetStatus(d, r.cluster.Nodes)
	if sameStatus(d.Status, status) {
		return nil
	}
	d = d.DeepCopy()
	d.Status = status
	_, err = r.api.AppsV1().DaemonSets(namespace).UpdateStatus(ctx, d, metav1.UpdateOptions{})
	return ignoreGone(err)
}

func (r *Runner) stopServer(namespace string) {
	if s := r.servers[namespace]; s != nil {
		s.stop()
		delete(r.servers, namespace)
	}
}

// Stop ends the watch and every server.
func (r *Runner) Stop() {
	r.cancel()
	r.queue.ShutDown()
	r.done.Wait()
	var all sync.WaitGroup
	for _, s := range r.servers {
		all.Go(s.stop)
	}
	all.Wait()
	_ = os.RemoveAll(filepath.Join(r.options.Dir, r.cluster.Name))
	_ = r.logFile.Close()
}

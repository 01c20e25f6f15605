// Package workload is the lab's workload clusters: for each Cluster of the
// Supervisor that becomes available a Kubernetes API server of its own, on an
// address of its own at port 6443, as VKS has it.
//
// A cluster's front door is open at once; the API server behind it starts when
// the first request comes. A test run makes far more clusters than it looks
// into, and an API server costs seconds and a third of a gigabyte.
package workload

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/lab/kubeapi"
)

// AttachedNamespace and AttachedName are the key of the cluster that no
// Supervisor knows: one that was there before.
const (
	AttachedNamespace = "-"
	AttachedName      = "attached"
)

// Authenticator knows the users of the Supervisor.
type Authenticator interface {
	// Authenticate says whose a token of the Supervisor's login is, as Kubernetes names.
	Authenticate(token string) (user string, groups []string, err error)
	// GuestRole says what the user may do in the clusters of a vSphere Namespace.
	GuestRole(ctx context.Context, user string, groups []string, namespace string) (edit, view bool)
}

// Wrapper is the part of the traffic seam that front doors need.
type Wrapper interface {
	Wrap(target string, next http.Handler) http.Handler
}

// ClusterEvent is news of a Cluster on the Supervisor.
type ClusterEvent struct {
	Namespace, Name    string
	UID                string // tells it from an earlier one of the same name
	Available, Deleted bool
}

// addRetry is how soon a cluster that could not be opened is tried again.
const addRetry = time.Second

// Options say how clusters are run. BinDir and Dir are required.
type Options struct {
	BinDir string
	// Dir receives the certificates and data, LogDir the logs; default Dir.
	Dir, LogDir string
	// SnapshotCRDs is the directory of the CSI snapshot CRDs, which VKS puts into every cluster.
	SnapshotCRDs string
	Auth         Authenticator // nil: client certificates only
	Seam         Wrapper       // nil: no request log, no faults
	// OnStart is called for each API server that has come up, to run in the
	// cluster what a real one would run; what it returns is called before the
	// server stops.
	OnStart func(ctx context.Context, c *Cluster, server *kubeapi.Server) (stop func(), err error)
}

// Fleet is all workload clusters of a lab.
type Fleet struct {
	options Options
	etcd    *kubeapi.Etcd
	// run ends when the fleet stops, and with it every start that is under way.
	run    context.Context
	cancel context.CancelFunc
	// starting keeps a burst of first requests from starting all at once.
	starting chan struct{}

	mu       sync.Mutex
	clusters map[key]*Cluster
	// failed are clusters that the Supervisor has and that could not be opened.
	failed   map[key]failure
	stopped  bool
	stopping sync.WaitGroup
}

type key struct{ namespace, name string }

type failure struct {
	event ClusterEvent
	err   error
}

// Start starts what all clusters share.
func Start(ctx context.Context, o Options) (*Fleet, error) {
	if o.LogDir == "" {
		o.LogDir = o.Dir
	}
	etcd, err := kubeapi.StartEtcd(ctx, o.BinDir, filepath.Join(o.Dir, "etcd"))
	if err != nil {
		return nil, fmt.Errorf("start workload clusters: %w", err)
	}
	f := &Fleet{options: o, etcd: etcd, clusters: map[key]*Cluster{}, failed: map[key]failure{}, starting: make(chan struct{}, 2)}
	f.run, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return f, nil
}

// Follow opens and closes clusters as events come, until the channel is closed
// or the fleet is stopped. What fails is told to report, and tried again.
func (f *Fleet) Follow(events <-chan ClusterEvent, report func(error)) {
	retry := time.NewTicker(addRetry)
	defer retry.Stop()
	for {
		select {
		case <-f.run.Done():
			return
		case event, ok := <-events:
			if !ok {
				return
			}
			if err := f.apply(event); err != nil {
				report(err)
			}
		case <-retry.C:
			for _, event := range f.unopened() {
				if err := f.apply(event); err != nil {
					report(err)
				}
			}
		}
	}
}

func (f *Fleet) apply(event ClusterEvent) error {
	id := key{event.Namespace, event.Name}
	if c, ok := f.Cluster(event.Namespace, event.Name); event.Deleted || ok && c.uid != event.UID {
		f.Remove(event.Namespace, event.Name)
	}
	var err error
	if event.Available && !event.Deleted {
		_, err = f.add(f.run, event.Namespace, event.Name, event.UID)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.failed, id)
	if err != nil && !f.stopped {
		f.failed[id] = failure{event, err}
	}
	return err
}

// unopened are the events that are to be tried again.
func (f *Fleet) unopened() []ClusterEvent {
	f.mu.Lock()
	defer f.mu.Unlock()
	events := make([]ClusterEvent, 0, len(f.failed))
	for _, failed := range f.failed {
		events = append(events, failed.event)
	}
	return events
}

// Add opens the front door of a cluster. One that is there already is returned.
func (f *Fleet) Add(ctx context.Context, namespace, name string) (*Cluster, error) {
	return f.add(ctx, namespace, name, "")
}

func (f *Fleet) add(ctx context.Context, namespace, name, uid string) (*Cluster, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		return nil, errors.New("the workload clusters are stopped")
	}
	id := key{namespace, name}
	if c, ok := f.clusters[id]; ok {
		return c, nil
	}
	c, err := f.open(ctx, namespace, name)
	if err != nil {
		return nil, fmt.Errorf("workload cluster %s/%s: %w", namespace, name, err)
	}
	c.uid = uid
	f.clusters[id] = c
	return c, nil
}

// Remove closes a cluster and stops its server, in the background.
func (f *Fleet) Remove(namespace, name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := key{namespace, name}
	if c, ok := f.clusters[id]; ok {
		delete(f.clusters, id)
		f.stopping.Go(c.stop)
	}
}

// Cluster is an open cluster.
func (f *Fleet) Cluster(namespace, name string) (*Cluster, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.clusters[key{namespace, name}]
	return c, ok
}

// Kubeconfig is the administrator's, with a client certificate: what the
// Secret of the cluster holds.
func (f *Fleet) Kubeconfig(_ context.Context, namespace, cluster string) ([]byte, bool) {
	c, ok := f.Cluster(namespace, cluster)
	if !ok {
		return nil, false
	}
	return c.Kubeconfig(), true
}

// Endpoint is the address of a cluster, without the port, which is 6443, and
// the CA of its certificate.
func (f *Fleet) Endpoint(_ context.Context, namespace, cluster string) (host string, caPEM []byte, ok bool) {
	c, ok := f.Cluster(namespace, cluster)
	if !ok {
		return "", nil, false
	}
	return c.host, c.ca.CertPEM(), true
}

// Err says what has died since it started, and what could not be opened so far.
// It is nil while all is well.
func (f *Fleet) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	errs := []error{f.etcd.Err()}
	for _, c := range f.clusters {
		errs = append(errs, c.err())
	}
	for _, failed := range f.failed {
		errs = append(errs, failed.err)
	}
	return errors.Join(errs...)
}

// Stop ends all clusters.
func (f *Fleet) Stop() {
	f.mu.Lock()
	f.stopped = true
	f.cancel()
	for id, c := range f.clusters {
		delete(f.clusters, id)
		f.stopping.Go(c.stop)
	}
	f.mu.Unlock()
	f.stopping.Wait()
	f.etcd.Stop()
}

// cleanUp removes what a cluster left on the disk; its keys stay in etcd,
// under a prefix that is not used again.
func cleanUp(dir string) { _ = os.RemoveAll(dir) }

// Package supervisor is the lab's Supervisor: a kube-apiserver with the real
// Cluster API controllers behind VKS-like admission, reached through a front
// door that logs SSO users in and impersonates them.
//
// What VKS adds to Cluster API is played by this process: KubernetesRelease
// objects, ClusterClasses over the in-memory infrastructure provider, webhooks
// that rewrite and refuse Clusters, quota and VM class objects of a vSphere
// Namespace. The package must not import the provider's own clients or
// services, or the lab would prove the code against itself.
package supervisor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/vksops/terraform-provider-vks/internal/lab/kubeapi"
	"github.com/vksops/terraform-provider-vks/internal/lab/pki"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// PublicNamespace holds the ClusterClasses that every tenant uses.
const PublicNamespace = "vmware-system-vks-public"

// Options say what a Supervisor is started with. BinDir, ManifestDir, Dir and
// CA are required.
type Options struct {
	BinDir      string // etcd, kube-apiserver, kube-controller-manager, capi-*
	ManifestDir string // core, bootstrap, controlplane, infra: crd/*.yaml and webhook.yaml
	Dir         string // data, certificates and logs of this Supervisor
	CA          *pki.CA

	// Listener is the front door's; default one at 127.0.0.1:0. Stop closes it.
	Listener net.Listener
	Seam     *traffic.Seam // nil: no request log, no faults

	Users    map[string]User // by user@domain
	TokenTTL time.Duration   // of a login; default 10 hours, as on the platform

	// MaxClusters is how many clusters there can be at a time; default, and at
	// most, 248.
	MaxClusters int
	Workloads   WorkloadSource // may also come later: SetWorkloads

	Now func() time.Time // nil means time.Now
}

// reservedCIDRs are the ranges of the Supervisor's own pods and services, which
// the pods of a cluster must not overlap.
var reservedCIDRs = []string{"10.244.0.0/20", "172.31.0.0/22"}

// WorkloadSource knows the API servers of the workload clusters.
type WorkloadSource interface {
	// Kubeconfig is the certificate-based admin kubeconfig of a cluster.
	Kubeconfig(ctx context.Context, namespace, cluster string) ([]byte, bool)
	// Endpoint is where a cluster listens, without a port: it is always 6443.
	Endpoint(ctx context.Context, namespace, cluster string) (host string, caPEM []byte, ok bool)
}

// Supervisor is a running Supervisor.
type Supervisor struct {
	opts  Options
	now   func() time.Time
	api   *kubeapi.Server
	admin *rest.Config
	kube  client.Client

	adminKubeconfig []byte

	managers     []*manager
	claim        net.Listener // of the ports of in-memory clusters
	admission    *http.Server
	admissionURL string
	door         *http.Server
	url          string
	olderDoor    *http.Server
	olderURL     string

	signer    *signer
	users     map[string]account
	workloads atomic.Pointer[WorkloadSource]

	releases []release
	classes  []clusterClass
	reserved []prefix
	paused   pausedOnCreate
	before   madeBefore

	agents *agents
	events *broadcaster

	stop     context.CancelFunc
	stopOnce sync.Once
}

// Start starts everything and returns when Clusters can be created.
func Start(ctx context.Context, o Options) (*Supervisor, error) {
	s, err := newSupervisor(o)
	if err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		s.Stop()
		return nil, fmt.Errorf("start supervisor: %w", err)
	}
	return s, nil
}

func newSupervisor(o Options) (*Supervisor, error) {
	if o.BinDir == "" || o.ManifestDir == "" || o.Dir == "" || o.CA == nil {
		return nil, errors.New("supervisor: BinDir, ManifestDir, Dir and CA are required")
	}
	if o.TokenTTL == 0 {
		o.TokenTTL = 10 * time.Hour
	}
	if o.MaxClusters <= 0 || o.MaxClusters > inMemoryRange-2 {
		o.MaxClusters = inMemoryRange - 2
	}
	s := &Supervisor{opts: o, now: o.Now, events: newBroadcaster()}
	if s.now == nil {
		s.now = time.Now
	}
	var err error
	if s.reserved, err = parsePrefixes(reservedCIDRs); err != nil {
		return nil, err
	}
	if s.signer, err = newSigner(); err != nil {
		return nil, err
	}
	if s.releases, err = loadReleases(); err != nil {
		return nil, err
	}
	s.classes = classes()
	s.users = accounts(o.Users)
	if o.Workloads != nil {
		s.SetWorkloads(o.Workloads)
	}
	return s, nil
}

// start brings the parts up in the order in which they need each other: the
// API server, its types, then the managers and everything that waits for none
// of them at the same time, and last the objects that their webhooks judge.
func (s *Supervisor) start(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Join(s.opts.Dir, "logs"), 0o755); err != nil {
		return err
	}
	if err := s.startAPI(ctx); err != nil {
		return err
	}
	if err := s.startAdmission(ctx); err != nil {
		return fmt.Errorf("admission: %w", err)
	}
	managers, err := s.prepareManagers(ctx)
	if err != nil {
		return err
	}
	if err := s.installTypes(ctx, managers); err != nil {
		return fmt.Errorf("install types: %w", err)
	}
	s.managers = managers

	g, gctx := errgroup.WithContext(ctx)
	for _, m := range managers {
		// The managers outlive this call; only the wait for them ends with it.
		g.Go(func() error { return m.start(context.WithoutCancel(ctx), gctx) })
	}
	g.Go(func() error { return s.installRoles(gctx) })
	g.Go(func() error { return s.installReleases(gctx) })
	if err := g.Wait(); err != nil {
		return err
	}
	if err := s.installClasses(ctx); err != nil {
		return fmt.Errorf("install cluster classes: %w", err)
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = cancel
	if err := s.startAgents(run); err != nil {
		return fmt.Errorf("agents: %w", err)
	}
	if err := s.startDoors(ctx); err != nil {
		return fmt.Errorf("front doors: %w", err)
	}
	return s.waitClasses(ctx)
}

// Stop ends every part. It may be called more than once.
func (s *Supervisor) Stop() {
	s.stopOnce.Do(func() {
		for _, door := range []*http.Server{s.door, s.olderDoor} {
			if door != nil {
				_ = door.Close()
			}
		}
		if s.opts.Listener != nil {
			_ = s.opts.Listener.Close() // also when the start did not come as far as the door
		}
		if s.stop != nil {
			s.stop()
		}
		s.events.close()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		for _, m := range s.managers {
			wg.Go(func() { m.stop(ctx) })
		}
		wg.Wait()
		if s.claim != nil {
			_ = s.claim.Close()
		}
		if s.admission != nil {
			_ = s.admission.Close()
		}
		if s.api != nil {
			s.api.Stop()
		}
	})
}

// SetWorkloads tells the Supervisor where the workload API servers are. The
// workload part needs a Supervisor to watch, so it cannot always come first.
func (s *Supervisor) SetWorkloads(w WorkloadSource) { s.workloads.Store(&w) }

func (s *Supervisor) workloadSource() WorkloadSource {
	if p := s.workloads.Load(); p != nil {
		return *p
	}
	return nil
}

// Err says what has died since the start. It is nil while all is well.
func (s *Supervisor) Err() error {
	errs := []error{s.api.Err()}
	for _, m := range s.managers {
		errs = append(errs, m.proc.Err())
	}
	return errors.Join(errs...)
}

// URL is the address of the front door.
func (s *Supervisor) URL() string { return s.url }

// OlderURL is the address of a second front door: the same Supervisor as it was
// before Cluster API v1beta2.
func (s *Supervisor) OlderURL() string { return s.olderURL }

// Config is an administrator's way to the API server, past the front door.
func (s *Supervisor) Config() *rest.Config { return rest.CopyConfig(s.admin) }

// RevokeTokens makes every token of a login invalid, as a restart of Workload
// Management does.
func (s *Supervisor) RevokeTokens() error { return s.signer.rotate() }

// Package lab starts a whole platform on loopback out of real parts: a vCenter
// (govmomi's simulator with what it lacks), a Supervisor (kube-apiserver and
// Cluster API's controllers), an API server for every workload cluster, the
// real Velero, and an S3 object store; all behind one seam that logs every
// request and injects faults.
//
// `make lab` runs one in the foreground. Tests attach to it (Attach), or start
// a small one of their own with only the parts they name (Start).
//
// Nothing below this package may import the provider's own clients, services or
// Terraform helpers: the lab would prove the code against itself.
package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/rest"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/vksops/terraform-provider-vks/internal/lab/objectstore"
	"github.com/vksops/terraform-provider-vks/internal/lab/pki"
	"github.com/vksops/terraform-provider-vks/internal/lab/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
	"github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/lab/workload"
)

// Options say what lab to start. The zero value is a whole lab in .lab of the
// repository.
type Options struct {
	// Dir receives everything the lab writes; default LAB_DIR, then .lab.
	Dir string
	// BinDir, PluginDir and ManifestDir are what `make setup` built.
	BinDir, PluginDir, ManifestDir string

	// Parts are those to start, with what they need; nil means all.
	Parts []Part

	// Clusters is the number of vSphere clusters, Hosts and VMs are of all
	// clusters together.
	Clusters, Hosts, VMs int
	// Latency delays every request to every part.
	Latency time.Duration

	// TokenTTL is the life of a Supervisor login, SessionTTL the idle time
	// after which a vCenter session expires.
	TokenTTL, SessionTTL time.Duration
	// Users are SSO users by user@domain, beside the standard ones.
	Users map[string]User
	// VCenter adjusts the vCenter before it starts: its version, its delays.
	VCenter func(*vcenter.Options)
	// Supervisor adjusts the Supervisor before it starts.
	Supervisor func(*supervisor.Options)

	// Progress is told of each part that has started, from several goroutines.
	Progress func(part string, took time.Duration)
}

// Lab is a running lab.
type Lab struct {
	options Options
	parts   partSet
	paths   paths
	users   users
	began   time.Time

	// The Supervisor has a CA of its own, as on a platform.
	ca, supervisorCA *pki.CA

	seam    *traffic.Seam
	control *http.Server

	// run is the life of the lab's own goroutines.
	run    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	unlock func()

	vcenter    *vcenter.VCenter
	supervisor *supervisor.Supervisor
	workloads  *workload.Fleet
	store      *objectstore.Store
	bridge     *bridge

	controlURL     string
	supervisorDoor net.Listener
	env            map[string]string
	ready          atomic.Bool // all parts are there
	stopOnce       sync.Once
}

// Start starts a lab and returns when every part is of use; only then does
// Dir/env appear. On an error nothing is left running.
func Start(ctx context.Context, o Options) (*Lab, error) {
	o, p, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	parts, err := newPartSet(o.Parts)
	if err != nil {
		return nil, err
	}
	quiet()
	unlock, err := lock(p)
	if err != nil {
		return nil, err
	}
	l := &Lab{options: o, parts: parts, paths: p, users: newUsers(o.Users), unlock: unlock, began: time.Now(), seam: traffic.New()}
	l.bridge = &bridge{}
	l.run, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if err := l.start(ctx); err != nil {
		return nil, errors.Join(err, l.Stop(context.WithoutCancel(ctx)))
	}
	return l, nil
}

// quiet keeps controller-runtime, which serves the Supervisor's webhooks, from
// complaining on the terminal that nobody told it where to log.
var quiet = sync.OnceFunc(func() {
	ctrllog.SetLogger(logr.Discard())
	// What the lab's own clients are warned about is nobody's business but the lab's.
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
})

func (l *Lab) start(ctx context.Context) error {
	if err := l.prepare(ctx); err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	store, fleet := make(chan struct{}), make(chan struct{})
	l.startPart(gctx, g, PartVCenter, l.startVCenter)
	l.startPart(gctx, g, PartSupervisor, l.startSupervisor)
	l.startPart(gctx, g, PartS3, func(ctx context.Context) error {
		defer close(store)
		return l.startStore(ctx)
	})
	l.startPart(gctx, g, PartWorkloads, func(ctx context.Context) error {
		defer close(fleet)
		return l.startWorkloads(ctx)
	})
	l.startPart(gctx, g, PartVelero, func(ctx context.Context) error {
		for _, needed := range []chan struct{}{store, fleet} {
			select {
			case <-needed:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if l.store == nil || l.workloads == nil {
			return errors.New("what it needs did not start")
		}
		return l.installVelero(ctx)
	})
	if err := g.Wait(); err != nil {
		return err
	}
	if err := l.connect(); err != nil {
		return err
	}
	l.ready.Store(true)
	return l.publish()
}

// prepare makes what all parts share.
func (l *Lab) prepare(ctx context.Context) (err error) {
	if err := l.paths.clean(); err != nil {
		return fmt.Errorf("start lab: %w", err)
	}
	if l.ca, err = pki.NewCA("lab-ca"); err != nil {
		return fmt.Errorf("start lab: %w", err)
	}
	if l.supervisorCA, err = pki.NewCA("lab-supervisor-ca"); err != nil {
		return fmt.Errorf("start lab: %w", err)
	}
	if err := os.WriteFile(l.paths.caFile, l.ca.CertPEM(), 0o644); err != nil {
		return fmt.Errorf("start lab: %w", err)
	}
	if err := os.WriteFile(l.paths.supervisorCAFile, l.supervisorCA.CertPEM(), 0o644); err != nil {
		return fmt.Errorf("start lab: %w", err)
	}
	if l.options.Latency > 0 {
		if _, err := l.seam.Inject(traffic.Fault{ID: "latency", Delay: l.options.Latency}); err != nil {
			return fmt.Errorf("start lab: %w", err)
		}
	}
	if err := l.startControl(ctx); err != nil {
		return fmt.Errorf("start lab: control: %w", err)
	}
	return nil
}

// startPart starts a part beside the others, when it is wanted. Its error says
// which part, and shows the end of its log.
func (l *Lab) startPart(ctx context.Context, g *errgroup.Group, part Part, start func(context.Context) error) {
	if !l.parts[part] {
		return
	}
	g.Go(func() error {
		began := time.Now()
		if err := start(ctx); err != nil {
			return l.partError(part, err)
		}
		if l.options.Progress != nil {
			l.options.Progress(string(part), time.Since(began))
		}
		return nil
	})
}

// Stop ends everything that was started and removes Dir/env. It returns early,
// with an error, when ctx ends first.
func (l *Lab) Stop(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.stopOnce.Do(l.stop)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop lab: %w", ctx.Err())
	}
}

func (l *Lab) stop() {
	_ = os.Remove(l.paths.envFile)
	l.cancel()
	if l.vcenter != nil {
		l.vcenter.Stop() // first: it calls the Supervisor
	}
	var all sync.WaitGroup
	if l.supervisor != nil {
		all.Go(l.supervisor.Stop)
	} else if l.supervisorDoor != nil {
		_ = l.supervisorDoor.Close()
	}
	if l.workloads != nil {
		all.Go(l.workloads.Stop)
	}
	all.Wait()
	if l.store != nil {
		l.store.Stop() // last: Velero talks to it until its end
	}
	if l.control != nil {
		_ = l.control.Close()
	}
	l.work.Wait()
	l.unlock()
}

// Err says what has gone wrong since the start: parts that died, each with the
// last lines of its log, and what broke the contract of vCenter. It is nil while
// all is well. After Stop only the contract is known.
func (l *Lab) Err() error {
	var errs []error
	if l.supervisor != nil {
		errs = append(errs, l.supervisor.Err())
	}
	if l.workloads != nil {
		errs = append(errs, l.workloads.Err())
	}
	if l.store != nil {
		errs = append(errs, l.store.Err())
	}
	return errors.Join(append(errs, broken(l.seam.Violations()))...)
}

// broken is nil when there are no violations.
func broken(violations []traffic.Violation) error {
	if len(violations) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d violations of a contract:", len(violations))
	for _, v := range violations[:min(len(violations), shownViolations)] {
		fmt.Fprintf(&b, "\n  %s", v)
	}
	if more := len(violations) - shownViolations; more > 0 {
		fmt.Fprintf(&b, "\n  and %d more", more)
	}
	return errors.New(b.String())
}

// shownViolations is how many are enough to see what is wrong.
const shownViolations = 20

// Dir is where everything of the lab is.
func (l *Lab) Dir() string { return l.paths.dir }

// Log is the path of a log of the lab.
func (l *Lab) Log(name string) string { return filepath.Join(l.paths.logs, name) }

// Env is what Dir/env holds. It is a copy.
func (l *Lab) Env() map[string]string {
	env := make(map[string]string, len(l.env))
	for key, value := range l.env {
		env[key] = value
	}
	return env
}

// Seam is where faults are injected and requests are looked up.
func (l *Lab) Seam() *traffic.Seam { return l.seam }

// VCenter is nil when that part was not started; so are the others.
func (l *Lab) VCenter() *vcenter.VCenter { return l.vcenter }

// Supervisor is the Supervisor.
func (l *Lab) Supervisor() *supervisor.Supervisor { return l.supervisor }

// Workloads are the workload clusters.
func (l *Lab) Workloads() *workload.Fleet { return l.workloads }

// ObjectStore is the S3 object store.
func (l *Lab) ObjectStore() *objectstore.Store { return l.store }

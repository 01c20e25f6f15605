package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	"github.com/vksops/terraform-provider-vks/internal/lab/netport"
	"github.com/vksops/terraform-provider-vks/internal/lab/process"
)

// managerStart is how long a Cluster API manager may take until it serves its
// webhooks. On two busy cores it takes some ten seconds.
const managerStart = 3 * time.Minute

// component is one of Cluster API's controller managers.
type component struct {
	name string // also the directory of its manifests
	// concurrency flags: the defaults are made for thousands of clusters
	concurrency []string
}

var components = []component{
	{name: "core", concurrency: []string{
		"clustertopology", "clusterclass", "cluster", "clustercache", "extensionconfig", "machine", "machineset",
		"machinedeployment", "machinepool", "clusterresourceset", "machinehealthcheck",
	}},
	{name: "bootstrap", concurrency: []string{"clustercache", "kubeadmconfig"}},
	{name: "controlplane", concurrency: []string{"clustercache", "kubeadmcontrolplane"}},
	{name: "infra", concurrency: []string{"clustercache", "devmachine", "devcluster", "devmachinetemplate"}},
}

// manager is a Cluster API controller manager as a process.
type manager struct {
	component
	spec        process.Spec
	webhookPort int
	healthURL   string
	proc        *process.Process
}

// prepareManagers decides the ports before anything starts: the types name the
// conversion webhooks, and are installed first.
func (s *Supervisor) prepareManagers(ctx context.Context) ([]*manager, error) {
	kubeconfig := filepath.Join(s.opts.Dir, "admin.kubeconfig")
	if err := os.WriteFile(kubeconfig, s.AdminKubeconfig(), 0o600); err != nil {
		return nil, err
	}
	certDir := filepath.Join(s.opts.Dir, "webhook-cert")
	if _, _, err := s.opts.CA.WriteServer(certDir, "127.0.0.1", "localhost"); err != nil {
		return nil, err
	}
	claim, inMemory, err := claimInMemory(ctx)
	if err != nil {
		return nil, err
	}
	s.claim = claim
	var out []*manager
	for _, c := range components {
		webhookPort, err := netport.Free(ctx)
		if err != nil {
			return nil, err
		}
		health, err := netport.Address(ctx)
		if err != nil {
			return nil, err
		}
		m := &manager{component: c, webhookPort: webhookPort}
		m.healthURL = "http://" + health + "/readyz"
		m.spec = process.Spec{
			Name:    "capi-" + c.name,
			Path:    filepath.Join(s.opts.BinDir, "capi-"+c.name),
			Args:    managerArgs(c, kubeconfig, certDir, m.webhookPort, health),
			Env:     managerEnv(c, inMemoryEnv(inMemory, s.opts.MaxClusters)),
			Dir:     s.opts.Dir,
			LogFile: filepath.Join(s.opts.Dir, "logs", "capi-"+c.name+".log"),
		}
		if _, err := os.Stat(m.spec.Path); err != nil {
			return nil, fmt.Errorf("%w: run make setup", err)
		}
		out = append(out, m)
	}
	return out, nil
}

func managerArgs(c component, kubeconfig, certDir string, webhookPort int, health string) []string {
	args := []string{
		"--kubeconfig=" + kubeconfig,
		"--webhook-port=" + strconv.Itoa(webhookPort),
		"--webhook-cert-dir=" + certDir,
		"--health-addr=" + health,
		"--diagnostics-address=0", // no metrics
		"--insecure-diagnostics",
		"--leader-elect=false",
		// By default each object is looked at no more than once a second.
		"--feature-gates=ClusterTopology=true,MachinePool=true,MachineTaintPropagation=true,ReconcilerRateLimiting=false",
		"--skip-crd-migration-phases=StorageVersionMigration,CleanupManagedFields",
	}
	for _, name := range c.concurrency {
		args = append(args, "--"+name+"-concurrency=5")
	}
	return args
}

func managerEnv(c component, inMemory []string) []string {
	env := []string{
		"POD_NAMESPACE=capi-system", "POD_NAME=capi-" + c.name, "POD_UID=capi-" + c.name,
		"POD_IP=127.0.0.1", // where the in-memory API servers are reached
		"GOGC=50",          // four managers share a small machine
	}
	if c.name == "infra" {
		env = append(env, inMemory...)
	}
	return env
}

// The in-memory provider listens on one port for each cluster, and on one for
// debugging. Upstream's numbers are the same for every lab on a machine; the
// lab's build of it takes them from the environment, and uses those of deleted
// clusters again. The ranges lie below what systems hand out by themselves.
const (
	inMemoryFirst  = 20000
	inMemoryRange  = 250
	inMemoryRanges = 48
)

// claimInMemory finds a range of ports that no other lab has: who has it listens
// on its first port until the claim is closed.
func claimInMemory(ctx context.Context) (claim net.Listener, first int, err error) {
	offset, err := netport.Free(ctx) // labs that start together begin to look in different places
	if err != nil {
		return nil, 0, err
	}
	var config net.ListenConfig
	for i := range inMemoryRanges {
		port := inMemoryFirst + (offset+i)%inMemoryRanges*inMemoryRange
		if l, err := config.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return l, port, nil
		}
	}
	return nil, 0, errors.New("all port ranges for in-memory clusters are in use")
}

// inMemoryEnv is the claimed range as the provider takes it: the port after the
// claim for debugging, the others for clusters.
func inMemoryEnv(first, clusters int) []string {
	return []string{
		"INMEMORY_DEBUG_PORT=" + strconv.Itoa(first+1),
		"INMEMORY_MIN_PORT=" + strconv.Itoa(first+2),
		"INMEMORY_MAX_PORT=" + strconv.Itoa(first+1+clusters),
	}
}

// start runs the manager for run and waits, no longer than wait, until it
// serves its webhooks.
func (m *manager) start(run, wait context.Context) error {
	proc, err := process.Start(run, m.spec)
	if err != nil {
		return err
	}
	m.proc = proc
	ctx, cancel := context.WithTimeout(wait, managerStart)
	defer cancel()
	return await.OKUnless(ctx, m.spec.Name, proc.Exited(), proc.Err, m.ready)
}

func (m *manager) ready(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.healthURL, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	if res.StatusCode != http.StatusOK {
		return errors.New(res.Status)
	}
	return nil
}

func (m *manager) stop(ctx context.Context) {
	if m.proc != nil {
		_ = m.proc.Stop(ctx)
	}
}

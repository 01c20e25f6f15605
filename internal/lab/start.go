package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/lab/contract"
	"github.com/vksops/terraform-provider-vks/internal/lab/kubeapi"
	"github.com/vksops/terraform-provider-vks/internal/lab/objectstore"
	"github.com/vksops/terraform-provider-vks/internal/lab/process"
	"github.com/vksops/terraform-provider-vks/internal/lab/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
	"github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/lab/velerorun"
	"github.com/vksops/terraform-provider-vks/internal/lab/workload"
)

// supervisorName is the name of the one Supervisor.
const supervisorName = "supervisor-1"

// startControl serves the seam to tests in other processes, and settles what
// the parts must know of each other before they start.
func (l *Lab) startControl(ctx context.Context) (err error) {
	var config net.ListenConfig
	if l.parts[PartSupervisor] {
		// Open from the beginning: vCenter tells the address long before it is served.
		if l.supervisorDoor, err = config.Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
			return err
		}
	}
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	errorLog, err := l.errorLog("control.log")
	if err != nil {
		_ = listener.Close()
		return err
	}
	l.controlURL = "http://" + listener.Addr().String()
	l.control = &http.Server{Handler: l.controlHandler(), ErrorLog: errorLog, ReadHeaderTimeout: time.Minute}
	l.work.Go(func() { _ = l.control.Serve(listener) })
	return nil
}

// errorLog keeps what a server says of its clients from the terminal: that one
// does not trust the lab is what some tests are about.
func (l *Lab) errorLog(name string) (*log.Logger, error) {
	file, err := process.OpenLog(l.Log(name))
	if err != nil {
		return nil, err
	}
	return log.New(file, "", log.LstdFlags), nil
}

// controlHandler is the seam's, and what takes more than one part.
func (l *Lab) controlHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", l.seam.Handler())
	mux.HandleFunc("POST "+traffic.ExpirePath, func(w http.ResponseWriter, _ *http.Request) {
		if !l.ready.Load() {
			http.Error(w, "the lab is starting", http.StatusServiceUnavailable)
			return
		}
		if err := l.expireSessions(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

// expireSessions ends what logins have given, as a restart of the servers does:
// sessions of vCenter, REST and SOAP, and tokens of the Supervisor.
func (l *Lab) expireSessions() error {
	if l.vcenter != nil {
		l.vcenter.ExpireSessions()
	}
	if l.supervisor != nil {
		return l.supervisor.RevokeTokens()
	}
	return nil
}

func (l *Lab) startVCenter(ctx context.Context) error {
	certificate, err := l.ca.TLS("127.0.0.1", "localhost")
	if err != nil {
		return err
	}
	schemas, err := contract.FromEnv()
	if err != nil {
		return err
	}
	errorLog, err := l.errorLog("vcenter.log")
	if err != nil {
		return err
	}
	o := vcenter.Options{
		TLS: &certificate, Seam: l.seam, Schemas: schemas, ErrorLog: errorLog,
		Username: administrator, Password: l.users[administrator].Password, Users: l.users.ofVCenter(),
		Clusters: l.options.Clusters, HostsPerCluster: l.options.hostsPerCluster(), VMs: l.options.VMs,
		SessionTTL: l.options.SessionTTL,
	}
	if l.parts[PartSupervisor] {
		o.Hooks = l.bridge
		o.Supervisors = []vcenter.Supervisor{{
			Name: supervisorName, Endpoint: l.supervisorDoor.Addr().String(), CAPEM: string(l.supervisorCA.CertPEM()),
			ServiceCIDR: supervisor.ServiceCIDR, WorkloadCIDR: supervisor.WorkloadCIDR,
		}}
	}
	if l.options.VCenter != nil {
		l.options.VCenter(&o)
	}
	return l.buildVCenter(ctx, o)
}

// buildVCenter does not wait for a large inventory when nobody wants it any
// more. What is built lives as long as its context, so that is the lab's and
// not the start's; it ends by itself when the lab has gone meanwhile.
func (l *Lab) buildVCenter(ctx context.Context, o vcenter.Options) error {
	type result struct {
		v   *vcenter.VCenter
		err error
	}
	built := make(chan result, 1)
	go func() {
		v, err := vcenter.Start(l.run, o)
		built <- result{v, err}
	}()
	select {
	case r := <-built:
		l.vcenter = r.v
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *Lab) startSupervisor(ctx context.Context) error {
	dir := filepath.Join(l.paths.data, "supervisor")
	// It logs below its own directory; people look in the lab's.
	if err := os.Symlink(filepath.Join("..", "data", "supervisor", "logs"), filepath.Join(l.paths.logs, "supervisor")); err != nil {
		return err
	}
	o := supervisor.Options{
		BinDir: l.options.BinDir, ManifestDir: filepath.Join(l.options.ManifestDir, "capi"), Dir: dir,
		CA: l.supervisorCA, Seam: l.seam, Listener: l.supervisorDoor,
		Users: l.users.ofSupervisor(), TokenTTL: l.options.TokenTTL,
	}
	if l.options.Supervisor != nil {
		l.options.Supervisor(&o)
	}
	s, err := supervisor.Start(ctx, o)
	if err != nil {
		return err
	}
	l.supervisor = s
	return nil
}

func (l *Lab) startStore(ctx context.Context) (err error) {
	l.store, err = objectstore.Start(ctx, objectstore.Options{
		BinDir: l.options.BinDir, Dir: filepath.Join(l.paths.data, "s3"), LogDir: l.paths.logs, CA: l.ca, Seam: l.seam,
	})
	return err
}

// startWorkloads also brings up the attached cluster, which is in use from the start.
func (l *Lab) startWorkloads(ctx context.Context) (err error) {
	o := workload.Options{
		BinDir: l.options.BinDir, Dir: filepath.Join(l.paths.data, "workloads"), LogDir: l.paths.logs,
		SnapshotCRDs: filepath.Join(l.options.ManifestDir, "velero", "snapshot"),
		Auth:         l.bridge, Seam: l.seam,
	}
	if l.parts[PartVelero] {
		o.OnStart = l.runVelero
	}
	if l.workloads, err = workload.Start(ctx, o); err != nil {
		return err
	}
	attached, err := l.workloads.Add(ctx, workload.AttachedNamespace, workload.AttachedName)
	if err != nil {
		return err
	}
	_, err = attached.Server(ctx)
	return err
}

func (l *Lab) runVelero(ctx context.Context, c *workload.Cluster, server *kubeapi.Server) (func(), error) {
	runner, err := velerorun.Start(ctx, velerorun.Options{
		BinDir: l.options.BinDir, PluginDir: l.options.PluginDir,
		Dir: filepath.Join(l.paths.data, "velero"), LogDir: l.paths.logs,
	}, velerorun.Cluster{
		Name: c.ID(), Config: server.Config(), Kubeconfig: server.Kubeconfig, Nodes: workload.Nodes,
	})
	if err != nil {
		return nil, err
	}
	return runner.Stop, nil
}

func (l *Lab) installVelero(ctx context.Context) error {
	if plugin := filepath.Join(l.options.PluginDir, "velero-plugin-for-aws"); !isFile(plugin) {
		return fmt.Errorf("%s is not there: run make setup", plugin)
	}
	attached, ok := l.workloads.Cluster(workload.AttachedNamespace, workload.AttachedName)
	if !ok {
		return errors.New("the attached cluster is not there")
	}
	server, err := attached.Server(ctx)
	if err != nil {
		return err
	}
	return velerorun.Install(ctx, server.Config(), velerorun.Installation{
		Namespace: "velero", Bucket: l.store.Buckets()[0], Prefix: workload.AttachedName, S3URL: l.store.URL(),
		AccessKey: l.store.Root().Access, SecretKey: l.store.Root().Secret,
	})
}

// connect ties together what could not be before both sides were there.
func (l *Lab) connect() error {
	if l.supervisor == nil {
		return nil
	}
	l.bridge.connect(l.supervisor)
	if l.workloads == nil {
		return nil
	}
	l.supervisor.SetWorkloads(l.workloads)
	report, err := os.OpenFile(l.Log("workloads.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	events := clusterEvents(l.run, l.supervisor)
	l.work.Go(func() {
		defer func() { _ = report.Close() }()
		l.workloads.Follow(events, func(err error) { _, _ = fmt.Fprintln(report, time.Now().Format(time.RFC3339), err) })
	})
	return nil
}

// logsOf are the logs in which a part says why it did not start.
var logsOf = map[Part][]string{
	PartSupervisor: {"supervisor/*"},
	PartWorkloads:  {"attached-kube-*", "../data/workloads/etcd/etcd.log"},
	PartVelero:     {"attached-velero-velero.log", "attached-velero-runner.log"},
	PartS3:         {"versitygw.log"},
}

// partError names the part. The error of a process that ended shows its log
// already; to any other the log that was written last is added.
func (l *Lab) partError(part Part, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("start %s: %w; run make setup", part, err)
	}
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("start %s: %w", part, err) // another part failed, and says why
	}
	if strings.Contains(err.Error(), "last lines of its log") {
		return fmt.Errorf("start %s: %w", part, err)
	}
	newest, when := "", time.Time{}
	for _, pattern := range logsOf[part] {
		files, _ := filepath.Glob(filepath.Join(l.paths.logs, pattern)) // the patterns are constant and sound
		for _, file := range files {
			if info, err := os.Stat(file); err == nil && info.ModTime().After(when) {
				newest, when = file, info.ModTime()
			}
		}
	}
	if newest == "" {
		return fmt.Errorf("start %s: %w (logs in %s)", part, err, l.paths.logs)
	}
	return fmt.Errorf("start %s: %w; last lines of its log (%s):\n%s", part, err, newest, process.Tail(newest))
}

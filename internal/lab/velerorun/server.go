package velerorun

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	"github.com/vksops/terraform-provider-vks/internal/lab/netport"
	"github.com/vksops/terraform-provider-vks/internal/lab/process"
)

const (
	firstBackoff = time.Second
	maxBackoff   = 10 * time.Second
	startTimeout = 2 * time.Minute
	// steady is how long a server must have run for its end to be news.
	steady = 30 * time.Second
	// refresh is how soon a changed Secret is in the files that mount it.
	refresh = 2 * time.Second
)

// server keeps one Velero server running, as a kubelet keeps a container.
type server struct {
	runner   *Runner
	template string
	pod      pod
	dir      string
	logFile  string
	changed  func()
	cancel   context.CancelFunc
	done     chan struct{}

	mu  sync.Mutex
	now state
}

func (r *Runner) startServer(ctx context.Context, it item, d *appsv1.Deployment, template string) *server {
	dir := filepath.Join(r.options.Dir, r.cluster.Name, it.namespace)
	s := &server{
		runner: r, template: template, pod: newPod(d, dir), dir: dir,
		logFile: filepath.Join(r.options.LogDir, r.cluster.Name+"-"+it.namespace+"-velero.log"),
		changed: func() { r.queue.Add(it) },
		done:    make(chan struct{}),
		now:     state{since: time.Now()},
	}
	ctx, s.cancel = context.WithCancel(ctx)
	if cannotPull(&d.Spec.Template.Spec) {
		close(s.done) // ImagePullBackOff for ever
		return s
	}
	go s.keepRunning(ctx)
	return s
}

func (s *server) state() state {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *server) set(p phase, message string) {
	s.mu.Lock()
	before := s.now
	s.now.phase, s.now.message = p, message
	s.now.wasReady = s.now.wasReady || p == ready
	same := s.now == before
	s.mu.Unlock()
	if !same {
		s.changed()
	}
}

func (s *server) stop() {
	s.cancel()
	<-s.done
}

// keepRunning starts the server again, less and less eagerly, until stop.
func (s *server) keepRunning(ctx context.Context) {
	defer close(s.done)
	backoff := firstBackoff
	for {
		began := time.Now()
		err := s.runOnce(ctx)
		if ctx.Err() != nil {
			return
		}
		s.runner.log.Printf("velero of namespace %s: %v", s.pod.namespace, err)
		if time.Since(began) > steady {
			backoff = firstBackoff
		}
		timer := time.NewTimer(backoff)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

// runOnce runs the server until it ends or ctx does, and says why it ended.
func (s *server) runOnce(ctx context.Context) error {
	if err := s.admit(ctx); err != nil {
		s.set(noPod, err.Error())
		return err
	}
	s.set(notReady, "")
	spec, metrics, err := s.prepare(ctx)
	if err != nil {
		return err
	}
	p, err := process.Start(ctx, spec)
	if err != nil {
		return err
	}
	defer func() { _ = p.Stop(context.WithoutCancel(ctx)) }()

	wait, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	err = await.OKUnless(wait, "Velero to be healthy", p.Exited(), exitError(p), func(ctx context.Context) error {
		return answers(ctx, "http://"+metrics+"/metrics")
	})
	if err != nil {
		return err
	}
	s.set(ready, "")
	s.refreshSecrets(ctx, p.Exited())
	s.set(notReady, "")
	return exitError(p)()
}

// exitError is for a server that should never end by itself.
func exitError(p *process.Process) func() error {
	return func() error {
		if err := p.Err(); err != nil {
			return err
		}
		return errors.New("stopped")
	}
}

// admit fails where the pod would not be created.
func (s *server) admit(ctx context.Context) error {
	_, err := s.runner.api.CoreV1().ServiceAccounts(s.pod.namespace).Get(ctx, s.pod.serviceAccount, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return fmt.Errorf("pods %q is forbidden: error looking up service account %s/%s: %w",
			deploymentName+"-", s.pod.namespace, s.pod.serviceAccount, err)
	}
	return err
}

// prepare lays out what the container would find, and says how to start the
// process and where it will serve its metrics. Each process has directories of
// its own: Velero writes credentials below TMPDIR, under names that repeat from
// cluster to cluster.
func (s *server) prepare(ctx context.Context) (spec process.Spec, metrics string, err error) {
	home, tmp, plugins := filepath.Join(s.dir, "home"), filepath.Join(s.dir, "tmp"), filepath.Join(s.dir, "plugins")
	for _, dir := range []string{home, tmp, plugins} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return spec, "", err
		}
	}
	if s.pod.aws {
		plugins = s.runner.options.PluginDir
	}
	if err := s.writeVolumes(ctx); err != nil {
		return spec, "", err
	}
	env, err := s.pod.environment(func(name, key string) (string, error) { return s.secretKey(ctx, name, key) })
	if err != nil {
		return spec, "", err
	}
	kubeconfig, err := s.writeKubeconfig()
	if err != nil {
		return spec, "", err
	}
	if metrics, err = netport.Address(ctx); err != nil {
		return spec, "", err
	}
	profiler, err := netport.Address(ctx)
	if err != nil {
		return spec, "", err
	}
	return process.Spec{
		Name: "velero of " + s.runner.cluster.Name + "/" + s.pod.namespace,
		Path: filepath.Join(s.runner.options.BinDir, "velero"),
		Args: s.args(kubeconfig, plugins, metrics, profiler),
		Env:  append([]string{"HOME=" + home, "TMPDIR=" + tmp, "AWS_EC2_METADATA_DISABLED=true"}, env...),
		Dir:  s.dir, LogFile: s.logFile,
		// SIGTERM, so that it ends its plugins too when the lab is killed.
		DeathSignal: syscall.SIGTERM,
	}, metrics, nil
}

func (s *server) args(kubeconfig, plugins, metrics, profiler string) []string {
	args := []string{
		"server", "--kubeconfig=" + kubeconfig, "--plugin-dir=" + plugins,
		"--metrics-address=" + metrics, "--profiler-address=" + profiler,
	}
	named := slices.ContainsFunc(s.pod.args, func(a string) bool {
		return strings.HasPrefix(a, "--namespace") || a == "-n"
	})
	if !named {
		args = append(args, "--namespace="+s.pod.namespace)
	}
	return append(args, s.pod.args...)
}

func (s *server) writeKubeconfig() (string, error) {
	user := "system:serviceaccount:" + s.pod.namespace + ":" + s.pod.serviceAccount
	raw, err := s.runner.cluster.Kubeconfig(user, "system:serviceaccounts", "system:serviceaccounts:"+s.pod.namespace)
	if err != nil {
		return "", err
	}
	path := filepath.Join(s.dir, "kubeconfig")
	return path, os.WriteFile(path, raw, 0o600)
}

// refreshSecrets keeps mounted Secrets up to date until the process or ctx ends.
func (s *server) refreshSecrets(ctx context.Context, exited <-chan struct{}) {
	ticker := time.NewTicker(refresh)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-exited:
			return
		case <-ticker.C:
			if err := s.writeVolumes(ctx); err != nil && ctx.Err() == nil {
				s.runner.log.Printf("volumes of velero of namespace %s: %v", s.pod.namespace, err)
			}
		}
	}
}

func (s *server) writeVolumes(ctx context.Context) error {
	for _, m := range s.pod.mounts {
		if err := os.MkdirAll(m.dir, 0o700); err != nil {
			return err
		}
		if m.secret == nil {
			continue
		}
		secret, err := s.runner.api.CoreV1().Secrets(s.pod.namespace).Get(ctx, m.secret.SecretName, metav1.GetOptions{})
		if apierrors.IsNotFound(err) && m.secret.Optional != nil && *m.secret.Optional {
			continue
		}
		if err != nil {
			return err
		}
		for name, data := range secret.Data {
			if err := replaceFile(filepath.Join(m.dir, name), data); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *server) secretKey(ctx context.Context, name, key string) (string, error) {
	secret, err := s.runner.api.CoreV1().Secrets(s.pod.namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	value, ok := secret.Data[key]
	if !ok {
		return "", fmt.Errorf("secret %s has no key %s", name, key)
	}
	return string(value), nil
}

// replaceFile swaps the file in one step: Velero may be reading it.
func replaceFile(path string, data []byte) error {
	if old, err := os.ReadFile(path); err == nil && string(old) == string(data) {
		return nil
	}
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func answers(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// Attached is a lab that runs in another process.
type Attached struct {
	dir string
	env map[string]string
}

// ErrNotRunning is what Attach returns when no lab runs in the directory.
var ErrNotRunning = errors.New("no lab is running there")

// aliveTimeout is for one request to a process on this machine.
const aliveTimeout = 10 * time.Second

// Attach finds the lab that runs in dir; an empty dir means LAB_DIR, then .lab.
func Attach(dir string) (*Attached, error) {
	return AttachContext(context.Background(), dir)
}

// AttachContext is Attach with a context for the question whether the lab is alive.
func AttachContext(ctx context.Context, dir string) (*Attached, error) {
	o, p, err := Options{Dir: dir}.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("attach to lab: %w", err)
	}
	env, err := readEnv(p.envFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("attach to lab in %s: %w: start it with make lab", o.Dir, ErrNotRunning)
	}
	if err != nil {
		return nil, fmt.Errorf("attach to lab in %s: %w", o.Dir, err)
	}
	a := &Attached{dir: o.Dir, env: env}
	ctx, cancel := context.WithTimeout(ctx, aliveTimeout)
	defer cancel()
	if _, err := a.Traffic().Mark(ctx); err != nil {
		return nil, fmt.Errorf("attach to lab in %s: %w, though it left its env: %w", o.Dir, ErrNotRunning, err)
	}
	return a, nil
}

// Dir is the lab's directory.
func (a *Attached) Dir() string { return a.dir }

// Env is the lab's environment. It is a copy.
func (a *Attached) Env() map[string]string { return maps.Clone(a.env) }

// Traffic is the lab's seam: its log of requests and its faults.
func (a *Attached) Traffic() *traffic.Client { return traffic.NewClient(a.env["LAB_CONTROL_URL"]) }

// Violations counts what has broken a contract so far, for ErrSince.
func (a *Attached) Violations(ctx context.Context) (int, error) {
	all, err := a.Traffic().Violations(ctx)
	return len(all), err
}

// ErrSince says what has broken a contract since there were that many violations.
func (a *Attached) ErrSince(ctx context.Context, violations int) error {
	all, err := a.Traffic().Violations(ctx)
	if err != nil {
		return err
	}
	return broken(all[min(violations, len(all)):])
}

// Environ is the environment of a command that runs in a lab: this process's
// own with the lab's on top. Addresses of other platforms are taken out, so
// that nothing is done to one of them by mistake.
func Environ(env map[string]string) []string {
	foreign := []string{
		"VSPHERE_SERVER", "VSPHERE_USER", "VSPHERE_PASSWORD", "VKS_SUPERVISOR_TOKEN", "VKS_SUPERVISOR_TOKEN_FILE",
		"VKS_SUPERVISOR_KUBECONFIG", "VKS_WORKLOAD_KUBECONFIG", "KUBECONFIG",
	}
	drop := map[string]bool{}
	for _, name := range foreign {
		drop[name] = true
	}
	for name := range env {
		drop[name] = true
	}
	var out []string
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); !drop[name] {
			out = append(out, entry)
		}
	}
	for name, value := range env {
		out = append(out, name+"="+value)
	}
	return out
}

// LogDir is where the logs of a lab in dir are.
func LogDir(dir string) string { return filepath.Join(dir, "logs") }

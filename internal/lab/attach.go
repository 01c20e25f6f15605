package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/lab/environ"
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
	env, err := environ.Read(p.envFile)
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

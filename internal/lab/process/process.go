// Package process runs the lab's programs. Each is the leader of a process
// group of its own, so that the terminal's Ctrl-C does not reach it, its
// children go with it, and (on Linux) it does not survive the lab itself.
package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// grace is how long a program may take between SIGTERM and SIGKILL.
const grace = 10 * time.Second

// Spec says what to run.
type Spec struct {
	// Name is what errors call the process.
	Name string
	// Path is the program; Args are its arguments without the program's name.
	Path string
	Args []string
	// Env is added to the few variables that every process gets (PATH, HOME,
	// TMPDIR). The rest of the environment is kept away: a KUBECONFIG or an
	// AWS_PROFILE of the person at the keyboard must not reach a lab.
	Env []string
	// Dir is the working directory.
	Dir string
	// LogFile receives stdout and stderr, appended.
	LogFile string
	// DeathSignal is sent when the lab dies without stopping the process;
	// SIGKILL unless set. Programs with children of their own want SIGTERM.
	DeathSignal syscall.Signal
}

// Process is a program that was started.
type Process struct {
	spec   Spec
	pid    int
	exited chan struct{}

	mu       sync.Mutex
	stopping bool
	wait     error
}

// Start starts the program and returns without waiting for it to be of use.
// The context covers the start only: the process runs until Stop.
func Start(ctx context.Context, s Spec) (*Process, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	log, err := OpenLog(s.LogFile)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	// The command outlives the call, so it is not tied to ctx.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), s.Path, s.Args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.Dir, log, log
	cmd.Env = append(baseEnv(), s.Env...)
	cmd.SysProcAttr = attributes(s.DeathSignal)

	p := &Process{spec: s, exited: make(chan struct{})}
	started := make(chan error)
	go p.run(cmd, log, started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	return p, nil
}

// run starts and reaps the child on one locked thread: Linux sends the death
// signal when the thread that started a child ends, not when the process does.
func (p *Process) run(cmd *exec.Cmd, log *os.File, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer func() { _ = log.Close() }()
	if err := cmd.Start(); err != nil {
		started <- err
		return
	}
	p.pid = cmd.Process.Pid
	started <- nil
	err := cmd.Wait()
	p.mu.Lock()
	p.wait = err
	p.mu.Unlock()
	close(p.exited)
}

// Stop asks the whole group to end and kills what is left after a grace, or
// when ctx ends. It returns nil when nothing of the process is left; stopping
// one that is not there any more is fine.
func (p *Process) Stop(ctx context.Context) error {
	p.mu.Lock()
	p.stopping = true
	p.mu.Unlock()

	timer := time.NewTimer(grace)
	defer timer.Stop()
	signalGroup(p.pid, syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-timer.C:
	case <-ctx.Done():
	}
	// Also after a clean exit: children may have stayed behind.
	signalGroup(p.pid, syscall.SIGKILL)
	timer.Reset(grace)
	select {
	case <-p.exited:
		return nil
	case <-timer.C:
		return fmt.Errorf("stop %s: process %d is still there after SIGKILL", p.spec.Name, p.pid)
	}
}

// Exited is closed when the process has ended, for whatever reason.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Pid is the process id, which is also the id of its group.
func (p *Process) Pid() int { return p.pid }

// Err is nil while the process runs and after Stop. When it ended by itself,
// the error says how and repeats the end of its log.
func (p *Process) Err() error {
	select {
	case <-p.exited:
	default:
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopping {
		return nil
	}
	status := "exit status 0"
	if p.wait != nil {
		status = p.wait.Error()
	}
	return fmt.Errorf("%s exited: %s; last lines of its log (%s):\n%s",
		p.spec.Name, status, p.spec.LogFile, Tail(p.spec.LogFile))
}

// OpenLog opens a log for appending, and makes its directory.
func OpenLog(path string) (*os.File, error) {
	if path == "" {
		return nil, errors.New("no log file named")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
}

func baseEnv() []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// signalGroup ignores errors: the only ones are "gone already" and, briefly
// between exec and exit, "not permitted" on a zombie.
func signalGroup(pid int, sig syscall.Signal) {
	if pid > 0 {
		_ = syscall.Kill(-pid, sig)
	}
}

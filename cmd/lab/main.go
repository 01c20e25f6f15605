// Command lab runs the test lab: in the foreground until it is stopped, or
// around one command.
//
//	lab [flags]                    start, print "lab ready", run until SIGINT or SIGTERM
//	lab exec [flags] -- CMD ARGS   run a command in the lab of that directory, which is
//	                               started, and stopped afterwards, when none is running
//
// It ends with an error when a part died, or when a request or a reply broke
// vCenter's contract (as far as that is at hand), also when the command succeeded.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/lab"
	"github.com/vksops/terraform-provider-vks/internal/lab/environ"
	"github.com/vksops/terraform-provider-vks/internal/lab/process"
)

const (
	startTimeout = 10 * time.Minute // a large inventory on a small machine
	stopTimeout  = time.Minute
	// watchInterval is how soon a lab in the foreground says that a part died.
	watchInterval = 2 * time.Second
)

func main() {
	code, err := run(os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "lab:", err)
	}
	os.Exit(code)
}

func run(args []string, out io.Writer) (int, error) {
	command := "run"
	if len(args) > 0 && args[0] == "exec" {
		command, args = "exec", args[1:]
	}
	options, rest, err := parse(command, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0, nil
	case err != nil:
		return 2, err
	case command == "exec" && len(rest) == 0:
		return 2, errors.New("exec: no command named; say lab exec -- COMMAND ARGS")
	case command == "exec":
		return execute(options, rest)
	case len(rest) > 0:
		return 2, fmt.Errorf("unknown argument %q", rest[0])
	}
	if err := foreground(options, out); err != nil {
		return 1, err
	}
	return 0, nil
}

func parse(command string, args []string) (lab.Options, []string, error) {
	var o lab.Options
	var parts string
	flags := flag.NewFlagSet("lab "+command, flag.ContinueOnError)
	flags.StringVar(&o.Dir, "dir", "", "`directory` of the lab (default $LAB_DIR, then .lab)")
	flags.IntVar(&o.Clusters, "clusters", 0, "vSphere clusters (default 3)")
	flags.IntVar(&o.Hosts, "hosts", 0, "ESXi hosts of all clusters together (default 4 a cluster)")
	flags.IntVar(&o.VMs, "vms", 0, "virtual machines of all clusters together")
	flags.DurationVar(&o.Latency, "latency", 0, "delay of every request to every part")
	flags.DurationVar(&o.TokenTTL, "token-ttl", 0, "life of a Supervisor login (default 10h)")
	flags.DurationVar(&o.SessionTTL, "session-ttl", 0, "idle life of a vCenter session (default 30m)")
	flags.StringVar(&parts, "parts", "", "`parts` to start, with commas between (default all)")
	if err := flags.Parse(args); err != nil {
		return o, nil, err
	}
	for name := range strings.SplitSeq(parts, ",") {
		if name = strings.TrimSpace(name); name != "" {
			o.Parts = append(o.Parts, lab.Part(name))
		}
	}
	return o, flags.Args(), nil
}

// foreground runs a lab until a signal. A second signal ends it at once; the
// system then ends its processes.
func foreground(o lab.Options, out io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	l, err := start(ctx, o, out)
	if err != nil {
		return err
	}
	say(out, "lab ready (stop it with Ctrl-C)\n  source %s/env\n", l.Dir())
	watch(ctx, l)
	stop()
	say(out, "stopping the lab\n")
	return end(l)
}

// watch shows what goes wrong as soon as it is seen, until ctx ends.
func watch(ctx context.Context, l *lab.Lab) {
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	said := ""
	for {
		select {
		case <-tick.C:
			if err := l.Err(); err != nil && err.Error() != said {
				said = err.Error()
				fmt.Fprintln(os.Stderr, "lab:", said)
			}
		case <-ctx.Done():
			return
		}
	}
}

// start prints a line for every part that is up, with the time since the beginning.
func start(ctx context.Context, o lab.Options, out io.Writer) (*lab.Lab, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	began := time.Now()
	var mu sync.Mutex
	o.Progress = func(part string, took time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		say(out, "%5.1f s  %s is up (took %.1f s)\n", time.Since(began).Seconds(), part, took.Seconds())
	}
	say(out, "starting the lab\n")
	l, err := lab.Start(ctx, o)
	if err == nil {
		say(out, "%5.1f s  all parts are up\n", time.Since(began).Seconds())
	}
	return l, err
}

// say writes progress. That nobody can read it is no reason to stop.
func say(out io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(out, format, args...) }

// end stops the lab, and says what had gone wrong until then.
func end(l *lab.Lab) error {
	failed := l.Err()
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	return errors.Join(failed, l.Stop(ctx))
}

// execute runs a command with the environment of a lab and returns its status.
// What the lab says goes to stderr: stdout is the command's.
func execute(o lab.Options, command []string) (int, error) {
	attached, err := lab.Attach(o.Dir)
	if err == nil {
		return visit(attached, command)
	}
	if !errors.Is(err, lab.ErrNotRunning) {
		return 1, err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	l, err := start(ctx, o, os.Stderr)
	if err != nil {
		return 1, err
	}
	code, err := child(command, l.Env())
	return verdict(code, errors.Join(err, end(l)))
}

// visit runs a command in a lab that somebody else started.
func visit(l *lab.Attached, command []string) (int, error) {
	ctx := context.Background()
	before, err := l.Violations(ctx)
	if err != nil {
		return 1, err
	}
	code, err := child(command, l.Env())
	return verdict(code, errors.Join(err, l.ErrSince(ctx, before)))
}

// verdict is the command's own status unless that hides an error of the lab.
func verdict(code int, err error) (int, error) {
	if err != nil && code == 0 {
		code = 1
	}
	return code, err
}

// child runs the command. The lab stays until it has ended, with all that it
// started: SIGTERM and SIGINT go to the whole of it. At a terminal Ctrl-C does
// that by itself, and a command in a group of its own could not read there.
func child(command []string, env map[string]string) (int, error) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)

	cmd := exec.CommandContext(context.Background(), command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = environ.With(env)
	run := process.RunGroup
	if atTerminal() {
		run = process.Run
	}
	err := run(cmd, signals)
	if cmd.Process == nil {
		return 127, err
	}
	return status(err)
}

// atTerminal takes every device but the null device for a terminal.
func atTerminal() bool {
	in, err := os.Stdin.Stat()
	if err != nil || in.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && !os.SameFile(in, null)
}

// status is the shell's convention for how a command ended.
func status(err error) (int, error) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		if err != nil {
			return 1, err
		}
		return 0, nil
	}
	if wait, ok := exit.Sys().(syscall.WaitStatus); ok && wait.Signaled() {
		return 128 + int(wait.Signal()), nil
	}
	return exit.ExitCode(), nil
}

package process_test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	"github.com/vksops/terraform-provider-vks/internal/lab/process"
)

const helperEnv = "LAB_PROCESS_HELPER"

// TestMain lets this binary play the lab that dies without stopping anything.
func TestMain(m *testing.M) {
	if log := os.Getenv(helperEnv); log != "" {
		p, err := process.Start(context.Background(), shell("child", "echo ready; exec tail -f /dev/null", log))
		if err != nil {
			panic(err)
		}
		_, _ = os.Stdout.WriteString(strconv.Itoa(p.Pid()) + "\n")
		<-p.Exited()
		return
	}
	os.Exit(m.Run())
}

func shell(name, script, log string) process.Spec {
	return process.Spec{Name: name, Path: "/bin/sh", Args: []string{"-c", script}, LogFile: log}
}

func TestErrSaysHowItEnded(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "sub", "x.log")
	p, err := process.Start(t.Context(), shell("thing", "echo first; echo last words >&2; exit 7", log))
	if err != nil {
		t.Fatal(err)
	}
	<-p.Exited()
	for _, want := range []string{"thing exited", "exit status 7", "last words", log} {
		if !strings.Contains(p.Err().Error(), want) {
			t.Errorf("error %q does not say %q", p.Err(), want)
		}
	}
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	_, err := process.Start(t.Context(), process.Spec{Name: "ghost", Path: "/does/not/exist", LogFile: filepath.Join(t.TempDir(), "x")})
	if err == nil || !strings.Contains(err.Error(), "start ghost") {
		t.Errorf("error %v does not name the process", err)
	}
}

func TestEnvironmentIsClean(t *testing.T) {
	t.Setenv("KUBECONFIG", "/somebody/elses")
	log := filepath.Join(t.TempDir(), "x.log")
	spec := shell("env", `echo "k=$KUBECONFIG o=$OWN"`, log)
	spec.Env = []string{"OWN=yes"}
	p, err := process.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	<-p.Exited()
	if got := strings.TrimSpace(process.Tail(log)); got != "k= o=yes" {
		t.Errorf("environment: %q", got)
	}
}

// TestStopTakesTheGroup starts a child that ignores SIGTERM beside a leader that does not.
func TestStopTakesTheGroup(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "x.log")
	p, err := process.Start(t.Context(), shell("family", `(trap "" TERM; while :; do sleep 1; done) & echo $!; wait`, log))
	if err != nil {
		t.Fatal(err)
	}
	child := awaitPid(t, log)
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	awaitGone(t, p.Pid())
	awaitGone(t, child)
	if err := p.Err(); err != nil {
		t.Errorf("stopped on request, but: %v", err)
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Errorf("second stop: %v", err)
	}
}

// TestStopHurriesWithTheContext has a leader that ignores SIGTERM.
func TestStopHurriesWithTheContext(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "x.log")
	p, err := process.Start(t.Context(), shell("stubborn", `trap "" TERM; echo $$; while :; do sleep 1; done`, log))
	if err != nil {
		t.Fatal(err)
	}
	awaitPid(t, log)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	awaitGone(t, p.Pid())
}

func TestNothingSurvivesAKilledLab(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends the children of a process that was killed")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	lab := exec.CommandContext(t.Context(), exe)
	lab.Env = append(os.Environ(), helperEnv+"="+filepath.Join(t.TempDir(), "x.log"))
	out, err := lab.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := lab.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	if err := lab.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = lab.Wait()
	awaitGone(t, child)
}

// TestRunGroupPassesSignalsOn has a script that waits for a program, as one that
// runs tests does: SIGTERM for the script alone would leave the program behind.
func TestRunGroupPassesSignalsOn(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "x.log")
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", `(exec tail -f /dev/null) & echo $! >"$0"; wait; exit 3`, log)
	signals, ended := make(chan os.Signal, 1), make(chan error, 1)
	go func() { ended <- process.RunGroup(cmd, signals) }()
	child := awaitPid(t, log)
	signals <- syscall.SIGTERM
	var exit *exec.ExitError
	if err := <-ended; !errors.As(err, &exit) {
		t.Errorf("it ended with %v", err)
	}
	awaitGone(t, child)
}

func awaitPid(t *testing.T, log string) (pid int) {
	t.Helper()
	err := await.OK(deadline(t), "a pid in the log", func(context.Context) (err error) {
		pid, err = strconv.Atoi(strings.TrimSpace(process.Tail(log)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// awaitGone also takes a zombie for gone: in a container without an init,
// nobody reaps orphans.
func awaitGone(t *testing.T, pid int) {
	t.Helper()
	err := await.OK(deadline(t), "process "+strconv.Itoa(pid)+" to be gone", func(context.Context) error {
		if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) {
			return nil
		}
		if stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err == nil && !strings.Contains(string(stat), ") Z ") {
			return errors.New("still there")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

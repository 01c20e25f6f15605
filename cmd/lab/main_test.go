package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vksops/terraform-provider-vks/internal/lab"
	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	"github.com/vksops/terraform-provider-vks/internal/lab/labtest"
)

func TestParse(t *testing.T) {
	t.Parallel()
	o, rest, err := parse("exec", strings.Fields("--dir d --clusters 2 --hosts 8 --vms 5 --latency 20ms --parts vcenter,s3 -- make test -v"))
	if err != nil {
		t.Fatal(err)
	}
	if o.Dir != "d" || o.Clusters != 2 || o.Hosts != 8 || o.VMs != 5 || o.Latency != 20*time.Millisecond {
		t.Errorf("options %+v", o)
	}
	if diff := cmp.Diff([]lab.Part{lab.PartVCenter, lab.PartS3}, o.Parts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"make", "test", "-v"}, rest); diff != "" {
		t.Error(diff)
	}
	if _, _, err := parse("run", []string{"-h"}); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("help: %v", err)
	}
}

func TestChildStatus(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]int{
		"exit 0": 0, "exit 7": 7, "kill -TERM $$": 128 + 15, `test "$LAB_WORD" = hello`: 0,
	} {
		got, err := child([]string{"sh", "-c", script}, map[string]string{"LAB_WORD": "hello"})
		if err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", script, got, err, want)
		}
	}
	if code, err := child([]string{"/no/such/command"}, nil); code != 127 || err == nil {
		t.Errorf("no such command: %d, %v", code, err)
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	broken := errors.New("a violation")
	for _, test := range []struct {
		code int
		err  error
		want int
	}{{0, nil, 0}, {7, nil, 7}, {0, broken, 1}, {7, broken, 7}} {
		if code, err := verdict(test.code, test.err); code != test.want || !errors.Is(err, test.err) {
			t.Errorf("%+v: %d, %v", test, code, err)
		}
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"exec", "exec --", "nonsense", "--no-such-flag"} {
		if code, err := run(strings.Fields(args), t.Output()); code != 2 || err == nil {
			t.Errorf("%s: %d, %v", args, code, err)
		}
	}
}

// TestLifecycle has the program whole: it is ready in time, and after SIGTERM
// nothing of it is left.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	labtest.Bin(t, "etcd", "kube-apiserver", "kube-controller-manager", "capi-core", "capi-bootstrap",
		"capi-controlplane", "capi-infra", "versitygw", "velero", "../velero-plugins/velero-plugin-for-aws")
	ctx, dir := labtest.Context(t), t.TempDir()
	program := filepath.Join(t.TempDir(), "lab")
	if output, err := exec.CommandContext(ctx, "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, output)
	}
	cmd := exec.CommandContext(ctx, program, "--dir", dir)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()

	soon, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	ready := await.OK(soon, "the lab to be ready", func(ctx context.Context) error {
		_, err := lab.AttachContext(ctx, dir)
		return err
	})
	if len(labtest.Running(t, dir)) < 5 {
		t.Error("few processes of the lab were found: this test looks for the wrong thing")
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := errors.Join(ready, <-ended); err != nil {
		t.Errorf("%v\n%s", err, &output)
	}
	if left := labtest.Running(t, dir); len(left) > 0 {
		t.Errorf("left running: %s", strings.Join(left, "\n"))
	}
}

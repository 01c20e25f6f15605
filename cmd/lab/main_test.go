package main

import (
	"errors"
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vksops/terraform-provider-vks/internal/lab"
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

package namespace

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// look is one answer of vCenter: a status, or an error.
type look struct {
	status string
	err    error
}

var (
	notFound = look{err: &fault.Error{Kind: fault.NotFound, Message: "no such namespace"}}
	busy     = look{err: &fault.Error{Kind: fault.Transient, Message: "503"}}
	denied   = look{err: &fault.Error{Kind: fault.Forbidden, Message: "denied"}}
)

func is(status string) look { return look{status: status} }

func TestSettling(t *testing.T) {
	t.Parallel()
	const configuring, running, failed = vcenter.StatusConfiguring, vcenter.StatusRunning, vcenter.StatusError
	for name, c := range map[string]struct {
		before string
		looks  []look
		done   bool
		says   string
	}{
		"created":                         {"", []look{notFound, is(configuring), busy, is(running)}, true, ""},
		"created, not to be seen yet":     {"", []look{notFound, notFound}, false, ""},
		"creation failed":                 {"", []look{is(configuring), is(failed)}, false, "ERROR: No host left."},
		"creation may not be read":        {"", []look{denied}, false, "denied"},
		"deleted while it was created":    {"", []look{is(configuring), is(vcenter.StatusRemoving)}, false, "somebody is deleting"},
		"updated, first look is stale":    {running, []look{is(running), is(configuring), is(running)}, true, ""},
		"updated, nothing to be seen":     {running, []look{is(running), is(running)}, false, ""},
		"updated, done between two looks": {running, []look{is(running), is(running), is(running)}, true, ""},
		"update failed":                   {running, []look{is(running), is(failed)}, false, "ERROR: No host left."},
		"update of a failed one":          {failed, []look{is(failed), is(configuring), is(running)}, true, ""},
		"update of a failed one in vain":  {failed, []look{is(failed), is(configuring), is(failed)}, false, "ERROR: No host left."},
		"update cannot help":              {failed, []look{is(failed), is(failed), is(failed)}, false, "ERROR: No host left."},
		"deleted while it was updated":    {running, []look{is(configuring), notFound}, false, "no such namespace"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &settling{where: "vCenter vc", before: c.before}
			done, err := false, error(nil)
			for n, l := range c.looks {
				if done || err != nil {
					t.Fatalf("the wait ended before look %d: done %v, %v", n, done, err)
				}
				status, judged := s.judge(live(l), l.err)
				done, err = status.Done, judged
				if !done && err == nil && len(status.Pending) == 0 {
					t.Errorf("look %d does not say what is missing", n)
				}
			}
			if done != c.done || (err != nil) != (c.says != "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("got done %v, %v; want %v, %q", done, err, c.done, c.says)
			}
		})
	}
}

func live(l look) *vcenter.Namespace {
	if l.err != nil {
		return nil
	}
	n := &vcenter.Namespace{Name: "team-a", ConfigStatus: l.status}
	if l.status == vcenter.StatusError {
		n.Messages = []vcenter.Message{{Severity: "ERROR", Text: "No host left."}}
	}
	return n
}

func TestLeaving(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		looks []look
		done  bool
		fail  bool
	}{
		"gone":                {[]look{notFound}, true, false},
		"still going":         {[]look{is(vcenter.StatusRemoving)}, false, false},
		"not started yet":     {[]look{is(vcenter.StatusRunning)}, false, false},
		"one bad look":        {[]look{busy}, false, false},
		"denied":              {[]look{denied}, false, true},
		"failed before":       {[]look{is(vcenter.StatusError)}, false, false},
		"failed while going":  {[]look{is(vcenter.StatusRemoving), is(vcenter.StatusError)}, false, true},
		"failed before, gone": {[]look{is(vcenter.StatusError), is(vcenter.StatusRemoving), notFound}, true, false},
	} {
		follow := leaving{where: "vCenter"}
		var status wait.Status
		var err error
		for _, l := range c.looks {
			status, err = follow.judge(live(l), l.err)
		}
		if status.Done != c.done || (err != nil) != c.fail {
			t.Errorf("%s: got %v, %v", name, status, err)
		}
	}
}

type lister struct {
	supervisorSide
	clusters []string
	err      error
}

func (l lister) Clusters(context.Context, string) ([]string, error) { return l.clusters, l.err }

// A namespace is only removed when it is known that no cluster is lost.
func TestEmpty(t *testing.T) {
	t.Parallel()
	reach := func(l lister) func(context.Context) (supervisorSide, error) {
		return func(context.Context) (supervisorSide, error) { return l, nil }
	}
	unreachable := &fault.Error{Kind: fault.Unreachable, Op: "connect", Where: "Supervisor sv", Message: "no route"}
	for name, c := range map[string]struct {
		supervisor func(context.Context) (supervisorSide, error)
		status     string
		kind       fault.Kind
		says       []string
	}{
		"empty":              {reach(lister{}), vcenter.StatusRunning, "", nil},
		"clusters":           {reach(lister{clusters: []string{"prod", "stage"}}), vcenter.StatusRunning, fault.Unsupported, []string{"prod, stage"}},
		"cannot list":        {reach(lister{err: unreachable}), vcenter.StatusRunning, fault.Unreachable, []string{"no route"}},
		"another Supervisor": {reach(lister{err: notFound.err}), vcenter.StatusRunning, fault.NotConfigured, nil},
		"never made there":   {reach(lister{err: notFound.err}), vcenter.StatusError, "", nil},
		"cannot reach": {
			func(context.Context) (supervisorSide, error) { return nil, unreachable }, vcenter.StatusRunning, fault.Unreachable, []string{"no route"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := empty(t.Context(), c.supervisor, &vcenter.Namespace{Name: "team-a", ConfigStatus: c.status})
			if c.kind == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != c.kind || !strings.Contains(f.Advice, "force_destroy = true") {
				t.Fatalf("got %v", err)
			}
			for _, text := range c.says {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%q is not in %v", text, err)
				}
			}
		})
	}
}

package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

func TestKinds(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("read: %w", &fault.Error{Kind: fault.NotFound, Op: "read namespace x"})
	if !errors.Is(err, fault.NotFound) || errors.Is(err, fault.RouteAbsent) || !fault.IsNotFound(err) {
		t.Errorf("kind of %v is wrong", err)
	}
	if fault.Gone(err) != nil || fault.Gone(nil) != nil {
		t.Error("a missing object is not gone")
	}
	absent := &fault.Error{Kind: fault.RouteAbsent}
	if fault.Gone(absent) == nil {
		t.Error("an API that is not served counts as gone")
	}
	if fault.KindOf(errors.New("x")) != fault.Unknown {
		t.Error("a foreign error has a kind")
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]*fault.Error{
		"read x on vCenter vc: NOT_FOUND: no such thing": {Op: "read x", Where: "vCenter vc", Code: "NOT_FOUND", Message: "no such thing"},
		"read x: cause":       {Op: "read x", Err: errors.New("cause")},
		"read x: conflict":    {Op: "read x", Kind: fault.Conflict},
		"BUSY":                {Code: "BUSY"},
		"read x: BUSY: later": {Op: "read x", Code: "BUSY", Message: "BUSY: later"},
	} {
		if got := err.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Advice is for one kind of error, and does not replace better advice.
func TestAdvise(t *testing.T) {
	t.Parallel()
	refused, foreign := &fault.Error{Kind: fault.Forbidden, Op: "list"}, errors.New("x")
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"that kind":    {refused, "ask the owner"},
		"wrapped":      {fmt.Errorf("read: %w", refused), "ask the owner"},
		"another kind": {&fault.Error{Kind: fault.NotFound}, ""},
		"advised":      {&fault.Error{Kind: fault.Forbidden, Advice: "wait"}, "wait"},
	} {
		var f *fault.Error
		if got := fault.Advise(c.err, fault.Forbidden, "ask the owner"); !errors.As(got, &f) || f.Advice != c.want {
			t.Errorf("%s: %q, want %q", name, f.Advice, c.want)
		}
	}
	if refused.Advice != "" {
		t.Error("the error itself was changed")
	}
	if got := fault.Advise(foreign, fault.Forbidden, "ask"); !errors.Is(got, foreign) || fault.Advise(nil, fault.Forbidden, "ask") != nil {
		t.Errorf("got %v", got)
	}
}

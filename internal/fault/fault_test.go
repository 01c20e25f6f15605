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

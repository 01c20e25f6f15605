package clients

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

func TestAwayKeepsWhatConcernsTheServer(t *testing.T) {
	t.Parallel()
	for kind, kept := range map[fault.Kind]bool{
		fault.Unreachable: true, fault.Untrusted: true, fault.Unauthenticated: true,
		fault.Forbidden: false, fault.RouteAbsent: false, fault.Transient: false, fault.NotFound: false,
	} {
		var a Away
		a.Note(nil)
		a.Note(fmt.Errorf("look: %w", &fault.Error{Kind: kind}))
		if got := errors.Is(a.Why(), kind); got != kept {
			t.Errorf("%s is kept: %v", kind, got)
		}
	}
}

// A server that hangs is away: the next look would take as long.
func TestAwayKeepsWhatHangs(t *testing.T) {
	t.Parallel()
	var a Away
	a.Note(&fault.Error{Kind: fault.Transient, Err: context.Canceled})
	if a.Why() != nil {
		t.Errorf("an interruption is kept: %v", a.Why())
	}
	a.Note(&fault.Error{Kind: fault.Transient, Err: context.DeadlineExceeded})
	if a.Why() == nil {
		t.Error("what hangs is not kept")
	}
}

func TestAwayTellsTheFirst(t *testing.T) {
	t.Parallel()
	var a Away
	if a.Keep(nil) || a.Keep(context.Canceled) || a.Why() != nil {
		t.Errorf("%v is kept", a.Why())
	}
	if failed := errors.New("500"); !a.Keep(failed) || a.Keep(failed) || !errors.Is(a.Why(), failed) {
		t.Errorf("got %v", a.Why())
	}
}

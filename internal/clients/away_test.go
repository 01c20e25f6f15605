package clients

import (
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

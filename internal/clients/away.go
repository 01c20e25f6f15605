package clients

import (
	"errors"
	"sync"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// Away remembers that a server cannot be reached, or does not let this account
// in: those who only ask for an extra, one for each of many resources, do not
// wait for it again and again.
type Away struct {
	mu  sync.Mutex
	why error
}

// Why gives the error that was noted; nil where none was.
func (a *Away) Why() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.why
}

// Note keeps an error that concerns the whole server, and no other.
func (a *Away) Note(err error) {
	for _, kind := range []fault.Kind{fault.Unreachable, fault.Untrusted, fault.Unauthenticated} {
		if errors.Is(err, kind) {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.why = err
			return
		}
	}
}

package clients

import (
	"context"
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

// Note keeps an error that concerns the whole server, and no other. One that
// does not answer in the time of a look is away, too: the next would hang.
func (a *Away) Note(err error) {
	for _, kind := range []error{fault.Unreachable, fault.Untrusted, fault.Unauthenticated, context.DeadlineExceeded} {
		if errors.Is(err, kind) {
			a.Keep(err)
			return
		}
	}
}

// Keep keeps the error of a reading that all share, whatever it is, and says
// whether it is the first. Somebody's interruption says nothing about a server.
func (a *Away) Keep(err error) (first bool) {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	first = a.why == nil
	a.why = err
	return first
}

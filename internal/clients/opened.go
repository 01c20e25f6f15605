package clients

import (
	"context"
	"errors"
	"sync"
)

// Opened remembers the sets of a process, so that its end can log out of all.
type Opened struct {
	mu   sync.Mutex
	sets []*Set
}

// Add remembers a set.
func (o *Opened) Add(s *Set) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sets = append(o.sets, s)
}

// Close closes all sets.
func (o *Opened) Close(ctx context.Context) error {
	o.mu.Lock()
	sets := o.sets
	o.sets = nil
	o.mu.Unlock()
	var errs []error
	for _, s := range sets {
		errs = append(errs, s.Close(ctx))
	}
	return errors.Join(errs...)
}

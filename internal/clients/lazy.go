package clients

import (
	"context"
	"errors"
	"sync"
)

// lazy opens a connection on first use, once. A failed try is not kept: the
// next user of it may come after the cluster is there.
type lazy[T any] struct {
	mu    sync.Mutex
	value T
	open  bool
}

func (l *lazy[T]) get(open func() (T, error)) (T, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open {
		return l.value, nil
	}
	value, err := open()
	if err != nil {
		var none T
		return none, err
	}
	l.value, l.open = value, true
	return value, nil
}

func (l *lazy[T]) opened() (T, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.value, l.open
}

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

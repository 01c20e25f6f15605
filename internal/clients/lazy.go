package clients

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/singleflight"
)

// lazy opens a connection on first use, once. Those who come while it is opened
// share the outcome, and none waits longer than its own context. A failed try is
// not kept: the next user may come after the cluster is there.
type lazy[T any] struct {
	flight singleflight.Group
	mu     sync.Mutex
	value  T
	open   bool
}

func (l *lazy[T]) get(ctx context.Context, open func(context.Context) (T, error)) (T, error) {
	if value, ok := l.opened(); ok {
		return value, nil
	}
	result := l.flight.DoChan("", func() (any, error) {
		if _, ok := l.opened(); ok {
			return nil, nil
		}
		// It is for all who wait: it outlives the one that asked first.
		value, err := open(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.value, l.open = value, true
		return nil, nil
	})
	var none T
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case r := <-result:
		if r.Err != nil {
			return none, r.Err
		}
	}
	value, _ := l.opened()
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

package vcenter

import (
	"context"
	"sync"
	"time"

	"k8s.io/utils/clock"
)

// recentFor is how long a reading of a namespace may be shared. In one plan a
// resource and the data sources about it ask within a moment; what vCenter
// reports in use changes slowly.
const recentFor = 15 * time.Second

// recent keeps namespaces as they were read a moment ago, until this client
// changes anything.
type recent struct {
	clock clock.PassiveClock // the real one when nil

	mu      sync.Mutex
	changes int
	seen    map[string]sighting
}

type sighting struct {
	namespace *Namespace
	at        time.Time
}

// RecentNamespace is Namespace for those who can do with a reading that is some
// seconds old: it asks only where this client has not read the namespace just
// before, or has changed something since.
func (c *Client) RecentNamespace(ctx context.Context, name string) (*Namespace, error) {
	if n := c.recent.get(name); n != nil {
		return n, nil
	}
	return c.Namespace(ctx, name)
}

// changed drops everything: a change of one namespace may show in others.
func (r *recent) changed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changes++
	r.seen = nil
}

// mark is to be taken before a reading that is given to keep.
func (r *recent) mark() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changes
}

// keep remembers a reading, unless something was changed while it was made.
func (r *recent) keep(n *Namespace, mark int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if mark != r.changes {
		return
	}
	if r.seen == nil {
		r.seen = map[string]sighting{}
	}
	r.seen[n.Name] = sighting{namespace: n, at: r.now()}
}

func (r *recent) get(name string) *Namespace {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.seen[name]
	if !ok || r.now().Sub(s.at) > recentFor {
		return nil
	}
	n := *s.namespace
	return &n
}

func (r *recent) now() time.Time {
	if r.clock == nil {
		return clock.RealClock{}.Now()
	}
	return r.clock.Now()
}

package supervisor

import (
	"context"
	"sync"
)

// ClusterEvent is news of a Cluster. Available means that its control plane is
// initialized, which is when a workload API server should be started: the
// Cluster itself is not reported available before that one answers.
type ClusterEvent struct {
	Namespace, Name    string
	UID                string // tells it from an earlier one of the same name; empty when it is deleted
	Available, Deleted bool
}

// broadcaster passes on what changes. Every subscriber sees the latest state of
// each Cluster, and misses steps between when it is slow.
type broadcaster struct {
	mu     sync.Mutex
	closed bool
	state  map[string]ClusterEvent
	subs   map[*subscriber]struct{}
}

type subscriber struct {
	pending []string // keys in the order of their first news
	latest  map[string]ClusterEvent
	wake    chan struct{}
}

func newBroadcaster() *broadcaster {
	return &broadcaster{state: map[string]ClusterEvent{}, subs: map[*subscriber]struct{}{}}
}

func (b *broadcaster) publish(e ClusterEvent) {
	key := e.Namespace + "/" + e.Name
	b.mu.Lock()
	defer b.mu.Unlock()
	if old, ok := b.state[key]; ok && old == e {
		return
	}
	b.state[key] = e
	if e.Deleted {
		delete(b.state, key)
	}
	for sub := range b.subs {
		sub.put(key, e)
	}
}

// put is called with the broadcaster locked.
func (s *subscriber) put(key string, e ClusterEvent) {
	if _, ok := s.latest[key]; !ok {
		s.pending = append(s.pending, key)
	}
	s.latest[key] = e
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (b *broadcaster) next(s *subscriber) (ClusterEvent, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(s.pending) == 0 {
		return ClusterEvent{}, false
	}
	key := s.pending[0]
	s.pending = s.pending[1:]
	e := s.latest[key]
	delete(s.latest, key)
	return e, true
}

func (b *broadcaster) subscribe() *subscriber {
	s := &subscriber{latest: map[string]ClusterEvent{}, wake: make(chan struct{}, 1)}
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, e := range b.state {
		s.put(key, e)
	}
	if b.closed {
		close(s.wake)
		return s
	}
	b.subs[s] = struct{}{}
	return s
}

func (b *broadcaster) unsubscribe(s *subscriber) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.subs, s)
}

func (b *broadcaster) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	b.closed = true
	for s := range b.subs {
		close(s.wake)
		delete(b.subs, s)
	}
}

// WatchClusters reports every Cluster there is and then what becomes of them,
// until ctx ends or the Supervisor stops, which closes the channel.
func (s *Supervisor) WatchClusters(ctx context.Context) <-chan ClusterEvent {
	out := make(chan ClusterEvent)
	sub := s.events.subscribe()
	go func() {
		defer close(out)
		defer s.events.unsubscribe(sub)
		for {
			e, ok := s.events.next(sub)
			if !ok {
				select {
				case _, open := <-sub.wake:
					if !open {
						return
					}
				case <-ctx.Done():
					return
				}
				continue
			}
			select {
			case out <- e:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

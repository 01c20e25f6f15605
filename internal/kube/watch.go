package kube

import (
	"context"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// Watch follows one object. Changes is for wait.Options; Get gives the latest
// state that is known without another request while the watch lives.
type Watch struct {
	client  *Client
	ref     Ref
	changes chan struct{}

	mu     sync.Mutex
	latest *unstructured.Unstructured
	gone   bool
	live   bool
}

// Watch starts to follow the object of ref until ctx ends. A watch that breaks
// is started again; meanwhile Get asks the server.
func (c *Client) Watch(ctx context.Context, ref Ref) *Watch {
	w := &Watch{client: c, ref: ref, changes: make(chan struct{}, 1)}
	go w.follow(ctx)
	return w
}

// Changes is signalled, with several changes folded into one, when the object changed.
func (w *Watch) Changes() <-chan struct{} { return w.changes }

// Get gives the object as last seen, or fault.NotFound.
func (w *Watch) Get(ctx context.Context) (*unstructured.Unstructured, error) {
	w.mu.Lock()
	latest, gone, live := w.latest, w.gone, w.live
	w.mu.Unlock()
	switch {
	case live && gone:
		return nil, &fault.Error{Kind: fault.NotFound, Op: "read " + w.ref.String(), Where: w.client.where, Message: "deleted"}
	case live && latest != nil:
		return latest, nil
	}
	return w.client.Get(ctx, w.ref)
}

func (w *Watch) follow(ctx context.Context) {
	for pause := time.Second; ctx.Err() == nil; pause = min(2*pause, 10*time.Second) {
		if w.once(ctx) {
			pause = time.Second
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// once runs one watch to its end and reports whether it saw anything.
func (w *Watch) once(ctx context.Context) bool {
	watcher, err := w.client.resource(w.ref).Watch(ctx, metav1.ListOptions{
		FieldSelector: fields.OneTermEqualSelector("metadata.name", w.ref.Name).String(),
	})
	if err != nil {
		return false
	}
	defer watcher.Stop()
	defer w.set(nil, false, false)
	seen := false
	for event := range watcher.ResultChan() {
		obj, ok := event.Object.(*unstructured.Unstructured)
		switch {
		case event.Type == watch.Error || !ok:
			return seen
		case event.Type == watch.Bookmark:
			continue
		}
		seen = true
		w.set(obj, event.Type == watch.Deleted, true)
	}
	return seen
}

func (w *Watch) set(obj *unstructured.Unstructured, gone, live bool) {
	w.mu.Lock()
	w.latest, w.gone, w.live = obj, gone, live
	w.mu.Unlock()
	select {
	case w.changes <- struct{}{}:
	default:
	}
}

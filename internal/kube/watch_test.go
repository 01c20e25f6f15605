package kube_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

const stored = `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"app","resourceVersion":"%d"}}`

// A wait on a watch makes no read for each look, and sees the deletion.
func TestWatchFollowsOneObject(t *testing.T) {
	t.Parallel()
	var reads atomic.Int32
	events := make(chan string)
	c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Query().Get("watch") == "" {
			reads.Add(1)
			_, _ = fmt.Fprintf(w, stored, 1)
			return
		}
		flusher, ok := w.(http.Flusher)
		if !ok {
			t.Error("no flusher")
			return
		}
		flusher.Flush()
		for {
			select {
			case <-r.Context().Done():
				return
			case event := <-events:
				_, _ = fmt.Fprintln(w, event)
				flusher.Flush()
			}
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	w := c.Watch(ctx, configMap)
	go func() {
		for version := range 5 {
			events <- fmt.Sprintf(`{"type":"MODIFIED","object":`+stored+`}`, version+2)
		}
		events <- fmt.Sprintf(`{"type":"DELETED","object":`+stored+`}`, 7)
	}()
	err := wait.For(ctx, wait.Options{What: "the end", Changes: w.Changes(), Min: time.Hour}, func(ctx context.Context) (wait.Status, error) {
		_, err := w.Get(ctx)
		return wait.Status{Done: fault.IsNotFound(err)}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := reads.Load(); got > 1 {
		t.Errorf("%d reads beside the watch, want at most the first", got)
	}
}

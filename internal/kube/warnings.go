package kube

import (
	"context"
	"sync"
)

type warningsKey struct{}

// Warnings collects what API servers warn about during the calls of one
// context, each text once.
type Warnings struct {
	mu    sync.Mutex
	texts []string
}

// WithWarnings gives a context whose calls collect warnings, and the collector.
func WithWarnings(ctx context.Context) (context.Context, *Warnings) {
	w := &Warnings{}
	return context.WithValue(ctx, warningsKey{}, w), w
}

// Texts gives what was collected so far, in order.
func (w *Warnings) Texts() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.texts...)
}

func (w *Warnings) add(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.texts {
		if t == text {
			return
		}
	}
	w.texts = append(w.texts, text)
}

type warningHandler struct{}

// HandleWarningHeaderWithContext hands a warning to the collector of the
// call's context. 299 is the only code that Kubernetes uses.
func (warningHandler) HandleWarningHeaderWithContext(ctx context.Context, code int, _, text string) {
	if w, ok := ctx.Value(warningsKey{}).(*Warnings); ok && code == 299 && text != "" {
		w.add(text)
	}
}

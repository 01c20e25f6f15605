// Package await is the lab's one way to wait: try until it works, until the
// context ends, or until what is waited for has died.
package await

import (
	"context"
	"fmt"
	"time"
)

// interval is short, since everything the lab waits for is on this machine.
const interval = 50 * time.Millisecond

// OK calls try until it returns nil. When ctx ends first, the error says what
// was waited for and what the last try said.
func OK(ctx context.Context, what string, try func(context.Context) error) error {
	return OKUnless(ctx, what, nil, nil, try)
}

// OKUnless is OK that gives up as soon as dead is closed, with what reason says.
func OKUnless(ctx context.Context, what string, dead <-chan struct{}, reason func() error, try func(context.Context) error) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		last := try(ctx)
		if last == nil {
			return nil
		}
		select {
		case <-dead:
			return fmt.Errorf("waiting for %s: %w", what, reason())
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w; last: %w", what, context.Cause(ctx), last)
		case <-ticker.C:
		}
	}
}

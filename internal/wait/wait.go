// Package wait is the one way in which the provider waits for something. It
// imports fault and a clock only: what is waited for comes in as a function.
package wait

import (
	"context"
	"errors"
	"time"

	"k8s.io/utils/clock"
)

// Pending is one condition that is not true yet.
type Pending struct {
	// What is the condition or object: "WorkersAvailable", "config_status".
	What string
	// Message is the last thing that the platform said about it.
	Message string
	// Layer says who owns the symptom, see the Layer constants. It may be empty.
	Layer Layer
}

// Layer names the part of the platform, and so the people, that a symptom belongs to.
type Layer string

// The three layers of a VKS platform.
const (
	// LayerNamespace: quota, VM classes, storage policies and permissions of the vSphere Namespace.
	LayerNamespace Layer = "vSphere Namespace (quota, VM classes, storage policies, permissions)"
	// LayerSupervisor: placement, storage, network and controllers of the Supervisor.
	LayerSupervisor Layer = "Supervisor (placement, storage, network, controllers)"
	// LayerCluster: the workload cluster's own RBAC, nodes and add-ons.
	LayerCluster Layer = "workload cluster (its own RBAC, nodes and add-ons)"
)

// Status is the answer of one look.
type Status struct {
	Done bool
	// Progress is a short line for the log: "3/5 machines, v1.33 → v1.34".
	Progress string
	// Pending lists what is not true yet. It ends up in the message of a timeout.
	Pending []Pending
}

// Check looks once. An error ends the wait at once: it is for terminal states,
// and the Pending beside it is told with it.
// A passing failure of the network belongs into Status.Pending.
type Check func(ctx context.Context) (Status, error)

// Options of one wait.
type Options struct {
	// What is being waited for, for messages: "VKS cluster team-a/prod to become available".
	What string
	// Changes, when not nil, is signalled whenever it is worth looking again (a watch).
	// The backoff below then only catches a watch that died.
	Changes <-chan struct{}
	// Min and Max bound the backoff between two looks. Defaults: 1 s and 15 s.
	Min, Max time.Duration
	// Clock is the real one when nil.
	Clock clock.Clock
	// Progress is told each new progress line with the time since the start.
	Progress func(line string, elapsed time.Duration)
}

// TimeoutError says what was still not true when the context ended.
type TimeoutError struct {
	What    string
	Elapsed time.Duration
	Pending []Pending
	// Cause is the context's error: deadline exceeded, or cancelled by the user.
	Cause error
}

// Error is a single line; diagnostics print Pending one by one.
func (e *TimeoutError) Error() string {
	text := "waited " + e.Elapsed.Round(time.Second).String() + " for " + e.What
	for _, p := range e.Pending {
		text += "; " + p.What + ": " + p.Message
	}
	return text
}

// Unwrap gives the context's error.
func (e *TimeoutError) Unwrap() error { return e.Cause }

// FailedError is a final state, with what was not true when it was met.
type FailedError struct {
	What    string
	Elapsed time.Duration
	Pending []Pending
	// Err says what is final.
	Err error
}

// Error is a single line; diagnostics print Pending one by one.
func (e *FailedError) Error() string { return e.Err.Error() }

// Unwrap gives what is final.
func (e *FailedError) Unwrap() error { return e.Err }

// For looks until check is done, fails, or ctx ends. The deadline is the context's.
func For(ctx context.Context, o Options, check Check) error {
	o = o.withDefaults()
	start, pause, last := o.Clock.Now(), o.Min, Status{}
	for said := ""; ; {
		status, err := check(ctx)
		if err != nil {
			if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return o.timeout(ctx, start, last)
			}
			return o.failed(start, status, err)
		}
		if status.Done {
			return nil
		}
		last = status
		if status.Progress != said && o.Progress != nil {
			said = status.Progress
			o.Progress(said, o.Clock.Since(start))
		}
		if ctx.Err() != nil {
			return o.timeout(ctx, start, last)
		}
		timer := o.Clock.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return o.timeout(ctx, start, last)
		case _, open := <-o.Changes:
			if !open {
				o.Changes = nil
			}
		case <-timer.C():
			pause = min(pause*2, o.Max)
		}
		timer.Stop()
	}
}

func (o Options) timeout(ctx context.Context, start time.Time, last Status) error {
	return &TimeoutError{What: o.What, Elapsed: o.Clock.Since(start), Pending: last.Pending, Cause: context.Cause(ctx)}
}

func (o Options) failed(start time.Time, at Status, err error) error {
	if len(at.Pending) == 0 {
		return err
	}
	return &FailedError{What: o.What, Elapsed: o.Clock.Since(start), Pending: at.Pending, Err: err}
}

func (o Options) withDefaults() Options {
	if o.Min <= 0 {
		o.Min = time.Second
	}
	if o.Max < o.Min {
		o.Max = max(15*time.Second, o.Min)
	}
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	return o
}

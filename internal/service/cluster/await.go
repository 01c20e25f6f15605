package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/utils/clock"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// proofEvery is how often machines are asked for, once the cluster itself has
// nothing left to say.
const proofEvery = 5 * time.Second

// await waits until the cluster is what g says.
func await(ctx context.Context, client api, follow watcher, clk clock.PassiveClock, what string, g goal, told func(string, time.Duration)) error {
	l := looker{client: client, follow: follow, clock: clk, goal: g, steady: steady{clock: clk}, endpoint: endpointWatch{client: client, clock: clk}}
	return wait.For(ctx, wait.Options{What: what, Changes: follow.Changes(), Max: 5 * time.Second, Progress: told}, l.look)
}

// looker is one wait for a cluster.
type looker struct {
	client   api
	follow   watcher
	clock    clock.PassiveClock
	goal     goal
	steady   steady
	refusal  refusal
	endpoint endpointWatch

	// proved and proof are when machines were last asked for, and what they lack.
	proved time.Time
	proof  []wait.Pending
}

func (l *looker) look(ctx context.Context) (wait.Status, error) {
	c, err := l.follow.Get(ctx)
	if err != nil {
		return lookFailed(err)
	}
	status, err := check(c, l.goal)
	if err == nil {
		err = l.refusal.check(c, l.clock.Now())
	}
	if err == nil && l.goal.creating {
		err = l.endpoint.check(ctx, c)
	}
	if err != nil {
		return status, err
	}
	status = l.steady.hold(status)
	if !status.Done {
		return status, nil
	}
	status.Pending = l.prove(ctx, c)
	status.Done = len(status.Pending) == 0
	return status, nil
}

// prove asks for the machines where the conditions of the cluster are not enough:
// after a change, and where the Cluster API is too old to speak of workers.
func (l *looker) prove(ctx context.Context, c *supervisor.Cluster) []wait.Pending {
	_, modern := c.Conditions()
	if modern && !l.goal.machines || !l.proved.IsZero() && l.clock.Since(l.proved) < proofEvery {
		return l.proof
	}
	l.proved, l.proof = l.clock.Now(), nil
	if !modern {
		pools, err := l.client.UnsettledPools(ctx, c.Namespace(), c.Name())
		l.lacks("worker machines", "not yet as wanted: pools "+strings.Join(pools, ", "), len(pools) > 0, err)
	}
	if l.goal.machines {
		machines, err := l.client.Machines(ctx, c.Namespace(), c.Name())
		old := slices.DeleteFunc(machines, func(m supervisor.Machine) bool { return m.Version == c.Version() })
		l.lacks("machine versions", fmt.Sprintf("%s not yet on %s", machineList(old), c.Version()), len(old) > 0, err)
	}
	return l.proof
}

// lacks notes what machines lack. An account that may not read them is not kept
// waiting for them.
func (l *looker) lacks(what, message string, missing bool, err error) {
	switch {
	case errors.Is(err, fault.Forbidden) || errors.Is(err, fault.RouteAbsent):
		return
	case err != nil:
		message = err.Error()
	case !missing:
		return
	}
	l.proof = append(l.proof, wait.Pending{What: what, Message: message, Layer: layerOf("", message)})
}

// machineList names some machines, and counts the others.
func machineList(machines []supervisor.Machine) string {
	const most = 10
	var names []string
	for i, m := range machines {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(machines)-most))
			break
		}
		text := m.Name
		switch {
		case m.Phase != "" && m.Message != "":
			text += " (" + m.Phase + ": " + m.Message + ")"
		case m.Phase != "":
			text += " (" + m.Phase + ")"
		}
		names = append(names, text)
	}
	return strings.Join(names, ", ")
}

// steady lets a wait end only after it could have for a while.
type steady struct {
	clock clock.PassiveClock
	since time.Time
}

func (s *steady) hold(status wait.Status) wait.Status {
	if !status.Done {
		s.since = time.Time{}
		return status
	}
	if s.since.IsZero() {
		s.since = s.clock.Now()
	}
	status.Done = s.clock.Since(s.since) >= settleFor
	return status
}

// lookFailed: a cluster that vanished will not come back, a network may.
func lookFailed(err error) (wait.Status, error) {
	switch {
	case errors.Is(err, fault.Transient) || errors.Is(err, fault.Unreachable):
		return wait.Status{Pending: []wait.Pending{{What: "connection", Message: err.Error(), Layer: wait.LayerSupervisor}}}, nil
	case fault.IsNotFound(err):
		return wait.Status{}, &fault.Error{
			Kind: fault.NotFound, Message: "somebody else deleted the cluster while this was waiting for it", Err: err,
			Advice: "The next plan finds it gone and makes it anew. Find out who deleted it first.",
		}
	}
	return wait.Status{}, err
}

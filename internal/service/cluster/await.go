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
	"github.com/vksops/terraform-provider-vks/internal/kube"
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
	var left []wait.Pending
	if upgradeLeft(c, l.goal) {
		left, status.Done = status.Pending, true
	}
	status = l.steady.hold(status)
	if !status.Done {
		return status, nil
	}
	status.Pending = l.prove(ctx, c, left)
	status.Done = len(status.Pending) == 0
	return status, nil
}

// prove asks for the machines where the conditions of the cluster are not enough:
// after a change, where some are replaced by hand, and where the Cluster API is
// too old to speak of workers. left is what upgradeLeft speaks of: it is told
// unless nothing but machines that are replaced by hand is the reason of it.
func (l *looker) prove(ctx context.Context, c *supervisor.Cluster, left []wait.Pending) []wait.Pending {
	_, modern := c.Conditions()
	askPools := !modern || someByHand(c.Spec())
	if !askPools && !l.goal.machines || !l.proved.IsZero() && l.clock.Since(l.proved) < proofEvery {
		return l.proof
	}
	l.proved, l.proof = l.clock.Now(), nil
	var known, byHand bool
	if askPools {
		known = l.provePools(ctx, c, len(left) > 0)
	}
	if l.goal.machines {
		byHand = l.proveMachines(ctx, c)
	}
	if !known || !byHand || len(l.proof) > 0 {
		l.proof = append(slices.Clone(left), l.proof...)
	}
	return l.proof
}

// provePools reports whether the pools are known. In an upgrade that is not over
// they must all have been told the version.
func (l *looker) provePools(ctx context.Context, c *supervisor.Cluster, upgrading bool) (known bool) {
	pools, err := l.client.Pools(ctx, c.Namespace(), c.Name())
	var names []string
	for _, p := range pools {
		if !p.Settled || upgrading && p.Version != c.Version() {
			names = append(names, p.Name)
		}
	}
	l.lacks("worker machines", "not yet as wanted: pools "+strings.Join(names, ", "), len(names) > 0, err)
	return err == nil
}

// proveMachines reports whether there are old machines in pools in which they are
// replaced by hand. Nobody waits for those.
func (l *looker) proveMachines(ctx context.Context, c *supervisor.Cluster) (byHand bool) {
	machines, err := l.client.Machines(ctx, c.Namespace(), c.Name())
	pools := c.Spec().Pools
	var old []supervisor.Machine
	for _, m := range machines {
		switch {
		case m.Version == c.Version():
		case isByHand(pools[m.Pool]):
			byHand = true
		default:
			old = append(old, m)
		}
	}
	l.lacks("machine versions", fmt.Sprintf("%s not yet on %s", machineList(old), c.Version()), len(old) > 0, err)
	return byHand
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

// refusal remembers since when a wait has seen admission refuse a change of the
// cluster. The time in the condition does not tell that: it is of the status,
// which other reasons may have made False long before.
type refusal struct {
	since      time.Time
	generation int64
}

// check fails once the same change has been refused for too long, without a break.
func (r *refusal) check(c *supervisor.Cluster, now time.Time) error {
	conditions, modern := c.Conditions()
	topology := kube.FindCondition(conditions, conditionReconciled)
	current := !modern || topology.ObservedGeneration >= c.Generation()
	if !current || topology.Status != "False" || !refused(topology.Message) {
		r.since = time.Time{}
		return nil
	}
	if r.since.IsZero() || r.generation != c.Generation() {
		r.since, r.generation = now, c.Generation()
	}
	if now.Sub(r.since) < stuckAfter {
		return nil
	}
	return terminal("the platform has not been able to act on the cluster since %s: %s", r.since.UTC().Format(time.RFC3339), topology.Message)
}

// refused tells the words of an admission that says no from those of progress.
func refused(message string) bool {
	for _, words := range []string{"denied the request", "Required value", "Invalid value", "Unsupported value", "is invalid:"} {
		if strings.Contains(message, words) {
			return true
		}
	}
	return false
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

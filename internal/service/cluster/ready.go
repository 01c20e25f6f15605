package cluster

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

const (
	conditionAvailable  = "Available"
	conditionReconciled = "TopologyReconciled"
	conditionAddons     = "AddonsReconciled"
	conditionChecks     = "SystemChecksSucceeded"
	conditionNewWorkers = "WorkerMachinesUpToDate"
	conditionRolling    = "RollingOut"

	available = "machines available"

	reasonUpgrading = "ClusterUpgrading"
	rolloutByHand   = "OnDelete"

	// stuckAfter is how long a wait sees the topology refused by admission before
	// that counts as final: passing refusals are over in seconds.
	stuckAfter = 3 * time.Minute
	// settleFor is how long a changed cluster must look finished: its conditions
	// are sums over other objects, and lag behind the change.
	settleFor = 4 * time.Second
)

// goal is what a wait waits for.
type goal struct {
	// generation of the spec that must have been acted on.
	generation int64
	// addons must be reconciled too.
	addons bool
	// from is the version before the change, for the progress line.
	from string
	// machines must themselves be of the version, beside what conditions say.
	machines bool
	// uid is the incarnation of the cluster; another is not what was changed.
	uid types.UID
	// creating is of clusters that have never had an API server.
	creating bool
}

// settled must be true, and over must be false, of a cluster that has nothing
// left to do. These are the conditions of v1beta2.
var (
	settled = []string{conditionAvailable, conditionReconciled, "ControlPlaneMachinesUpToDate", conditionNewWorkers}
	over    = []string{conditionRolling, "ScalingUp", "ScalingDown"}
	// legacy conditions are all that a Supervisor with only v1beta1 has.
	legacy = []string{"Ready", "ControlPlaneReady", conditionReconciled}

	// health is what may be missing without any change being on its way, and
	// scaling what an autoscaler does by itself.
	health  = []string{conditionAvailable, conditionAddons, "Ready", "ControlPlaneReady", "control plane " + available, "worker " + available}
	scaling = []string{"ScalingUp", "ScalingDown"}

	// quiet conditions are well when they are not true.
	quiet = append([]string{"Remediating", "Deleting", "Paused"}, over...)
)

// check looks at a cluster: is it what the goal says? An error is final.
func check(c *supervisor.Cluster, g goal) (wait.Status, error) {
	status := wait.Status{Progress: progress(c, g)}
	status.Pending = unmet(c, g, someByHand(c.Spec()))
	status.Done = len(status.Pending) == 0
	if !status.Done {
		status.Pending = append(status.Pending, reasons(c, status.Pending)...)
	}
	return status, failed(c, g)
}

// unmet is what the cluster itself says is not yet as g wants it. The patient do
// not mind old workers: those that only go when somebody deletes them cannot be
// told from others here.
func unmet(c *supervisor.Cluster, g goal, patient bool) []wait.Pending {
	pending := append(pendingGeneration(c, g), pendingConditions(c, g, patient)...)
	return append(pending, pendingCounts(c, g, patient)...)
}

// upgradeLeft reports whether nothing but an upgrade that the platform still
// calls under way keeps a wait: where machines are replaced by hand, it does so
// until somebody has replaced the last one.
func upgradeLeft(c *supervisor.Cluster, g goal) bool {
	conditions, modern := c.Conditions()
	topology := kube.FindCondition(conditions, conditionReconciled)
	if !modern || !g.machines || !someByHand(c.Spec()) || topology.Status != "False" || topology.Reason != reasonUpgrading || topology.ObservedGeneration < c.Generation() {
		return false
	}
	pending := unmet(c, g, true)
	return len(pending) == 1 && pending[0].What == conditionReconciled
}

// reasons are the other conditions that are not as they should be. Nothing waits
// for them, but they say why what is waited for is not there.
func reasons(c *supervisor.Cluster, told []wait.Pending) []wait.Pending {
	conditions, _ := c.Conditions()
	var more []wait.Pending
	for _, one := range conditions {
		isTold := slices.ContainsFunc(told, func(p wait.Pending) bool { return p.What == one.Type })
		if isTold || slices.Contains(quiet, one.Type) || one.True() {
			continue
		}
		more = append(more, wait.Pending{What: one.Type, Message: messageOf(one), Layer: layerOf(one.Type, one.Message)})
	}
	return more
}

// rolling reports whether machines are still on their way to what the cluster
// asks for. One that is merely not healthy is not, nor one that nothing acts on.
func rolling(c *supervisor.Cluster) bool {
	if c.Paused() {
		return false
	}
	return slices.ContainsFunc(unmet(c, goal{}, allByHand(c.Spec())), func(p wait.Pending) bool {
		byItself := slices.Contains(scaling, p.What) && autoscaled(c)
		return !byItself && !slices.Contains(health, p.What)
	})
}

func autoscaled(c *supervisor.Cluster) bool {
	for _, pool := range c.Spec().Pools {
		if pool.Replicas == nil {
			return true
		}
	}
	return false
}

// resumes reports whether an update that machines do not notice waits all the
// same: the one before may have run out of time. A change of the protection
// alone never does, as it is what comes before giving a cluster up.
func (m *model) resumes(state model, live *supervisor.Cluster) bool {
	state.DeletionProtection, state.ServerValidation = m.DeletionProtection, m.ServerValidation
	return !m.asked().equal(state.asked()) && rolling(live)
}

// failed tells a state that does not end well by waiting.
func failed(c *supervisor.Cluster, g goal) error {
	switch message := c.Failure(); {
	case g.uid != "" && c.UID() != g.uid:
		return terminal("somebody else deleted the cluster and made another of its name while this was waiting")
	case c.Deleting():
		return terminal("the cluster is being deleted by somebody else")
	case message != "":
		return terminal("the platform gave the cluster up: %s", message)
	case c.Phase() == "Failed":
		return terminal("the cluster is in phase Failed")
	}
	return nil
}

// terminal is an error that more patience does not help.
func terminal(format string, args ...any) error {
	return &fault.Error{Kind: fault.Unsupported, Message: fmt.Sprintf(format, args...)}
}

func pendingGeneration(c *supervisor.Cluster, g goal) []wait.Pending {
	if c.Generation() >= g.generation && c.ObservedGeneration() >= c.Generation() {
		return nil
	}
	return []wait.Pending{{
		What: "observedGeneration", Layer: wait.LayerSupervisor,
		Message: fmt.Sprintf("the platform has seen change %d of %d", c.ObservedGeneration(), max(g.generation, c.Generation())),
	}}
}

func pendingConditions(c *supervisor.Cluster, g goal, patient bool) []wait.Pending {
	conditions, modern := c.Conditions()
	must, mustNot := settled, over
	if !modern {
		must, mustNot = legacy, nil
	}
	if g.addons {
		must = append(append([]string(nil), must...), conditionAddons)
	}
	var pending []wait.Pending
	look := func(name, want string) {
		if patient && (name == conditionNewWorkers || name == conditionRolling) {
			return
		}
		condition := kube.FindCondition(conditions, name)
		current := !modern || name == conditionAddons || condition.ObservedGeneration >= c.Generation()
		switch {
		case condition.Status != want:
			pending = append(pending, wait.Pending{What: name, Message: messageOf(condition), Layer: layerOf(name, condition.Message)})
		case !current:
			pending = append(pending, wait.Pending{What: name, Message: "not yet reported for the latest change", Layer: layerOf(name, "")})
		}
	}
	for _, name := range must {
		look(name, "True")
	}
	for _, name := range mustNot {
		look(name, "False")
	}
	if c.Paused() {
		pending = append(pending, wait.Pending{What: "Paused", Message: "the cluster is paused: nothing acts on it", Layer: wait.LayerSupervisor})
	}
	return pending
}

// pendingCounts catches conditions that still speak of the size before, and
// machines that are there but not of use yet: a control plane counts as available
// with less than all of its machines.
func pendingCounts(c *supervisor.Cluster, g goal, patient bool) []wait.Pending {
	spec := c.Spec()
	var pending []wait.Pending
	if have, ok := c.ControlPlane(); ok {
		pending = append(pending, countsOf("control plane", have, spec.ControlPlane.Replicas, false)...)
	}
	have, ok := c.Workers()
	if !ok {
		return pending
	}
	least, exact := workersOf(spec, g.creating)
	if !exact {
		least = max(least, have.Desired) // an autoscaler decides about the rest
	}
	return append(pending, countsOf("worker", have, &least, patient)...)
}

// workersOf is how many workers the pools ask for, and whether that is all of
// them: where an autoscaler decides, it is how many there are at least. Its
// minimum counts in new clusters only. When somebody raises it later, nobody
// grows the pool for that alone.
func workersOf(spec supervisor.ClusterSpec, creating bool) (least int64, exact bool) {
	exact = true
	for _, pool := range spec.Pools {
		if pool.Replicas != nil {
			least += *pool.Replicas
			continue
		}
		exact = false
		if low, err := strconv.ParseInt(pool.Annotations[minNodes], 10, 64); err == nil && creating {
			least += low
		}
	}
	return least, exact
}

// countsOf compares the machines of a part with what is wanted of it, where that
// is known. Old ones that are replaced by hand are not waited for.
func countsOf(part string, have supervisor.Replicas, wanted *int64, byHand bool) []wait.Pending {
	of := func(what, format string, args ...any) []wait.Pending {
		return []wait.Pending{{What: part + " " + what, Layer: wait.LayerSupervisor, Message: fmt.Sprintf(format, args...)}}
	}
	switch {
	case wanted != nil && have.Desired != *wanted:
		return of("replicas", "the platform works towards %d, %d are wanted", have.Desired, *wanted)
	case have.Current != have.Desired:
		return of("replicas", "%d machines are there, %d are wanted", have.Current, have.Desired)
	case have.UpToDate < have.Desired && !byHand:
		return of("replicas", "%d of %d machines are up to date", have.UpToDate, have.Desired)
	case have.Available < have.Desired:
		return of(available, "%d of %d machines are", have.Available, have.Desired)
	}
	return nil
}

// isByHand: machines of the pool are only replaced when somebody deletes them.
func isByHand(pool supervisor.PoolSpec) bool { return pool.RolloutType == rolloutByHand }

func someByHand(spec supervisor.ClusterSpec) bool {
	for _, pool := range spec.Pools {
		if isByHand(pool) {
			return true
		}
	}
	return false
}

func allByHand(spec supervisor.ClusterSpec) bool {
	for _, pool := range spec.Pools {
		if !isByHand(pool) {
			return false
		}
	}
	return len(spec.Pools) > 0
}

package cluster

import (
	"slices"
	"strings"
	"testing"
	"time"

	testclock "k8s.io/utils/clock/testing"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// mixed has a pool whose machines somebody replaces by hand beside one that
// rolls; the first has an old machine.
func mixed() live {
	return finished().
		set([]any{
			map[string]any{"name": "hand", "class": "node-pool", "replicas": int64(1), "rollout": map[string]any{"strategy": map[string]any{"type": rolloutByHand}}},
			map[string]any{"name": "roll", "class": "node-pool", "replicas": int64(1)},
		}, "spec", "topology", "workers", "machineDeployments").
		condition(conditionNewWorkers, map[string]any{"status": "False"}).condition(conditionRolling, map[string]any{"status": "True"}).
		set(int64(1), "status", "workers", "upToDateReplicas")
}

// Machines that only go when somebody deletes them are not waited for, all
// others are, whatever the sums in the cluster's conditions are worth then.
func TestProofByHand(t *testing.T) {
	t.Parallel()
	const asked, before = "v1.34.1+vmware.1", "v1.33.6+vmware.1-fips"
	upgrading := func(reason string, seen int64) live {
		return mixed().condition(conditionReconciled, map[string]any{"status": "False", "reason": reason, "message": "Cluster is upgrading", "observedGeneration": seen})
	}
	machines := func(control, hand, roll string) []supervisor.Machine {
		return []supervisor.Machine{{Name: "prod-cp", Version: control}, {Name: "prod-hand", Version: hand, Pool: "hand"}, {Name: "prod-roll", Version: roll, Pool: "roll"}}
	}
	pools := func(hand string, settled bool) []supervisor.Pool {
		return []supervisor.Pool{{Name: "hand", Version: hand, Settled: true}, {Name: "roll", Version: asked, Settled: settled}}
	}
	update := goal{machines: true}
	for name, c := range map[string]struct {
		live   live
		goal   goal
		beside inventory
		want   []string // what is pending
	}{
		"only those are old":              {live: mixed(), goal: update, beside: inventory{machines: machines(asked, before, asked), pools: pools(asked, true)}},
		"another pool is old":             {live: mixed(), goal: update, beside: inventory{machines: machines(asked, before, before), pools: pools(asked, true)}, want: []string{"machine versions"}},
		"the control plane is old":        {live: mixed(), goal: update, beside: inventory{machines: machines(before, asked, asked), pools: pools(asked, true)}, want: []string{"machine versions"}},
		"another pool rolls":              {live: mixed(), goal: update, beside: inventory{machines: machines(asked, asked, asked), pools: pools(asked, false)}, want: []string{"worker machines"}},
		"another pool rolls, in a create": {live: mixed(), beside: inventory{pools: pools(asked, false)}, want: []string{"worker machines"}},
		"may not look":                    {live: mixed(), goal: update, beside: inventory{err: fault.Forbidden}},

		"still called upgrading":                       {live: upgrading(reasonUpgrading, 2), goal: update, beside: inventory{machines: machines(asked, before, asked), pools: pools(asked, true)}},
		"upgrading, may not look":                      {live: upgrading(reasonUpgrading, 2), goal: update, beside: inventory{err: fault.Forbidden}, want: []string{conditionReconciled}},
		"upgrading, and none is old":                   {live: upgrading(reasonUpgrading, 2), goal: update, beside: inventory{machines: machines(asked, asked, asked), pools: pools(asked, true)}, want: []string{conditionReconciled}},
		"upgrading, another pool is old":               {live: upgrading(reasonUpgrading, 2), goal: update, beside: inventory{machines: machines(asked, before, before), pools: pools(asked, true)}, want: []string{conditionReconciled, "machine versions"}},
		"upgrading, another pool rolls":                {live: upgrading(reasonUpgrading, 2), goal: update, beside: inventory{machines: machines(asked, before, asked), pools: pools(asked, false)}, want: []string{conditionReconciled, "worker machines"}},
		"upgrading, the pool does not know":            {live: upgrading(reasonUpgrading, 2), goal: update, beside: inventory{machines: machines(asked, before, asked), pools: pools(before, true)}, want: []string{conditionReconciled, "worker machines"}},
		"upgrading, of the change before":              {live: upgrading(reasonUpgrading, 1), goal: update, beside: inventory{machines: machines(asked, before, asked), pools: pools(asked, true)}, want: []string{conditionReconciled}},
		"upgrading, in a create":                       {live: upgrading(reasonUpgrading, 2), beside: inventory{machines: machines(asked, before, asked), pools: pools(asked, true)}, want: []string{conditionReconciled}},
		"another reason":                               {live: upgrading("ReconcileFailed", 2), goal: update, beside: inventory{machines: machines(asked, before, asked), pools: pools(asked, true)}, want: []string{conditionReconciled}},
		"upgrading, and no machine of another is well": {live: upgrading(reasonUpgrading, 2).set(int64(1), "status", "workers", "availableReplicas"), goal: update, beside: inventory{machines: machines(asked, before, asked), pools: pools(asked, true)}, want: []string{conditionReconciled, "worker " + available}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clk := testclock.NewFakePassiveClock(noon)
			l := looker{client: &c.beside, follow: fixed{cluster: c.live.cluster()}, clock: clk, goal: c.goal, steady: steady{clock: clk, since: noon.Add(-settleFor)}}
			for range 3 {
				status, err := l.look(t.Context())
				if err != nil || status.Done != (c.want == nil) {
					t.Fatalf("got %+v, %v", status, err)
				}
				for _, want := range c.want {
					if !slices.ContainsFunc(status.Pending, func(p wait.Pending) bool { return p.What == want }) {
						t.Errorf("got %+v, want %s", status.Pending, want)
					}
				}
			}
		})
	}
}

// An upgrade that is only called so must look like that for a while, too.
func TestUpgradeLeftIsSteady(t *testing.T) {
	t.Parallel()
	clk := testclock.NewFakePassiveClock(noon)
	c := mixed().condition(conditionReconciled, map[string]any{"status": "False", "reason": reasonUpgrading, "message": "Cluster is upgrading"}).cluster()
	beside := &inventory{
		machines: []supervisor.Machine{{Name: "prod-hand", Version: "v1.33.6+vmware.1-fips", Pool: "hand"}},
		pools:    []supervisor.Pool{{Name: "hand", Version: c.Version(), Settled: true}},
	}
	l := looker{client: beside, follow: fixed{cluster: c}, clock: clk, goal: goal{machines: true}, steady: steady{clock: clk}}
	if status, err := l.look(t.Context()); err != nil || status.Done || len(status.Pending) == 0 || beside.asked > 0 {
		t.Errorf("at once: %+v, %v", status, err)
	}
	clk.SetTime(noon.Add(settleFor))
	if status, err := l.look(t.Context()); err != nil || !status.Done {
		t.Errorf("afterwards: %+v, %v", status, err)
	}
}

// Refusals pass, and the one of the change before says nothing about this one.
func TestRefusal(t *testing.T) {
	t.Parallel()
	const denied = `admission webhook "x" denied the request: no`
	topology := func(status, message string, seen int64) *supervisor.Cluster {
		return finished().condition(conditionReconciled, map[string]any{
			"status": status, "message": message, "observedGeneration": seen, "lastTransitionTime": noon.Add(-time.Hour).Format(time.RFC3339),
		}).cluster()
	}
	another := finished().set(int64(3), "metadata", "generation").condition(conditionReconciled, map[string]any{
		"status": "False", "message": denied, "observedGeneration": int64(3),
	}).cluster()
	old := finished().set("cluster.x-k8s.io/v1beta1", "apiVersion").condition(conditionReconciled, map[string]any{
		"status": "False", "message": denied, "observedGeneration": int64(0),
	}).cluster()
	type look struct {
		at      time.Duration
		cluster *supervisor.Cluster
	}
	refused, upgrading := topology("False", denied, 2), topology("False", "Cluster is upgrading", 2)
	for name, c := range map[string]struct {
		looks []look
		fatal bool
	}{
		"refused for long":                {looks: []look{{0, refused}, {stuckAfter, refused}}, fatal: true},
		"not yet":                         {looks: []look{{0, refused}, {stuckAfter - time.Second, refused}}},
		"of the change before":            {looks: []look{{0, topology("False", denied, 1)}, {20 * time.Minute, topology("False", denied, 1)}}},
		"late in a long upgrade":          {looks: []look{{0, upgrading}, {20 * time.Minute, refused}, {21 * time.Minute, upgrading}}},
		"with a break":                    {looks: []look{{0, refused}, {2 * time.Minute, upgrading}, {4 * time.Minute, refused}}},
		"somebody changed it again":       {looks: []look{{0, refused}, {4 * time.Minute, another}}},
		"that change, too":                {looks: []look{{0, refused}, {4 * time.Minute, another}, {7 * time.Minute, another}}, fatal: true},
		"no generation in old conditions": {looks: []look{{0, old}, {stuckAfter, old}}, fatal: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clk := testclock.NewFakePassiveClock(noon)
			var err error
			f := &fixed{}
			l := looker{follow: f, clock: clk, steady: steady{clock: clk}}
			for i, one := range c.looks {
				if err != nil {
					t.Fatalf("look %d: %v", i, err)
				}
				clk.SetTime(noon.Add(one.at))
				f.cluster = one.cluster
				_, err = l.look(t.Context())
			}
			if (err != nil) != c.fatal || c.fatal && !strings.Contains(err.Error(), "denied the request: no") {
				t.Errorf("got %v", err)
			}
		})
	}
}

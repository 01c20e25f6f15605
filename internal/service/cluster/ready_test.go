package cluster

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// live builds a Cluster of generation 2 that has nothing left to do.
type live struct{ object map[string]any }

func finished() live {
	conditions := []any{}
	for _, name := range settled {
		conditions = append(conditions, conditionOf(name, "True"))
	}
	for _, name := range over {
		conditions = append(conditions, conditionOf(name, "False"))
	}
	counts := func(n int64) map[string]any {
		return map[string]any{"desiredReplicas": n, "replicas": n, "readyReplicas": n, "upToDateReplicas": n, "availableReplicas": n}
	}
	return live{object: map[string]any{
		"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster",
		"metadata": map[string]any{"name": "prod", "namespace": "team-a", "generation": int64(2)},
		"spec": map[string]any{"topology": map[string]any{
			"version":      "v1.34.1+vmware.1",
			"controlPlane": map[string]any{"replicas": int64(1)},
			"workers":      map[string]any{"machineDeployments": []any{map[string]any{"name": "a", "class": "node-pool", "replicas": int64(2)}}},
		}},
		"status": map[string]any{
			"phase": "Provisioned", "observedGeneration": int64(2), "conditions": conditions,
			"controlPlane": counts(1), "workers": counts(2),
		},
	}}
}

// autoscaledBeside has one pool of two beside one of one to five.
func autoscaledBeside(desired int64) live {
	counts := map[string]any{"desiredReplicas": desired, "replicas": desired, "readyReplicas": desired, "upToDateReplicas": desired, "availableReplicas": desired}
	return finished().set([]any{
		map[string]any{"name": "a", "class": "node-pool", "replicas": int64(2)},
		map[string]any{"name": "b", "class": "node-pool", "metadata": map[string]any{"annotations": map[string]any{minNodes: "1", maxNodes: "5"}}},
	}, "spec", "topology", "workers", "machineDeployments").set(counts, "status", "workers")
}

func conditionOf(name, status string) map[string]any {
	return map[string]any{"type": name, "status": status, "observedGeneration": int64(2), "lastTransitionTime": noon.Format(time.RFC3339)}
}

func (l live) set(value any, path ...string) live {
	if err := unstructured.SetNestedField(l.object, value, path...); err != nil {
		panic(err)
	}
	return l
}

func (l live) condition(name string, change map[string]any) live {
	list, _, _ := unstructured.NestedSlice(l.object, "status", "conditions")
	for _, item := range list {
		if entry, ok := item.(map[string]any); ok && entry["type"] == name {
			for k, v := range change {
				entry[k] = v
			}
		}
	}
	return l.set(list, "status", "conditions")
}

func (l live) with(more ...any) live {
	list, _, _ := unstructured.NestedSlice(l.object, "status", "conditions")
	return l.set(append(list, more...), "status", "conditions")
}

func (l live) cluster() *supervisor.Cluster {
	return supervisor.ClusterOf(&unstructured.Unstructured{Object: l.object})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		live    live
		goal    goal
		pending string
		layer   wait.Layer
		fatal   string
	}{
		"finished": {live: finished(), goal: goal{generation: 2}},
		"the watch is behind the change": {
			live: finished(), goal: goal{generation: 3}, pending: "observedGeneration", layer: wait.LayerSupervisor,
		},
		"controllers are behind the change": {
			live: finished().set(int64(1), "status", "observedGeneration"), pending: "observedGeneration", layer: wait.LayerSupervisor,
		},
		"no status at all": {live: finished().set(map[string]any{}, "status"), pending: conditionAvailable, layer: wait.LayerSupervisor},
		"a condition of the change before": {
			live: finished().condition("WorkerMachinesUpToDate", map[string]any{"observedGeneration": int64(1)}), pending: "WorkerMachinesUpToDate", layer: wait.LayerSupervisor,
		},
		"rolling": {
			live:    finished().condition("RollingOut", map[string]any{"status": "True", "reason": "RollingOut", "message": "Rolling out 1 not up-to-date replicas"}),
			pending: "RollingOut", layer: wait.LayerSupervisor,
		},
		"quota": {
			live:    finished().condition(conditionAvailable, map[string]any{"status": "False", "message": "exceeded quota: team-a-storagequota"}),
			pending: conditionAvailable, layer: wait.LayerNamespace,
		},
		"paused":                     {live: finished().set(true, "spec", "paused"), pending: "Paused", layer: wait.LayerSupervisor},
		"size before":                {live: finished().set(int64(1), "status", "workers", "desiredReplicas"), pending: "worker replicas", layer: wait.LayerSupervisor},
		"a machine is not there yet": {live: finished().set(int64(1), "status", "workers", "replicas"), pending: "worker replicas", layer: wait.LayerSupervisor},
		"a machine is of before":     {live: finished().set(int64(1), "status", "workers", "upToDateReplicas"), pending: "worker replicas", layer: wait.LayerSupervisor},
		"a machine does not answer":  {live: finished().set(int64(0), "status", "controlPlane", "availableReplicas"), pending: "control plane machines available", layer: wait.LayerSupervisor},
		"an autoscaled machine does not answer": {
			live: finished().set([]any{map[string]any{"name": "a", "class": "node-pool"}}, "spec", "topology", "workers", "machineDeployments").
				set(int64(1), "status", "workers", "availableReplicas"), pending: "worker machines available", layer: wait.LayerSupervisor,
		},
		"replaced by hand": {
			live: finished().set([]any{map[string]any{"name": "a", "class": "node-pool", "replicas": int64(2), "rollout": map[string]any{"strategy": map[string]any{"type": "OnDelete"}}}},
				"spec", "topology", "workers", "machineDeployments").
				condition("WorkerMachinesUpToDate", map[string]any{"status": "False"}).condition("RollingOut", map[string]any{"status": "True"}).
				set(int64(0), "status", "workers", "upToDateReplicas"),
		},
		"autoscaled pool": {live: finished().set([]any{map[string]any{"name": "a", "class": "node-pool"}}, "spec", "topology", "workers", "machineDeployments")},
		"autoscaled beside fixed, more than the least": {live: autoscaledBeside(4)},
		"autoscaled beside fixed, the least of old":    {live: autoscaledBeside(2)},
		"autoscaled beside fixed, less than the fixed": {live: autoscaledBeside(1), pending: "worker replicas", layer: wait.LayerSupervisor},
		"autoscaled beside fixed, new, less than both": {live: autoscaledBeside(2), goal: goal{creating: true}, pending: "worker replicas", layer: wait.LayerSupervisor},
		"autoscaled beside fixed, new":                 {live: autoscaledBeside(3), goal: goal{creating: true}},
		"no addons":                                    {live: finished(), goal: goal{addons: true}, pending: conditionAddons, layer: wait.LayerCluster},
		"being deleted":                                {live: finished().set("2026-03-01T12:00:00Z", "metadata", "deletionTimestamp"), fatal: "deleted by somebody else"},
		"given up": {
			live: finished().set("no more addresses", "status", "deprecated", "v1beta1", "failureMessage"), fatal: "no more addresses",
		},
		"another of its name": {live: finished(), goal: goal{generation: 2, uid: "old"}, fatal: "made another of its name"},
		"why it is not available": {
			live: finished().condition(conditionAvailable, map[string]any{"status": "False"}).
				with(map[string]any{"type": "InfrastructureReady", "status": "False", "message": "waiting for the load balancer"}),
			pending: "InfrastructureReady", layer: wait.LayerSupervisor,
		},
		"what is well is no reason": {
			live: finished().with(map[string]any{"type": "Remediating", "status": "False"}, map[string]any{"type": "InfrastructureReady", "status": "False"}),
		},
		"failed": {live: finished().set("Failed", "status", "phase"), fatal: "phase Failed"},
		"refused just now": {
			live:    finished().condition(conditionReconciled, map[string]any{"status": "False", "message": `admission webhook "x" denied the request: no`}),
			pending: conditionReconciled, layer: wait.LayerSupervisor,
		},
		"failing to reconcile is no final state": {
			live: finished().condition(conditionReconciled, map[string]any{
				"status": "False", "message": "error reconciling: connection refused", "lastTransitionTime": noon.Add(-10 * time.Minute).Format(time.RFC3339),
			}),
			pending: conditionReconciled, layer: wait.LayerSupervisor,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, err := check(c.live.cluster(), c.goal)
			if c.fatal != "" {
				if err == nil || !strings.Contains(err.Error(), c.fatal) {
					t.Fatalf("got %v, want a final error with %q", err, c.fatal)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if status.Done != (c.pending == "") {
				t.Errorf("done %t, pending %+v", status.Done, status.Pending)
			}
			for _, p := range status.Pending {
				if p.What == c.pending && p.Layer == c.layer && p.Message != "" {
					return
				}
			}
			if c.pending != "" {
				t.Errorf("pending %+v, want %s of %s", status.Pending, c.pending, c.layer)
			}
		})
	}
}

// An update that machines do not notice waits for those of the update before.
func TestResumes(t *testing.T) {
	t.Parallel()
	rollingOut := func() live {
		return finished().condition("RollingOut", map[string]any{"status": "True"})
	}
	scalingUp := func() live {
		return finished().condition("ScalingUp", map[string]any{"status": "True"})
	}
	autoscaler := []any{map[string]any{"name": "a", "class": "node-pool"}}
	for name, c := range map[string]struct {
		live           live
		protectionOnly bool
		want           bool
	}{
		"finished":                    {live: finished()},
		"rolling":                     {live: rollingOut(), want: true},
		"rolling, to be given up":     {live: rollingOut(), protectionOnly: true},
		"paused":                      {live: rollingOut().set(true, "spec", "paused")},
		"not up to date":              {live: finished().condition("WorkerMachinesUpToDate", map[string]any{"status": "False"}), want: true},
		"topology not acted on":       {live: finished().condition(conditionReconciled, map[string]any{"status": "False"}), want: true},
		"conditions of before":        {live: finished().condition("RollingOut", map[string]any{"observedGeneration": int64(1)}), want: true},
		"not seen yet":                {live: finished().set(int64(1), "status", "observedGeneration"), want: true},
		"growing":                     {live: scalingUp(), want: true},
		"the autoscaler is at work":   {live: scalingUp().set(autoscaler, "spec", "topology", "workers", "machineDeployments")},
		"a pool rolls beside another": {live: mixed(), want: true},
		"replaced by hand only": {live: mixed().set([]any{map[string]any{
			"name": "hand", "class": "node-pool", "replicas": int64(2), "rollout": map[string]any{"strategy": map[string]any{"type": rolloutByHand}},
		}}, "spec", "topology", "workers", "machineDeployments")},
		"a machine does not answer": {live: finished().set(int64(1), "status", "workers", "availableReplicas")},
		"merely not available":      {live: finished().condition(conditionAvailable, map[string]any{"status": "False", "message": "a node is not ready"})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			state := model{Timeouts: timeouts.Value{Object: types.ObjectNull(map[string]attr.Type{})}, WaitFor: defaultWaitFor()}
			state.flatten(t.Context(), wantedSpec(), &diags)
			if diags.HasError() {
				t.Fatal(diags)
			}
			plan := state
			plan.DeletionProtection, plan.ServerValidation = types.BoolValue(false), types.BoolValue(true)
			if !c.protectionOnly {
				plan.Labels = textMap(map[string]string{"a": "b"})
			}
			if got := plan.resumes(state, c.live.cluster()); got != c.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

// One that was updated from an older release has both: those of v1beta2 count.
func TestCheckBothDialects(t *testing.T) {
	t.Parallel()
	l := finished()
	status, _, _ := unstructured.NestedMap(l.object, "status")
	l.set("cluster.x-k8s.io/v1beta1", "apiVersion").set([]any{map[string]any{"type": "Ready", "status": "True"}}, "status", "conditions")
	l.set(map[string]any{"conditions": status["conditions"], "workers": status["workers"], "controlPlane": status["controlPlane"]}, "status", "v1beta2")
	got, err := check(l.cluster(), goal{generation: 2})
	if err != nil || !got.Done {
		t.Errorf("got %+v, %v", got, err)
	}
	l.set(int64(1), "status", "v1beta2", "workers", "desiredReplicas")
	if got, _ = check(l.cluster(), goal{generation: 2}); got.Done {
		t.Error("the size before is done")
	}
}

// A Supervisor that serves v1beta1 only has other conditions.
func TestCheckLegacy(t *testing.T) {
	t.Parallel()
	l := finished().set("cluster.x-k8s.io/v1beta1", "apiVersion")
	conditions := []any{}
	for _, name := range legacy {
		conditions = append(conditions, map[string]any{"type": name, "status": "True"})
	}
	status, err := check(l.set(conditions, "status", "conditions").cluster(), goal{generation: 2})
	if err != nil || !status.Done {
		t.Errorf("got %+v, %v", status, err)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	got := progress(finished().set(int64(1), "status", "workers", "readyReplicas").cluster(), goal{from: "v1.33.6+vmware.1-fips"})
	if want := "3/3 machines up to date, 2 ready, v1.33.6+vmware.1-fips → v1.34.1+vmware.1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

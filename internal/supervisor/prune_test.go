package supervisor

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// What has no schema: all lists are values.
func TestPruneFree(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	list := func(names ...string) []any {
		entries := []any{}
		for _, name := range names {
			entries = append(entries, object{"name": name})
		}
		return entries
	}
	for name, c := range map[string]struct {
		live, prior, wanted, want object
		changed                   bool
	}{
		"nothing":               {object{"a": "1"}, nil, nil, object{"a": "1"}, false},
		"a value":               {object{"a": "1", "b": "2"}, object{"a": "1", "b": "2"}, object{"b": "2"}, object{"b": "2"}, true},
		"changed by others":     {object{"a": "9"}, object{"a": "1"}, nil, object{}, true},
		"gone already":          {object{"b": "2"}, object{"a": "1"}, nil, object{"b": "2"}, false},
		"all inside":            {object{"a": object{"b": object{"c": "1"}}}, object{"a": object{"b": object{"c": "1"}}}, nil, object{}, true},
		"not what is others'":   {object{"a": object{"b": "1", "x": "9"}}, object{"a": object{"b": "1"}}, nil, object{"a": object{"x": "9"}}, true},
		"an object that stays":  {object{"a": object{"b": "1"}}, object{"a": object{"b": "1"}}, object{"a": object{}}, object{"a": object{}}, true},
		"an object for a value": {object{"a": "1"}, object{"a": object{"b": "1"}}, object{"a": "1"}, object{"a": "1"}, false},
		"a value for an object": {object{"a": object{"x": "9"}}, object{"a": "1"}, nil, object{}, true},
		"a list":                {object{"variables": list("a", "b")}, object{"variables": list("a")}, nil, object{}, true},
		"a list that stays":     {object{"variables": list("b")}, object{"variables": list("a")}, object{"variables": list("b")}, object{"variables": list("b")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := pruner{}.prune(c.live, c.prior, c.wanted)
			if diff := cmp.Diff(c.want, c.live); diff != "" {
				t.Error(diff)
			}
			if changed != c.changed {
				t.Errorf("changed: %v", changed)
			}
		})
	}
}

// topologies are the parts of a topology before and after something was removed.
type topologies struct {
	live, prior, wanted, want string
	unchanged                 bool
}

func (c topologies) check(t *testing.T) {
	t.Helper()
	read := func(text string) map[string]any {
		object := map[string]any{}
		if text == "" {
			return object
		}
		if err := utiljson.Unmarshal([]byte(text), &object); err != nil {
			t.Fatal(err)
		}
		return object
	}
	live := read(c.live)
	if changed := clusterPruner.prune(live, read(c.prior), read(c.wanted)); changed == c.unchanged {
		t.Errorf("changed: %v", changed)
	}
	if diff := cmp.Diff(read(c.want), live); diff != "" {
		t.Error(diff)
	}
	if clusterPruner.prune(live, read(c.wanted), read(c.wanted)) {
		raw, _ := json.Marshal(live)
		t.Errorf("something is left to remove: %s", raw)
	}
}

// What others put beside our last key stays; without it, nothing empty does.
func TestPruneLastKey(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]topologies{
		"an annotation of others": {
			live:   `{"controlPlane": {"replicas": 1, "metadata": {"labels": {"a": "1"}, "annotations": {"run.tanzu.vmware.com/resolve-os-image": "os-name=photon"}}}}`,
			prior:  `{"controlPlane": {"replicas": 1, "metadata": {"labels": {"a": "1"}}}}`,
			wanted: `{"controlPlane": {"replicas": 1}}`,
			want:   `{"controlPlane": {"replicas": 1, "metadata": {"annotations": {"run.tanzu.vmware.com/resolve-os-image": "os-name=photon"}}}}`,
		},
		"a label of others": {
			live:   `{"controlPlane": {"metadata": {"labels": {"a": "1", "b": "2"}}}}`,
			prior:  `{"controlPlane": {"metadata": {"labels": {"a": "1"}}}}`,
			wanted: `{"controlPlane": {"metadata": {"annotations": {"c": "3"}}}}`,
			want:   `{"controlPlane": {"metadata": {"labels": {"b": "2"}}}}`,
		},
		"empty metadata": {
			live:   `{"controlPlane": {"replicas": 1, "metadata": {"labels": {"a": "1"}, "annotations": {"b": "2"}}}}`,
			prior:  `{"controlPlane": {"replicas": 1, "metadata": {"labels": {"a": "1"}, "annotations": {"b": "2"}}}}`,
			wanted: `{"controlPlane": {"replicas": 1}}`,
			want:   `{"controlPlane": {"replicas": 1}}`,
		},
		"empty metadata that was left before": {
			live:   `{"controlPlane": {"replicas": 1, "metadata": {"labels": {}}}}`,
			prior:  `{"controlPlane": {"replicas": 1, "metadata": {"labels": {"a": "1"}}}}`,
			wanted: `{"controlPlane": {"replicas": 1}}`,
			want:   `{"controlPlane": {"replicas": 1}}`,
		},
		"timeouts": {
			live:   `{"controlPlane": {"replicas": 1, "deletion": {"nodeDrainTimeoutSeconds": 1, "nodeDeletionTimeoutSeconds": 2}}}`,
			prior:  `{"controlPlane": {"replicas": 1, "deletion": {"nodeDrainTimeoutSeconds": 1}}}`,
			wanted: `{"controlPlane": {"replicas": 1}}`,
			want:   `{"controlPlane": {"replicas": 1, "deletion": {"nodeDeletionTimeoutSeconds": 2}}}`,
		},
		"the reason for a health check": {
			live:   `{"healthCheck": {"checks": {"nodeStartupTimeoutSeconds": 60, "unhealthyNodeConditions": [{"type": "Ready", "status": "False", "timeoutSeconds": 5}]}, "remediation": {"triggerIf": {"unhealthyInRange": "[0-3]"}, "templateRef": {"kind": "Mend", "name": "mend", "apiVersion": "a/v1"}}}}`,
			prior:  `{"healthCheck": {"checks": {"nodeStartupTimeoutSeconds": 60, "unhealthyNodeConditions": [{"type": "Ready", "status": "Unknown", "timeoutSeconds": 5}]}, "remediation": {"triggerIf": {"unhealthyInRange": "[0-3]"}, "templateRef": {"kind": "Mend", "name": "mend", "apiVersion": "a/v1"}}}}`,
			wanted: `{}`, want: `{}`,
		},
		"a health check that others have a part in": {
			live:   `{"healthCheck": {"enabled": true, "checks": {"nodeStartupTimeoutSeconds": 60}, "remediation": {"maxInFlight": 1, "triggerIf": {"unhealthyInRange": "[0-3]"}}}}`,
			prior:  `{"healthCheck": {"checks": {"nodeStartupTimeoutSeconds": 60}, "remediation": {"triggerIf": {"unhealthyInRange": "[0-3]"}}}}`,
			wanted: `{}`,
			want:   `{"healthCheck": {"enabled": true, "remediation": {"maxInFlight": 1}}}`,
		},
		"a reference, as a whole": {
			live:   `{"machineHealthCheck": {"remediationTemplate": {"kind": "Mend", "name": "mend", "apiVersion": "a/v1", "namespace": "team-a"}}}`,
			prior:  `{"machineHealthCheck": {"remediationTemplate": {"kind": "Mend", "name": "mend", "apiVersion": "a/v1"}}}`,
			wanted: `{}`, want: `{}`,
		},
		"the type of a strategy that others have a part in": {
			live:   `{"rollout": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}}}`,
			prior:  `{"rollout": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}`,
			wanted: `{}`,
			want:   `{"rollout": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}}}}`,
		},
		"the type of others' strategy": {
			live:   `{"rollout": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}}}}`,
			prior:  `{"rollout": {"strategy": {"type": "RollingUpdate"}}}`,
			wanted: `{}`, unchanged: true,
			want: `{"rollout": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}}}}`,
		},
		"a strategy": {
			live:   `{"rollout": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}`,
			prior:  `{"rollout": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}`,
			wanted: `{}`, want: `{}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.check(t)
		})
	}
}

// Entries of lists with keys are told apart by them, also when ours was the last.
func TestPruneLists(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]topologies{
		"what the platform injects": {
			live:   `{"variables": {"overrides": [{"name": "vmClass", "value": "a"}, {"name": "TKR_DATA", "value": {"v1.33": {"os": "photon"}}}]}}`,
			prior:  `{"variables": {"overrides": [{"name": "vmClass", "value": "a"}]}}`,
			wanted: `{}`,
			want:   `{"variables": {"overrides": [{"name": "TKR_DATA", "value": {"v1.33": {"os": "photon"}}}]}}`,
		},
		"the last override": {
			live:   `{"variables": {"overrides": [{"name": "vmClass", "value": "a"}]}}`,
			prior:  `{"variables": {"overrides": [{"name": "vmClass", "value": "a"}]}}`,
			wanted: `{}`, want: `{}`,
		},
		"the last variable": {
			live:   `{"version": "v1", "variables": [{"name": "a", "value": 1}]}`,
			prior:  `{"version": "v1", "variables": [{"name": "a", "value": 1}]}`,
			wanted: `{"version": "v1"}`, want: `{"version": "v1"}`,
		},
		"a variable, with what others have in it": {
			live:   `{"variables": [{"name": "a", "value": {"ours": 1, "theirs": 2}}, {"name": "theirs", "value": 1}]}`,
			prior:  `{"variables": [{"name": "a", "value": {"ours": 1}}]}`,
			wanted: `{}`,
			want:   `{"variables": [{"name": "theirs", "value": 1}]}`,
		},
		"in a variable": {
			live:   `{"variables": [{"name": "a", "value": {"ours": 1, "kept": 2, "theirs": 3, "in": {"ours": 1, "theirs": 2}, "strategy": {"type": "x", "theirs": 1}, "taints": [{"key": "a", "effect": "b"}, {"key": "theirs", "effect": "b"}]}}]}`,
			prior:  `{"variables": [{"name": "a", "value": {"ours": 1, "kept": 2, "in": {"ours": 1}, "strategy": {"type": "x"}, "taints": [{"key": "a", "effect": "b"}]}}]}`,
			wanted: `{"variables": [{"name": "a", "value": {"kept": 2}}]}`,
			want:   `{"variables": [{"name": "a", "value": {"kept": 2, "theirs": 3, "in": {"theirs": 2}, "strategy": {"theirs": 1}}}]}`,
		},
		"all in a variable": {
			live:   `{"variables": [{"name": "a", "value": {"ours": 1}}]}`,
			prior:  `{"variables": [{"name": "a", "value": {"ours": 1}}]}`,
			wanted: `{"variables": [{"name": "a", "value": {}}]}`,
			want:   `{"variables": [{"name": "a", "value": {}}]}`,
		},
		"a pool, as a whole": {
			live:   `{"workers": {"machineDeployments": [{"name": "a", "class": "x", "metadata": {"labels": {"theirs": "1"}}}, {"name": "b", "class": "x"}]}}`,
			prior:  `{"workers": {"machineDeployments": [{"name": "a", "class": "x"}, {"name": "b", "class": "x"}]}}`,
			wanted: `{"workers": {"machineDeployments": [{"name": "b", "class": "x"}]}}`,
			want:   `{"workers": {"machineDeployments": [{"name": "b", "class": "x"}]}}`,
		},
		"the last pool": {
			live:   `{"workers": {"machineDeployments": [{"name": "a", "class": "x"}], "machinePools": [{"name": "theirs"}]}}`,
			prior:  `{"workers": {"machineDeployments": [{"name": "a", "class": "x"}]}}`,
			wanted: `{}`,
			want:   `{"workers": {"machinePools": [{"name": "theirs"}]}}`,
		},
		"all workers": {
			live:   `{"workers": {"machineDeployments": [{"name": "a", "class": "x"}]}}`,
			prior:  `{"workers": {"machineDeployments": [{"name": "a", "class": "x"}]}}`,
			wanted: `{}`, want: `{}`,
		},
		"in a pool": {
			live:   `{"workers": {"machineDeployments": [{"name": "a", "class": "x", "minReadySeconds": 5, "metadata": {"labels": {"a": "1"}, "annotations": {"theirs": "1"}}}]}}`,
			prior:  `{"workers": {"machineDeployments": [{"name": "a", "class": "x", "minReadySeconds": 5, "metadata": {"labels": {"a": "1"}}}]}}`,
			wanted: `{"workers": {"machineDeployments": [{"name": "a", "class": "x"}]}}`,
			want:   `{"workers": {"machineDeployments": [{"name": "a", "class": "x", "metadata": {"annotations": {"theirs": "1"}}}]}}`,
		},
		"gates": {
			live:   `{"readinessGates": [{"conditionType": "A", "polarity": "Negative"}, {"conditionType": "B"}]}`,
			prior:  `{"readinessGates": [{"conditionType": "A"}]}`,
			wanted: `{}`,
			want:   `{"readinessGates": [{"conditionType": "B"}]}`,
		},
		"taints": {
			live:   `{"taints": [{"key": "a", "effect": "NoSchedule"}, {"key": "a", "effect": "NoExecute"}]}`,
			prior:  `{"taints": [{"key": "a", "effect": "NoSchedule"}]}`,
			wanted: `{}`,
			want:   `{"taints": [{"key": "a", "effect": "NoExecute"}]}`,
		},
		"values": {
			live:   `{"unhealthyNodeConditions": [{"type": "Ready"}, {"type": "Other"}], "list": ["a", "b"]}`,
			prior:  `{"unhealthyNodeConditions": [{"type": "Ready"}], "list": ["a"]}`,
			wanted: `{}`, want: `{}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.check(t)
		})
	}
}

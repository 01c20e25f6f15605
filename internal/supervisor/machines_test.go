package supervisor

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPools(t *testing.T) {
	t.Parallel()
	deployment := func(version dialect, name string, strategy any, counts map[string]any) map[string]any {
		counts["observedGeneration"], counts["replicas"] = int64(2), int64(3)
		spec := map[string]any{"replicas": int64(3), "template": map[string]any{"spec": map[string]any{"version": "v1.34.1"}}}
		if version == v1beta1 {
			spec["strategy"] = strategy
		} else {
			spec["rollout"] = map[string]any{"strategy": strategy}
		}
		o := item("MachineDeployment", "team-a", "prod-"+name, map[string]any{"labels": map[string]any{labelPool: name}, "spec": spec, "status": counts})
		o["apiVersion"] = string(version)
		node(o).at("metadata")["generation"] = int64(2)
		return o
	}
	rolling, byHand := map[string]any{"type": "RollingUpdate"}, map[string]any{"type": "OnDelete"}
	for version, updated := range map[dialect]string{v1beta1: "updatedReplicas", v1beta2: "upToDateReplicas"} {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			counts := func(fresh, ready int64) map[string]any { return map[string]any{updated: fresh, "readyReplicas": ready} }
			behind := deployment(version, "behind", rolling, counts(3, 3))
			node(behind).at("metadata")["generation"] = int64(3)
			api := &fakeAPI{
				served: map[string][]string{string(version): {"clusters"}},
				lists: map[string][]map[string]any{"machinedeployments": {
					deployment(version, "well", rolling, counts(3, 3)),
					deployment(version, "rolls", rolling, counts(1, 3)),
					deployment(version, "byhand", byHand, counts(0, 3)),
					deployment(version, "byhand-grows", byHand, counts(1, 2)),
					behind,
				}},
			}
			got, err := api.client(t).Pools(t.Context(), "team-a", "prod")
			if err != nil {
				t.Fatal(err)
			}
			want := []Pool{
				{Name: "behind", Version: "v1.34.1"},
				{Name: "byhand", Version: "v1.34.1", Settled: true},
				{Name: "byhand-grows", Version: "v1.34.1"},
				{Name: "rolls", Version: "v1.34.1"},
				{Name: "well", Version: "v1.34.1", Settled: true},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A machine of the control plane is of no pool.
func TestMachinesOfPools(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{
		served: map[string][]string{string(v1beta2): {"clusters"}},
		lists:  map[string][]map[string]any{kindMachines: {machineOf("team-a", "prod-w", "blue", ""), machineOf("team-a", "prod-cp", "", "")}},
	}
	got, err := api.client(t).Machines(t.Context(), "team-a", "prod")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Machine{{Name: "prod-cp"}, {Name: "prod-w", Pool: "blue"}}, got); diff != "" {
		t.Error(diff)
	}
}

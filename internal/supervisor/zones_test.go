package supervisor

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// What was asked for counts, not what is realized of it yet.
func TestNamespaceZones(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{lists: map[string][]map[string]any{kindZones: {
		{
			"metadata": map[string]any{"name": "zone-1", "namespace": "a"},
			"spec": map[string]any{
				"cpu": map[string]any{"limit": "3000000000", "reservation": 0}, "memory": map[string]any{"reservation": "1Gi"},
				"virtualMachineReservations":        []any{map[string]any{"reservedVmClass": "small", "count": 2}, map[string]any{"reservedVmClass": "none", "count": 0}},
				"disallowUnreservedDirectPathUsage": true,
			},
			"status": map[string]any{"cpu": map[string]any{"limit": "1000000000"}, "memory": map[string]any{"limit": "1Gi"}},
		},
		{"metadata": map[string]any{"name": "zone-2", "namespace": "a"}, "spec": map[string]any{"cpu": map[string]any{"limit": "9223372036854775807"}}},
		{"metadata": map[string]any{"name": "zone-1", "namespace": "b"}, "spec": map[string]any{}},
	}}}
	got, err := api.client(t).NamespaceZones(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]ZoneUsage{
		"zone-1": {
			CPULimitMHz: whole(3000), CPUReservationMHz: whole(0), MemoryReservationMiB: whole(1024),
			VMReservations: map[string]int64{"small": 2}, ReservedDirectPathOnly: true,
		},
		"zone-2": {},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if paths := api.asked(kindZones); len(paths) != 1 || len(api.paths) != 1 {
		t.Errorf("one look was %v", api.paths)
	}
	if _, err := (&fakeAPI{}).client(t).NamespaceZones(t.Context(), "a"); !errors.Is(err, fault.RouteAbsent) {
		t.Errorf("a Supervisor without Zones: %v", err)
	}
}

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
	if _, err := (&fakeAPI{}).client(t).NamespaceZones(t.Context(), "a"); !errors.Is(err, fault.RouteAbsent) {
		t.Errorf("a Supervisor without Zones: %v", err)
	}
}

// The zones of all namespaces are one list, until something changes; an account
// that may not list them over all namespaces asks for each, and is refused once.
func TestZonesAreListedOnce(t *testing.T) {
	t.Parallel()
	const all = "/apis/topology.tanzu.vmware.com/v1alpha1/zones"
	of := func(namespace string) string {
		return "/apis/topology.tanzu.vmware.com/v1alpha1/namespaces/" + namespace + "/zones"
	}
	limited := func(namespace, limit string) map[string]any {
		return item("Zone", namespace, "zone-1", map[string]any{"spec": map[string]any{"cpu": map[string]any{"limit": limit}}})
	}
	for name, c := range map[string]struct {
		api  *fakeAPI
		want []string
	}{
		"everywhere":    {&fakeAPI{}, []string{all, all}},
		"one by one":    {&fakeAPI{onlyNamespaces: true}, []string{of("a"), of("a"), of("b"), of("b"), of("c"), of("c"), all, all}},
		"without Zones": {&fakeAPI{broken: "none"}, []string{all, all}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := c.api
			if api.broken == "" {
				api.lists = map[string][]map[string]any{kindZones: {limited("a", "1000000000"), limited("b", "2000000000")}}
			}
			client := api.client(t)
			for range 2 {
				for namespace, want := range map[string]int64{"a": 1000, "b": 2000, "c": 0} {
					got, err := client.NamespaceZones(t.Context(), namespace)
					switch {
					case api.broken != "":
						if !errors.Is(err, fault.RouteAbsent) {
							t.Errorf("namespace %s: %v", namespace, err)
						}
					case err != nil:
						t.Fatal(err)
					case want == 0 && len(got) > 0, want > 0 && (len(got) != 1 || *got["zone-1"].CPULimitMHz != want):
						t.Errorf("namespace %s asks for %v", namespace, got)
					}
				}
				client.ForgetZones()
			}
			if diff := cmp.Diff(c.want, api.asked(kindZones)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

package namespace

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// alone is a vCenter whose Supervisor the provider cannot reach.
type alone struct {
	api
	zones []string
}

func (a alone) Where() string { return "vCenter vc" }

func (a alone) ResolveSupervisor(context.Context, string) (vcenter.Supervisor, error) {
	return vcenter.Supervisor{ID: "sv", Name: "one"}, nil
}

func (a alone) TopologyOf(context.Context, string) ([]vcenter.SupervisorZone, error) {
	var all []vcenter.SupervisorZone
	for _, name := range a.zones {
		all = append(all, vcenter.SupervisorZone{Name: name})
	}
	return all, nil
}

// Limits that cannot be read are no error, and none is lost without a word.
func TestZonesWithoutSupervisor(t *testing.T) {
	t.Parallel()
	live := &vcenter.Namespace{Name: "team-a", Supervisor: "sv", Zones: []vcenter.NamespaceZone{{Name: "a"}, {Name: "b"}}}
	a := map[string]zoneValues{"a": limited(5), "gone": limited(5)}
	for name, c := range map[string]struct {
		state    *model
		topology []string
		imported bool
		want     types.Map
		warned   bool
	}{
		"managed":                    {withZones(a), []string{"a", "b"}, false, zoneMap(map[string]zoneValues{"a": limited(5), "b": blankZone()}), true},
		"not managed":                {withZones(nil), []string{"a", "b"}, false, types.MapNull(zoneType), false},
		"import, in all zones":       {withZones(nil), []string{"a", "b"}, true, types.MapNull(zoneType), true},
		"import, in two zones of it": {withZones(nil), []string{"a", "b", "c"}, true, zoneMap(map[string]zoneValues{"a": blankZone(), "b": blankZone()}), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, problems := &namespaceResource{}, diag.Diagnostics{}
			r.Data = clients.New(clients.Config{})
			r.readZones(t.Context(), alone{zones: c.topology}, c.state, live, c.imported, &problems)
			if !c.state.Zones.Equal(c.want) {
				t.Errorf("got %s, want %s", c.state.Zones, c.want)
			}
			if problems.HasError() || (len(problems) == 1) != c.warned {
				t.Fatalf("got %v", problems)
			}
			if c.warned && !strings.Contains(problems[0].Detail(), "What the state has is kept") {
				t.Errorf("the warning is %s", problems[0].Detail())
			}
		})
	}
}

// sideWithZones is a Supervisor that has a Zone of each namespace in zone a, with
// a limit of 7 MHz, and counts what it is asked.
func sideWithZones(t *testing.T, namespaces ...string) (clients.Supervisor, *atomic.Int32) {
	t.Helper()
	var asked atomic.Int32
	items := []map[string]any{}
	for _, name := range namespaces {
		items = append(items, map[string]any{
			"apiVersion": "topology.tanzu.vmware.com/v1alpha1", "kind": "Zone",
			"metadata": map[string]any{"namespace": name, "name": "a"},
			"spec":     map[string]any{"cpu": map[string]any{"limit": "7000000"}},
		})
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{
			"apiVersion": "topology.tanzu.vmware.com/v1alpha1", "kind": "ZoneList", "metadata": map[string]any{}, "items": items,
		})
	}))
	t.Cleanup(server.Close)
	return clients.Supervisor{Server: strings.TrimPrefix(server.URL, "https://"), Insecure: true, Token: "t"}, &asked
}

// The limits of many namespaces cost one request, and one more after a change. A
// zone that the Supervisor does not know of keeps its limits, with a warning.
func TestLimitsOfZonesAreReadAtOnce(t *testing.T) {
	t.Parallel()
	side, asked := sideWithZones(t, "team-a", "team-b", "team-c")
	r, problems := &namespaceResource{}, diag.Diagnostics{}
	r.Data = clients.New(clients.Config{Supervisor: side})
	read := func(name string, zones ...vcenter.NamespaceZone) types.Map {
		m := withZones(map[string]zoneValues{"a": limited(5), "b": limited(5)})
		r.readZones(t.Context(), alone{}, m, &vcenter.Namespace{Name: name, Supervisor: "sv", Zones: zones}, false, &problems)
		return m.Zones
	}
	a, leaves := vcenter.NamespaceZone{Name: "a"}, vcenter.NamespaceZone{Name: "b", MarkedForRemoval: true}
	for _, name := range []string{"team-a", "team-b", "team-c"} {
		if got, want := read(name, a, leaves), zoneMap(map[string]zoneValues{"a": limited(7)}); !got.Equal(want) {
			t.Errorf("%s: got %s", name, got)
		}
	}
	if asked.Load() != 1 || len(problems) > 0 {
		t.Errorf("%d requests for three namespaces: %v", asked.Load(), problems)
	}
	r.Data.NamespaceChanged()
	got, want := read("team-a", a, vcenter.NamespaceZone{Name: "b"}), zoneMap(map[string]zoneValues{"a": limited(7), "b": limited(5)})
	if asked.Load() != 2 || !got.Equal(want) {
		t.Errorf("after a change: %d requests, %s", asked.Load(), got)
	}
	if problems.HasError() || len(problems) != 1 || !strings.Contains(problems[0].Detail(), "The namespace is in b, and the Supervisor has no Zone") {
		t.Errorf("got %v", problems)
	}
}

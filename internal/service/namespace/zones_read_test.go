package namespace

import (
	"context"
	"strings"
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

package namespace

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// drain is a vCenter whose namespace leaves zone b: it is gone at the third look.
type drain struct {
	api
	status string
	stuck  bool
	looks  int
	calls  []string
}

func (*drain) Where() string { return "vCenter vc" }

func (*drain) Version(context.Context) (vcenter.Version, error) {
	return vcenter.Version91, nil
}

func (d *drain) Namespace(_ context.Context, name string) (*vcenter.Namespace, error) {
	d.looks++
	n := &vcenter.Namespace{Name: name, ConfigStatus: d.status, Zones: []vcenter.NamespaceZone{{Name: "a"}, {Name: "c"}}}
	if d.stuck || d.looks < 3 {
		n.Zones = append(n.Zones, vcenter.NamespaceZone{Name: "b", MarkedForRemoval: true})
	}
	return n, nil
}

func (d *drain) UpdateNamespace(_ context.Context, _ string, changes vcenter.NamespaceChanges) error {
	for _, z := range changes.Zones {
		gone := "gone"
		if d.stuck || d.looks < 3 {
			gone = "there"
		}
		d.calls = append(d.calls, "write "+z.Name+" while b is "+gone)
	}
	return nil
}

func (d *drain) RemoveNamespaceZone(_ context.Context, _, zone string) error {
	d.calls = append(d.calls, "remove "+zone)
	return nil
}

// A zone that is on its way out is followed by each update, and is written again
// only when it is gone.
func TestZonesOnTheirWayOut(t *testing.T) {
	t.Parallel()
	ac := map[string]zoneValues{"a": blankZone(), "c": blankZone()}
	again := map[string]zoneValues{"a": blankZone(), "b": limited(5), "c": blankZone()}
	for name, c := range map[string]struct {
		on          drain
		plan        map[string]zoneValues
		description string
		calls       []string
		leaves      []string
		changed     bool
	}{
		"another update":       {drain{}, ac, "", nil, []string{"b"}, false},
		"another change":       {drain{}, ac, "new", nil, []string{"b"}, true},
		"one more leaves":      {drain{}, map[string]zoneValues{"a": blankZone()}, "", []string{"remove c"}, []string{"b", "c"}, true},
		"named again":          {drain{}, again, "", []string{"write b while b is gone"}, nil, true},
		"another is written":   {drain{stuck: true}, map[string]zoneValues{"a": limited(5), "c": blankZone()}, "", []string{"write a while b is there"}, []string{"b"}, true},
		"named again, is ill":  {drain{stuck: true, status: vcenter.StatusError}, again, "", []string{"write b while b is there"}, []string{"b"}, true},
		"not managed any more": {drain{stuck: true}, nil, "new", nil, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			on, plan, state, problems := &c.on, withZones(c.plan), withZones(ac), diag.Diagnostics{}
			plan.Name = types.StringValue("team-a")
			if c.description != "" {
				plan.Description = types.StringValue(c.description)
			}
			follow := &settling{}
			changed, err := (&namespaceResource{}).change(t.Context(), on, plan, state, nil, follow, &problems)
			if err != nil || problems.HasError() || changed != c.changed {
				t.Fatalf("changed %v, %v, %v", changed, err, problems)
			}
			if !slices.Equal(on.calls, c.calls) || !slices.Equal(follow.leaves, c.leaves) {
				t.Errorf("got %v, and follows %v", on.calls, follow.leaves)
			}
		})
	}
}

// A zone that does not go in time is named, and nothing is written.
func TestZoneThatIsNotGoneInTime(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	on, plan, problems := &drain{stuck: true}, withZones(map[string]zoneValues{"a": blankZone(), "b": blankZone()}), diag.Diagnostics{}
	changed, err := (&namespaceResource{}).change(ctx, on, plan, withZones(map[string]zoneValues{"a": blankZone()}), nil, &settling{}, &problems)
	if changed || err == nil || len(on.calls) > 0 || !strings.Contains(err.Error(), "zone b: marked for removal") {
		t.Errorf("changed %v, sent %v: %v", changed, on.calls, err)
	}
}

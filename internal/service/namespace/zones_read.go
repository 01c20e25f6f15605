package namespace

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// extrasTimeout is for one look at what a namespace can do without, the
// Supervisor's side of zones or the inventory: a plan must not hang because one
// of these is away.
const extrasTimeout = 20 * time.Second

// readZones brings zones to what is live. Where they are not managed there is
// nothing to read; an import takes them in where there is something to manage.
func (r *namespaceResource) readZones(ctx context.Context, from api, m *model, live *vcenter.Namespace, imported bool, to *diag.Diagnostics) {
	if len(live.Zones) == 0 || m.Zones.IsNull() && !imported {
		return
	}
	shares, err := r.zoneShares(ctx, from, live)
	if err != nil {
		to.AddAttributeWarning(path.Root("zones"), "Limits of zones are not known", diags.Detail(m.who(), err)+
			"\n\nvCenter does not tell the limits of a namespace in its zones, only the Supervisor does. What the state has is kept: a change made by hand would not be seen.")
	}
	if untold := withoutShare(live.Zones, shares); err == nil && len(untold) > 0 {
		to.AddAttributeWarning(path.Root("zones"), "Limits of zones are not known", fmt.Sprintf(
			"%s (%s)\n\nThe namespace is in %s, and the Supervisor has no Zone for that. What the state has is kept: a change made by hand would not be seen. "+
				"Where this stays, the provider may be asking another Supervisor than the namespace's: see supervisor in the provider block.",
			m.who(), from.Where(), strings.Join(untold, ", ")))
	}
	if imported && !placedByHand(ctx, from, live, shares) {
		return
	}
	m.flattenZones(live.Zones, shares)
}

// withoutShare gives the zones that a namespace stays in and that shares lacks.
func withoutShare(live []vcenter.NamespaceZone, shares map[string]supervisor.ZoneUsage) []string {
	var names []string
	for _, z := range live {
		if _, ok := shares[z.Name]; !ok && !z.MarkedForRemoval {
			names = append(names, z.Name)
		}
	}
	return names
}

func (r *namespaceResource) zoneShares(ctx context.Context, from api, live *vcenter.Namespace) (map[string]supervisor.ZoneUsage, error) {
	away := r.Data.SupervisorAway()
	if err := away.Why(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, extrasTimeout)
	defer cancel()
	client, err := r.supervisorOf(from, live.Supervisor)(ctx)
	if err != nil {
		away.Note(err)
		return nil, err
	}
	shares, err := client.NamespaceZones(ctx, live.Name)
	away.Note(err)
	return shares, err
}

// placedByHand tells a namespace whose zones somebody has chosen from one that
// is simply in all zones of its Supervisor, without limits.
func placedByHand(ctx context.Context, from catalog, live *vcenter.Namespace, shares map[string]supervisor.ZoneUsage) bool {
	var names []string
	for _, z := range live.Zones {
		zone := blankZone()
		if zone.take(shares[z.Name]); !zone.same(blankZone()) {
			return true
		}
		if !z.MarkedForRemoval {
			names = append(names, z.Name)
		}
	}
	slices.Sort(names)
	topology, err := from.TopologyOf(ctx, live.Supervisor)
	return err == nil && !slices.Equal(names, zoneNames(topology))
}

package namespace

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// validateZones finds reservations above their limits.
func (m *model) validateZones(to *diag.Diagnostics) {
	for name, z := range zonesOf(m.Zones) {
		for _, pair := range []struct {
			attribute, what, unit string
			reservation, limit    types.Int64
		}{
			{"cpu_reservation_mhz", "CPU", "MHz", z.CPUReservationMHz, z.CPULimitMHz},
			{"memory_reservation_mib", "memory", "MiB", z.MemoryReservationMiB, z.MemoryLimitMiB},
		} {
			if pair.limit.IsNull() || pair.limit.IsUnknown() || pair.reservation.ValueInt64() <= pair.limit.ValueInt64() {
				continue
			}
			to.AddAttributeError(path.Root("zones").AtMapKey(name).AtName(pair.attribute), "Reservation above its limit", fmt.Sprintf(
				"In the zone %s the namespace reserves %d %s of %s, and its limit is %d %s. Lower the reservation or raise the limit.",
				name, pair.reservation.ValueInt64(), pair.unit, pair.what, pair.limit.ValueInt64(), pair.unit))
		}
	}
}

// zones checks the zones that change: whether the Supervisor has them, and the
// VM classes in them.
func (p *planner) zones(ctx context.Context, from api) (answered bool) {
	if p.plan.Zones.IsNull() || p.plan.Zones.IsUnknown() || p.state != nil && p.plan.Zones.Equal(p.state.Zones) {
		return true
	}
	if !p.plan.SupervisorID.IsUnknown() && !p.knownZones(ctx, from) {
		return false
	}
	p.leftZones(ctx, from)
	return p.reservedClasses(ctx, from)
}

func (p *planner) knownZones(ctx context.Context, from catalog) (answered bool) {
	at := path.Root("zones")
	wanted := slices.Sorted(maps.Keys(p.plan.Zones.Elements()))
	known, err := lookTwice(from, func() ([]string, error) {
		topology, err := from.TopologyOf(ctx, p.plan.SupervisorID.ValueString())
		return zoneNames(topology), err
	}, containsAll(wanted))
	if err != nil {
		diags.AddAttributeError(p.diags, at, "Unable to read the zones of the Supervisor", p.plan.who(), err)
		return false
	}
	for _, name := range wanted {
		if !slices.Contains(known, name) {
			diags.AddAttributeError(p.diags, at.AtMapKey(name), "Unknown zone", p.plan.who(), &fault.Error{
				Kind: fault.Invalid, Where: from.Where(),
				Message: fmt.Sprintf("The Supervisor %s has no zone %q. It has: %s.", p.plan.Supervisor.ValueString(), name, strings.Join(known, ", ")),
			})
		}
	}
	return true
}

func zoneNames(topology []vcenter.SupervisorZone) []string {
	var names []string
	for _, z := range topology {
		if z.Name != "" {
			names = append(names, z.Name)
		}
	}
	slices.Sort(names)
	return names
}

// leftZones warns where zones were not managed, and the namespace is in some
// that the configuration does not name: the plan itself does not show that.
func (p *planner) leftZones(ctx context.Context, from api) {
	if p.state == nil || !p.state.Zones.IsNull() {
		return
	}
	live, err := from.SharedNamespace(ctx, p.state.Name.ValueString())
	if err != nil {
		return // the apply asks again
	}
	if names := p.plan.zonesToRemove(live.Zones); len(names) > 0 {
		p.diags.AddAttributeWarning(path.Root("zones"), "vSphere Namespace leaves zones", fmt.Sprintf(
			"%s (%s)\n\nThe namespace is also in %s, which zones does not name: the apply takes it out of there, and waits until what runs there is drained.",
			p.plan.who(), from.Where(), strings.Join(names, ", ")))
	}
}

func (p *planner) reservedClasses(ctx context.Context, from catalog) (answered bool) {
	zones := zonesOf(p.plan.Zones)
	for _, name := range slices.Sorted(maps.Keys(zones)) {
		at := path.Root("zones").AtMapKey(name).AtName("vm_reservations")
		wanted := slices.Sorted(maps.Keys(zones[name].VMReservations.Elements()))
		if !p.knownClasses(ctx, from, wanted, at, at.AtMapKey) {
			return false
		}
	}
	return true
}

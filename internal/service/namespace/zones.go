package namespace

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// zoneValues is the namespace's part of a zone.
type zoneValues struct {
	CPULimitMHz            types.Int64
	CPUReservationMHz      types.Int64
	MemoryLimitMiB         types.Int64
	MemoryReservationMiB   types.Int64
	VMReservations         types.Map
	ReservedDirectPathOnly types.Bool
}

var zoneType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"cpu_limit_mhz": types.Int64Type, "cpu_reservation_mhz": types.Int64Type,
	"memory_limit_mib": types.Int64Type, "memory_reservation_mib": types.Int64Type,
	"vm_reservations":                       types.MapType{ElemType: types.Int64Type},
	"disallow_unreserved_direct_path_usage": types.BoolType,
}}

// zonesOf gives the zones of a map whose values are known: each value can be the
// output of another resource.
func zonesOf(zones types.Map) map[string]zoneValues {
	known := map[string]zoneValues{}
	for name, element := range zones.Elements() {
		object, ok := element.(types.Object)
		if !ok || object.IsNull() || object.IsUnknown() {
			continue
		}
		known[name] = zoneOf(object.Attributes())
	}
	return known
}

// zoneOf reads an element: its types are those of the schema.
func zoneOf(values map[string]attr.Value) (z zoneValues) {
	z.CPULimitMHz, _ = values["cpu_limit_mhz"].(types.Int64)
	z.CPUReservationMHz, _ = values["cpu_reservation_mhz"].(types.Int64)
	z.MemoryLimitMiB, _ = values["memory_limit_mib"].(types.Int64)
	z.MemoryReservationMiB, _ = values["memory_reservation_mib"].(types.Int64)
	z.VMReservations, _ = values["vm_reservations"].(types.Map)
	z.ReservedDirectPathOnly, _ = values["disallow_unreserved_direct_path_usage"].(types.Bool)
	return z
}

func blankZone() zoneValues { return zoneValues{VMReservations: types.MapNull(types.Int64Type)} }

func (z zoneValues) object() attr.Value {
	return types.ObjectValueMust(zoneType.AttrTypes, map[string]attr.Value{
		"cpu_limit_mhz": z.CPULimitMHz, "cpu_reservation_mhz": z.CPUReservationMHz,
		"memory_limit_mib": z.MemoryLimitMiB, "memory_reservation_mib": z.MemoryReservationMiB,
		"vm_reservations": z.VMReservations, "disallow_unreserved_direct_path_usage": z.ReservedDirectPathOnly,
	})
}

func zoneMap(zones map[string]zoneValues) types.Map {
	elements := make(map[string]attr.Value, len(zones))
	for name, z := range zones {
		elements[name] = z.object()
	}
	return types.MapValueMust(zoneType, elements)
}

// reservations gives the counts that are known, by class.
func (z zoneValues) reservations() map[string]int64 {
	counts := map[string]int64{}
	for class, element := range z.VMReservations.Elements() {
		if count, ok := element.(types.Int64); ok && !count.IsNull() && !count.IsUnknown() {
			counts[class] = count.ValueInt64()
		}
	}
	return counts
}

func (z zoneValues) spec(name string) vcenter.ZoneSpec {
	s := vcenter.ZoneSpec{
		Name:        name,
		CPULimitMHz: z.CPULimitMHz.ValueInt64Pointer(), CPUReservationMHz: z.CPUReservationMHz.ValueInt64Pointer(),
		MemoryLimitMiB: z.MemoryLimitMiB.ValueInt64Pointer(), MemoryReservationMiB: z.MemoryReservationMiB.ValueInt64Pointer(),
		ReservedDirectPathOnly: z.ReservedDirectPathOnly.ValueBoolPointer(),
	}
	counts := z.reservations()
	for _, class := range slices.Sorted(maps.Keys(counts)) {
		s.VMReservations = append(s.VMReservations, vcenter.VMReservation{VMClass: class, Count: counts[class]})
	}
	return s
}

// zoneSpecs gives all zones, by name.
func (m *model) zoneSpecs() []vcenter.ZoneSpec {
	var specs []vcenter.ZoneSpec
	zones := zonesOf(m.Zones)
	for _, name := range slices.Sorted(maps.Keys(zones)) {
		specs = append(specs, zones[name].spec(name))
	}
	return specs
}

// zoneChanges gives the zones to write: new ones, and those whose values change.
// Where zones are not managed any more, their limits go; the zones stay, since
// there is no way back to "all of the Supervisor".
func (m *model) zoneChanges(state *model) []vcenter.ZoneSpec {
	before, after := zonesOf(state.Zones), zonesOf(m.Zones)
	if m.Zones.IsNull() {
		for name, z := range before {
			if !z.same(blankZone()) {
				after[name] = blankZone()
			}
		}
	}
	var specs []vcenter.ZoneSpec
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if z, ok := before[name]; !ok || !z.same(after[name]) {
			specs = append(specs, after[name].spec(name))
		}
	}
	return specs
}

// same compares what vCenter would be told.
func (z zoneValues) same(other zoneValues) bool {
	return z.CPULimitMHz.Equal(other.CPULimitMHz) && z.CPUReservationMHz.Equal(other.CPUReservationMHz) &&
		z.MemoryLimitMiB.Equal(other.MemoryLimitMiB) && z.MemoryReservationMiB.Equal(other.MemoryReservationMiB) &&
		maps.Equal(z.reservations(), other.reservations()) &&
		z.ReservedDirectPathOnly.ValueBool() == other.ReservedDirectPathOnly.ValueBool()
}

// zonesToRemove gives the zones that the namespace is in and that m, which
// manages zones, does not name.
func (m *model) zonesToRemove(live []vcenter.NamespaceZone) []string {
	if m.Zones.IsNull() || m.Zones.IsUnknown() {
		return nil
	}
	var names []string
	wanted := m.Zones.Elements()
	for _, z := range live {
		if wanted[z.Name] == nil && !z.MarkedForRemoval {
			names = append(names, z.Name)
		}
	}
	return names
}

// flattenZones takes the zones that the namespace is in, and of each what the
// Supervisor says; where shares lacks a zone, that is not known, and what was
// stays.
func (m *model) flattenZones(live []vcenter.NamespaceZone, shares map[string]supervisor.ZoneUsage) {
	before, zones := zonesOf(m.Zones), map[string]zoneValues{}
	for _, z := range live {
		if z.MarkedForRemoval {
			continue
		}
		zone, ok := before[z.Name]
		if !ok {
			zone = blankZone()
		}
		if share, ok := shares[z.Name]; ok {
			zone.take(share)
		}
		zones[z.Name] = zone
	}
	m.Zones = zoneMap(zones)
}

// take reads a share. Nothing reserved is the same as no reservation, and stays
// as it was written.
func (z *zoneValues) take(share supervisor.ZoneUsage) {
	z.CPULimitMHz = types.Int64PointerValue(share.CPULimitMHz)
	z.MemoryLimitMiB = types.Int64PointerValue(share.MemoryLimitMiB)
	z.CPUReservationMHz = reservation(z.CPUReservationMHz, share.CPUReservationMHz)
	z.MemoryReservationMiB = reservation(z.MemoryReservationMiB, share.MemoryReservationMiB)
	if !maps.Equal(z.reservations(), share.VMReservations) {
		counts := map[string]attr.Value{}
		for class, count := range share.VMReservations {
			counts[class] = types.Int64Value(count)
		}
		z.VMReservations = types.MapValueMust(types.Int64Type, counts)
		if len(counts) == 0 {
			z.VMReservations = types.MapNull(types.Int64Type)
		}
	}
	if z.ReservedDirectPathOnly.ValueBool() != share.ReservedDirectPathOnly {
		z.ReservedDirectPathOnly = types.BoolValue(share.ReservedDirectPathOnly)
	}
}

func reservation(written types.Int64, live *int64) types.Int64 {
	if written.ValueInt64() == 0 && (live == nil || *live == 0) {
		return written
	}
	return types.Int64PointerValue(live)
}

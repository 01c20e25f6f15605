package namespace

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

func zone(change func(*zoneValues)) zoneValues {
	z := blankZone()
	if change != nil {
		change(&z)
	}
	return z
}

func limited(mhz int64) zoneValues {
	return zone(func(z *zoneValues) { z.CPULimitMHz = types.Int64Value(mhz) })
}

func withZones(zones map[string]zoneValues) *model {
	m := blank()
	if zones != nil {
		m.Zones = zoneMap(zones)
	}
	return m
}

func TestZoneChanges(t *testing.T) {
	t.Parallel()
	ten, none := int64(10), vcenter.ZoneSpec{}
	none.Name = "a"
	for name, c := range map[string]struct {
		state, plan map[string]zoneValues
		want        []vcenter.ZoneSpec
	}{
		"none managed":               {nil, nil, nil},
		"the same":                   {map[string]zoneValues{"a": limited(10)}, map[string]zoneValues{"a": limited(10)}, nil},
		"false is unset":             {map[string]zoneValues{"a": blankZone()}, map[string]zoneValues{"a": zone(func(z *zoneValues) { z.ReservedDirectPathOnly = types.BoolValue(false) })}, nil},
		"one more":                   {map[string]zoneValues{"b": limited(10)}, map[string]zoneValues{"a": blankZone(), "b": limited(10)}, []vcenter.ZoneSpec{none}},
		"changed":                    {map[string]zoneValues{"a": limited(9), "b": blankZone()}, map[string]zoneValues{"a": limited(10), "b": blankZone()}, []vcenter.ZoneSpec{{Name: "a", CPULimitMHz: &ten}}},
		"a limit less":               {map[string]zoneValues{"a": limited(9)}, map[string]zoneValues{"a": blankZone()}, []vcenter.ZoneSpec{none}},
		"one zone less":              {map[string]zoneValues{"a": limited(9), "b": limited(9)}, map[string]zoneValues{"a": limited(9)}, nil},
		"not managed any more":       {map[string]zoneValues{"a": limited(9), "b": blankZone()}, nil, []vcenter.ZoneSpec{none}},
		"managed for the first time": {nil, map[string]zoneValues{"a": limited(10)}, []vcenter.ZoneSpec{{Name: "a", CPULimitMHz: &ten}}},
	} {
		if diff := cmp.Diff(c.want, withZones(c.plan).zoneChanges(withZones(c.state))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestFlattenZones(t *testing.T) {
	t.Parallel()
	live := []vcenter.NamespaceZone{{Name: "a"}, {Name: "b"}, {Name: "gone", MarkedForRemoval: true}}
	zero, ten := int64(0), int64(10)
	written := zone(func(z *zoneValues) {
		z.CPUReservationMHz = types.Int64Value(0)
		z.VMReservations = types.MapValueMust(types.Int64Type, map[string]attr.Value{})
		z.ReservedDirectPathOnly = types.BoolValue(false)
	})
	for name, c := range map[string]struct {
		state, want map[string]zoneValues
		shares      map[string]supervisor.ZoneUsage
	}{
		"unknown shares leave what was": {
			map[string]zoneValues{"a": limited(5), "gone": limited(5), "other": limited(5)}, map[string]zoneValues{"a": limited(5), "b": blankZone()}, nil,
		},
		"nothing is what was written": {
			map[string]zoneValues{"a": written, "b": blankZone()},
			map[string]zoneValues{"a": written, "b": blankZone()},
			map[string]supervisor.ZoneUsage{"a": {}, "b": {CPUReservationMHz: &zero, VMReservations: map[string]int64{}}},
		},
		"changed by hand": {
			map[string]zoneValues{"a": limited(5), "b": limited(5)},
			map[string]zoneValues{"a": limited(10), "b": zone(func(z *zoneValues) {
				z.MemoryReservationMiB = types.Int64Value(10)
				z.VMReservations = types.MapValueMust(types.Int64Type, map[string]attr.Value{"small": types.Int64Value(10)})
				z.ReservedDirectPathOnly = types.BoolValue(true)
			})},
			map[string]supervisor.ZoneUsage{
				"a": {CPULimitMHz: &ten},
				"b": {MemoryReservationMiB: &ten, VMReservations: map[string]int64{"small": 10}, ReservedDirectPathOnly: true},
			},
		},
	} {
		m := withZones(c.state)
		m.flattenZones(live, c.shares)
		if want := zoneMap(c.want); !m.Zones.Equal(want) {
			t.Errorf("%s: got %s, want %s", name, m.Zones, want)
		}
	}
}

func TestZonesToRemove(t *testing.T) {
	t.Parallel()
	live := []vcenter.NamespaceZone{{Name: "a"}, {Name: "b"}, {Name: "c", MarkedForRemoval: true}}
	if got := withZones(map[string]zoneValues{"a": blankZone(), "new": blankZone()}).zonesToRemove(live); len(got) != 1 || got[0] != "b" {
		t.Errorf("to be removed: %v", got)
	}
	if got := blank().zonesToRemove(live); got != nil {
		t.Errorf("zones that are not managed would be removed: %v", got)
	}
}

func TestFlattenLibraries(t *testing.T) {
	t.Parallel()
	x := newLibraryIndex([]vcenter.ContentLibrary{{ID: "1", Name: "base"}, {ID: "2", Name: "team"}, {ID: "3", Name: "twin"}, {ID: "4", Name: "twin"}})
	for name, c := range map[string]struct {
		written, bound, want []string // nil is null
	}{
		"none":               {nil, nil, nil},
		"none, and empty":    {[]string{}, nil, []string{}},
		"as written":         {[]string{"1", "team"}, []string{"1", "2"}, []string{"1", "team"}},
		"one is gone":        {[]string{"base", "team"}, []string{"2"}, []string{"team"}},
		"all are gone":       {[]string{"base"}, nil, []string{}},
		"others too":         {[]string{"base"}, []string{"1", "2", "4", "9"}, []string{"base", "team", "4", "9"}},
		"nothing written":    {nil, []string{"1"}, []string{"base"}},
		"removed in vSphere": {[]string{"deleted"}, []string{"1"}, []string{"base"}},
	} {
		m := blank()
		set := func(list []string) types.Set {
			if list == nil {
				return types.SetNull(types.StringType)
			}
			values := []attr.Value{}
			for _, text := range list {
				values = append(values, types.StringValue(text))
			}
			return types.SetValueMust(types.StringType, values)
		}
		m.ContentLibraries = set(c.written)
		var bound []vcenter.ContentLibrarySpec
		for _, id := range c.bound {
			bound = append(bound, vcenter.ContentLibrarySpec{Library: id})
		}
		m.flattenLibraries(bound, x)
		if want := set(c.want); !m.ContentLibraries.Equal(want) {
			t.Errorf("%s: got %s, want %s", name, m.ContentLibraries, want)
		}
	}
	if _, err := x.id("vCenter vc", "twin"); err == nil {
		t.Error("a name of two libraries was enough")
	}
}

package namespace

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

var poolsType = types.ListType{ElemType: types.StringType}

// readPools looks up the resource pools. They are an extra: where vCenter's
// inventory cannot be read, what was known stays.
func (m *model) readPools(ctx context.Context, from catalog, live *vcenter.Namespace) {
	look, cancel := context.WithTimeout(ctx, extrasTimeout)
	defer cancel()
	pools, err := poolsByZone(look, from, live)
	if err != nil {
		tflog.Debug(ctx, "resource pools are not known", map[string]any{"namespace": live.Name, "error": err.Error()})
		if m.ResourcePools.IsUnknown() {
			m.ResourcePools = types.MapNull(poolsType)
		}
		return
	}
	elements := make(map[string]attr.Value, len(pools))
	for zone, ids := range pools {
		values := make([]attr.Value, 0, len(ids))
		for _, id := range ids {
			values = append(values, types.StringValue(id))
		}
		elements[zone] = types.ListValueMust(types.StringType, values)
	}
	m.ResourcePools = types.MapValueMust(poolsType, elements)
}

// poolsByZone sorts the pools by zone; the compute cluster stands for the zone
// where there is none. A cluster of another Supervisor may have a pool of the
// same name that somebody made.
func poolsByZone(ctx context.Context, from catalog, live *vcenter.Namespace) (map[string][]string, error) {
	byCluster, err := from.NamespacePools(ctx, live.Name)
	if err != nil {
		return nil, err
	}
	topology, err := from.TopologyOf(ctx, live.Supervisor)
	if err != nil {
		return nil, err
	}
	pools := map[string][]string{}
	for _, zone := range topology {
		if left(live, zone.Name) {
			continue
		}
		for _, cluster := range zone.Clusters {
			key := zone.Name
			if key == "" {
				key = cluster
			}
			if ids := byCluster[cluster]; len(ids) > 0 {
				pools[key] = append(pools[key], ids...)
			}
		}
	}
	return pools, nil
}

// left tells whether a namespace, which knows its zones, is not in this one.
func left(live *vcenter.Namespace, zone string) bool {
	return len(live.Zones) > 0 && !slices.ContainsFunc(live.Zones, func(z vcenter.NamespaceZone) bool {
		return z.Name == zone && !z.MarkedForRemoval
	})
}

package namespace

import (
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

var poolsType = types.ListType{ElemType: types.StringType}

// readPools looks up the resource pools. They are an extra: where vCenter's
// inventory cannot be read, or shows none, what was known stays.
func (r *namespaceResource) readPools(ctx context.Context, from catalog, m *model, live *vcenter.Namespace, to *diag.Diagnostics) {
	pools, known := r.lookForPools(ctx, from, m, live, to)
	switch {
	case known:
		m.flattenPools(pools)
	case m.ResourcePools.IsUnknown():
		m.ResourcePools = types.MapNull(poolsType)
	}
}

// lookForPools gives the pools by zone. An inventory that failed once is not
// asked again in this run: each of many namespaces would wait for it.
func (r *namespaceResource) lookForPools(
	ctx context.Context, from catalog, m *model, live *vcenter.Namespace, to *diag.Diagnostics,
) (pools map[string][]string, known bool) {
	away := r.Data.InventoryAway()
	if away.Why() != nil {
		return nil, false
	}
	look, cancel := context.WithTimeout(ctx, extrasTimeout)
	defer cancel()
	byCluster, err := from.NamespacePools(look, live.Name)
	if err != nil {
		first := away.Keep(err)
		// That the account may not read the inventory is nothing to repeat in each plan.
		if first && !errors.Is(err, fault.Forbidden) {
			to.AddAttributeWarning(path.Root("resource_pools"), "Resource pools are not known", diags.Detail(m.who(), err)+
				"\n\nThey are read from vCenter's inventory, which is not asked again in this run, for no namespace. What the state has is kept.")
		}
	} else {
		pools, err = poolsByZone(look, from, live, byCluster)
	}
	if err != nil {
		tflog.Debug(ctx, "resource pools are not known", map[string]any{"namespace": live.Name, "error": err.Error()})
		return nil, false
	}
	// vCenter leaves out what the account may not see, without an error: one that
	// runs has a pool.
	return pools, len(pools) > 0 || live.ConfigStatus != vcenter.StatusRunning
}

func (m *model) flattenPools(pools map[string][]string) {
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
func poolsByZone(ctx context.Context, from catalog, live *vcenter.Namespace, byCluster map[string][]string) (map[string][]string, error) {
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

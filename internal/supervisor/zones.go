package supervisor

import (
	"context"
	"errors"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
)

const hzInMHz = 1_000_000

var zonesVersion = schema.GroupVersion{Group: "topology.tanzu.vmware.com", Version: "v1alpha1"}

// ZoneUsage is a namespace's share of a zone. nil = not set.
type ZoneUsage struct {
	CPULimitMHz, CPUReservationMHz       *int64
	MemoryLimitMiB, MemoryReservationMiB *int64
	// VMReservations are counts by VM class; nil = none.
	VMReservations map[string]int64
	// ReservedDirectPathOnly keeps DirectPath devices for reserved VM classes.
	ReservedDirectPathOnly bool
}

var zonesRef = kube.Ref{GVR: zonesVersion.WithResource(kindZones), Kind: "Zone"}

// askedZones is what all namespaces ask of their zones, by namespace and zone.
// err is why they are not told at once: an answer, too, that counts for all.
type askedZones struct {
	byNamespace map[string]map[string]ZoneUsage
	err         error
}

// NamespaceZones gives what a namespace asks of each of its zones. vCenter's own
// API only writes that. All namespaces share one list, until ForgetZones; an
// account that may only list in its namespaces asks for each. A Supervisor
// without Zones is fault.RouteAbsent.
func (c *Client) NamespaceZones(ctx context.Context, namespace string) (map[string]ZoneUsage, error) {
	all, err := c.zones.Get(ctx, c.allZones)
	switch {
	case err != nil:
		return nil, err
	case errors.Is(all.err, fault.Forbidden):
		one, err := c.listZones(ctx, namespace)
		return one[namespace], err
	}
	return all.byNamespace[namespace], all.err
}

// ForgetZones makes the next NamespaceZones ask again: the namespaces' zones
// have changed.
func (c *Client) ForgetZones() { c.zones.Forget() }

func (c *Client) allZones(ctx context.Context) (askedZones, error) {
	found, err := c.listZones(ctx, "")
	if errors.Is(err, fault.Forbidden) || errors.Is(err, fault.RouteAbsent) {
		return askedZones{err: err}, nil
	}
	return askedZones{byNamespace: found}, err
}

// listZones lists what is asked of zones: of all namespaces where it names none.
func (c *Client) listZones(ctx context.Context, namespace string) (map[string]map[string]ZoneUsage, error) {
	list, err := c.kube.List(ctx, zonesRef.In(namespace, ""), "")
	if err != nil {
		return nil, err
	}
	found := map[string]map[string]ZoneUsage{}
	for i := range list.Items {
		z := &list.Items[i]
		if found[z.GetNamespace()] == nil {
			found[z.GetNamespace()] = map[string]ZoneUsage{}
		}
		// What is realized may still be that of the time before a change.
		found[z.GetNamespace()][z.GetName()] = zoneShare(z.Object, "spec")
	}
	return found, nil
}

// zoneShares reads Zones: what is realized, or else asked for.
func zoneShares(zones []unstructured.Unstructured) map[string]ZoneUsage {
	shares := make(map[string]ZoneUsage, len(zones))
	for i := range zones {
		shares[zones[i].GetName()] = zoneShare(zones[i].Object, "status", "spec")
	}
	return shares
}

// zoneShare reads a Zone, which counts in Hz and bytes. Each value is taken from
// the first of the parts that has it.
func zoneShare(zone map[string]any, parts ...string) ZoneUsage {
	value := func(what, key string, unit int64) *int64 {
		for _, part := range parts {
			if limit := limitOf(node(zone).at(part, what)[key], unit); limit != nil {
				return limit
			}
		}
		return nil
	}
	share := ZoneUsage{
		CPULimitMHz: value("cpu", "limit", hzInMHz), CPUReservationMHz: value("cpu", "reservation", hzInMHz),
		MemoryLimitMiB: value("memory", "limit", mibInBytes), MemoryReservationMiB: value("memory", "reservation", mibInBytes),
	}
	for _, part := range parts {
		list, ok := node(zone).at(part)["virtualMachineReservations"].([]any)
		if ok && share.VMReservations == nil {
			share.VMReservations = classCounts(list)
		}
		if only, ok := node(zone).at(part)["disallowUnreservedDirectPathUsage"].(bool); ok {
			share.ReservedDirectPathOnly = share.ReservedDirectPathOnly || only
		}
	}
	return share
}

func classCounts(list []any) map[string]int64 {
	counts := map[string]int64{}
	for _, entry := range list {
		reservation, _ := asMap(entry)
		if count := limitOf(reservation["count"], 1); count != nil && *count > 0 {
			counts[reservation.text("reservedVmClass")] += *count
		}
	}
	return counts
}

package supervisor

import (
	"context"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// zoneObjects are the Zones of a namespace. They count in hertz and bytes, where
// vCenter counts in MHz and MiB.
func (ns Namespace) zoneObjects(set *objectSet, now metav1.Time) {
	for _, z := range ns.Zones {
		realized := map[string]any{}
		if share := share(z.CPULimitMHz, z.CPUReservationMHz, 1_000_000); share != nil {
			realized["cpu"] = share
		}
		if share := share(z.MemLimitMiB, z.MemReservationMiB, mibInBytes); share != nil {
			realized["memory"] = share
		}
		var reservations []any
		for class, count := range z.VMReservations {
			reservations = append(reservations, map[string]any{"reservedVmClass": class, "count": count})
		}
		if reservations != nil {
			realized["virtualMachineReservations"] = reservations
		}
		if z.ReservedDirectPathOnly {
			realized["disallowUnreservedDirectPathUsage"] = true
		}
		spec := map[string]any{
			"availabilityZoneReference": map[string]any{"apiVersion": kindAvailability.GroupVersion().String(), "name": z.Name},
			"namespace":                 map[string]any{"poolMoIDs": z.ResourcePools, "folderMoID": z.Folder},
		}
		status := map[string]any{}
		for key, value := range realized {
			spec[key], status[key] = value, value
		}
		var conditions []any
		for _, kind := range []string{
			"ZoneConditionCPULimitRealized", "ZoneConditionCPUReservationRealized",
			"ZoneConditionMemoryLimitRealized", "ZoneConditionMemoryReservationRealized",
		} {
			conditions = append(conditions, condition(kind, "True", "Realized", "", now))
		}
		status["conditions"] = conditions
		set.add(kindZone, z.Name, map[string]any{"spec": spec})
		set.addStatus(kindZone, z.Name, status)
	}
}

func share(limit, reservation *int64, unit int64) map[string]any {
	out := map[string]any{}
	if limit != nil {
		out["limit"] = strconv.FormatInt(*limit*unit, 10)
	}
	if reservation != nil {
		out["reservation"] = strconv.FormatInt(*reservation*unit, 10)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// applyAvailabilityZones tells the cluster-scoped zones where a namespace is.
// Each namespace is a field manager of its own, so that they do not overwrite
// each other's entries.
func (s *Supervisor) applyAvailabilityZones(ctx context.Context, ns Namespace) error {
	if err := s.removeFromAvailabilityZones(ctx, ns.Name); err != nil {
		return err
	}
	for _, z := range ns.Zones {
		where := map[string]any{"poolMoIDs": z.ResourcePools, "folderMoId": z.Folder}
		u := object(kindAvailability, "", z.Name, map[string]any{
			"spec": map[string]any{"namespaces": map[string]any{ns.Name: where}},
		})
		if err := s.applyAs(ctx, u, "vcenter-"+ns.Name); err != nil {
			return err
		}
	}
	return nil
}

func (s *Supervisor) removeFromAvailabilityZones(ctx context.Context, namespace string) error {
	list := listOf(kindAvailability)
	if err := s.kube.List(ctx, list); err != nil {
		return err
	}
	for _, zone := range list.Items {
		spec, _ := zone.Object["spec"].(map[string]any)
		namespaces, _ := spec["namespaces"].(map[string]any)
		if _, in := namespaces[namespace]; !in {
			continue
		}
		// Applying nothing gives up what this manager owns.
		if err := s.applyAs(ctx, object(kindAvailability, "", zone.GetName(), nil), "vcenter-"+namespace); err != nil {
			return err
		}
	}
	return nil
}

// zonesOf are the names of a namespace's zones, which are failure domains to its
// clusters.
func (s *Supervisor) zonesOf(ctx context.Context, namespace string) ([]string, error) {
	list := listOf(kindZone)
	if err := s.kube.List(ctx, list, client.InNamespace(namespace)); err != nil {
		return nil, err
	}
	var names []string
	for _, z := range list.Items {
		names = append(names, z.GetName())
	}
	return names, nil
}

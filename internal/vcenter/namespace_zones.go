package vcenter

import (
	"context"
	"net/http"
	"net/url"
)

// ZoneSpec is a vSphere Zone of a namespace with its part of the resources. What
// is nil has no limit or no reservation of its own: a zone is always written
// whole.
type ZoneSpec struct {
	Name                 string          `json:"name"`
	CPULimitMHz          *int64          `json:"cpu_limit_mhz,omitempty"`
	CPUReservationMHz    *int64          `json:"cpu_reservation_mhz,omitempty"`
	MemoryLimitMiB       *int64          `json:"memory_limit_mib,omitempty"`
	MemoryReservationMiB *int64          `json:"memory_reservation_mib,omitempty"`
	VMReservations       []VMReservation `json:"vm_reservations,omitempty"`
	// ReservedDirectPathOnly keeps DirectPath devices for reserved VM classes.
	ReservedDirectPathOnly *bool `json:"disallow_unreserved_direct_path_usage,omitempty"`
}

// VMReservation keeps room for a number of machines of a class.
type VMReservation struct {
	VMClass string `json:"reserved_vm_class"`
	Count   int64  `json:"count"`
}

// RemoveNamespaceZone asks for a zone to be taken from a namespace. It returns
// early: the zone is marked for removal until it is drained, and then is not
// among the zones any more. PATCH cannot do that: zones that it does not name stay.
//
// https://developer.broadcom.com/xapis/vsphere-automation-api/latest/api/vcenter/namespaces/instances/namespace/zones/zone/delete/
// (since 9.0).
func (c *Client) RemoveNamespaceZone(ctx context.Context, namespace, zone string) error {
	return c.do(ctx, call{
		op: "remove zone " + zone + " from namespace " + namespace, method: http.MethodDelete,
		path: namespacePath(namespace) + "/zones/" + url.PathEscape(zone),
	})
}

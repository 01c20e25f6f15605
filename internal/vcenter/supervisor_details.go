package vcenter

import (
	"context"
	"errors"
	"net/url"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// ZoneBinding is what a Supervisor uses a vSphere Zone for.
type ZoneBinding struct {
	Zone string `json:"zone"`
	// Type is MANAGEMENT or WORKLOAD.
	Type             string `json:"type"`
	MarkedForRemoval bool   `json:"marked_for_removal"`
	// Status is CONFIGURING, REMOVING, READY or ERROR.
	Status string `json:"status"`
}

// WorkloadManagement is what a compute cluster knows of its Supervisor.
type WorkloadManagement struct {
	// Endpoint is the address for logins.
	Endpoint string `json:"api_server_cluster_endpoint"`
	// NetworkProvider is VSPHERE_NETWORK, NSXT_CONTAINER_PLUGIN or NSX_VPC.
	NetworkProvider string `json:"network_provider"`

	networksWire
}

func supervisorPath(s Supervisor) string {
	return managementPath + "/supervisors/" + url.PathEscape(s.ID)
}

// ZoneBindings lists the zones of a Supervisor with what they are for, in one
// request for the life of the client; nil before 9.0.
//
// https://developer.broadcom.com/xapis/vsphere-automation-api/latest/api/vcenter/namespace-management/supervisors/supervisor/zones/bindings/get/
func (c *Client) ZoneBindings(ctx context.Context, s Supervisor) ([]ZoneBinding, error) {
	if s.Legacy {
		return nil, nil
	}
	return c.bindings.get(ctx, s.ID, func(ctx context.Context) ([]ZoneBinding, error) {
		var list struct {
			Zones []ZoneBinding `json:"zones"`
		}
		err := c.get(ctx, "read zones of Supervisor "+s.Name, supervisorPath(s)+"/zones/bindings", &list)
		if errors.Is(err, fault.RouteAbsent) {
			return nil, nil
		}
		return list.Zones, err
	})
}

// WorkloadManagement reads what a compute cluster (managed object id) knows of
// its Supervisor, in one request for the life of the client.
//
// https://developer.broadcom.com/xapis/vsphere-automation-api/latest/api/vcenter/namespace-management/clusters/cluster/get/
func (c *Client) WorkloadManagement(ctx context.Context, cluster string) (WorkloadManagement, error) {
	return c.management.get(ctx, cluster, func(ctx context.Context) (info WorkloadManagement, err error) {
		err = c.get(ctx, "read Workload Management of cluster "+cluster, clustersPath+"/"+url.PathEscape(cluster), &info)
		return info, err
	})
}

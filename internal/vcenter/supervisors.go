package vcenter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

const (
	managementPath = "/api/vcenter/namespace-management"
	clustersPath   = managementPath + "/clusters"
)

// Supervisor is one Supervisor of a vCenter.
type Supervisor struct {
	// ID of the Supervisor; on vCenter 7, which has no such ids, its compute cluster's.
	ID   string
	Name string
	// ConfigStatus is CONFIGURING, REMOVING, RUNNING or ERROR.
	ConfigStatus string
	// KubernetesStatus is READY, WARNING or ERROR.
	KubernetesStatus string
	// APIEndpoint is empty before 9.1.
	APIEndpoint string
	Stats       SupervisorStats
	// Messages are nil before 9.1.
	Messages []Message
	// Legacy says that ID is a compute cluster's.
	Legacy bool
}

// SupervisorStats are in MHz and MiB, over all hosts and datastores.
type SupervisorStats struct {
	CPUUsed         int64 `json:"cpu_used"`
	CPUCapacity     int64 `json:"cpu_capacity"`
	MemoryUsed      int64 `json:"memory_used"`
	MemoryCapacity  int64 `json:"memory_capacity"`
	StorageUsed     int64 `json:"storage_used"`
	StorageCapacity int64 `json:"storage_capacity"`
}

// SupervisorZone is a vSphere Zone with the compute clusters (managed object ids) in it.
type SupervisorZone struct {
	Name     string   `json:"zone"`
	Clusters []string `json:"clusters"`
}

// Supervisors lists the Supervisors, in one request for the life of the client.
//
// https://developer.broadcom.com/xapis/vsphere-automation-api/latest/api/vcenter/namespace-management/supervisors/summaries/get/
// (since 8.0.0.1; before, the compute clusters with Workload Management are listed).
func (c *Client) Supervisors(ctx context.Context) ([]Supervisor, error) {
	return c.supervisors.get(ctx, c.listSupervisors)
}

func (c *Client) listSupervisors(ctx context.Context) ([]Supervisor, error) {
	var list struct {
		Items []struct {
			Supervisor string `json:"supervisor"`
			Info       struct {
				Name             string          `json:"name"`
				ConfigStatus     string          `json:"config_status"`
				KubernetesStatus string          `json:"kubernetes_status"`
				APIEndpoint      string          `json:"APIEndpoint"`
				Stats            SupervisorStats `json:"stats"`
				Messages         []messageWire   `json:"messages"`
			} `json:"info"`
		} `json:"items"`
	}
	err := c.get(ctx, "list Supervisors", managementPath+"/supervisors/summaries", &list)
	if errors.Is(err, fault.RouteAbsent) {
		return c.legacySupervisors(ctx)
	}
	if err != nil {
		return nil, err
	}
	out := make([]Supervisor, 0, len(list.Items))
	for _, item := range list.Items {
		out = append(out, Supervisor{
			ID: item.Supervisor, Name: item.Info.Name, ConfigStatus: item.Info.ConfigStatus,
			KubernetesStatus: item.Info.KubernetesStatus, APIEndpoint: item.Info.APIEndpoint, Stats: item.Info.Stats,
			Messages: messages(item.Info.Messages),
		})
	}
	return out, nil
}

func (c *Client) legacySupervisors(ctx context.Context) ([]Supervisor, error) {
	var list []struct {
		Cluster          string          `json:"cluster"`
		Name             string          `json:"cluster_name"`
		ConfigStatus     string          `json:"config_status"`
		KubernetesStatus string          `json:"kubernetes_status"`
		Stats            SupervisorStats `json:"stats"`
	}
	if err := c.get(ctx, "list Supervisors", clustersPath, &list); err != nil {
		return nil, err
	}
	out := make([]Supervisor, 0, len(list))
	for _, item := range list {
		out = append(out, Supervisor{
			ID: item.Cluster, Name: item.Name, ConfigStatus: item.ConfigStatus,
			KubernetesStatus: item.KubernetesStatus, Stats: item.Stats, Legacy: true,
		})
	}
	return out, nil
}

// ResolveSupervisor finds a Supervisor by name or id; empty means the only one.
// What cannot be resolved is fault.Invalid, with the known ones in the message:
// it never means that something is gone.
func (c *Client) ResolveSupervisor(ctx context.Context, nameOrID string) (Supervisor, error) {
	list, err := c.Supervisors(ctx)
	if err != nil {
		return Supervisor{}, err
	}
	var found []Supervisor
	for _, s := range list {
		if s.ID == nameOrID {
			return s, nil
		}
		if nameOrID == "" || s.Name == nameOrID {
			found = append(found, s)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	f := &fault.Error{Kind: fault.Invalid, Op: "find Supervisor " + nameOrID, Where: c.where}
	f.Op = strings.TrimSpace(f.Op)
	switch {
	case len(list) == 0:
		f.Message = "this vCenter has no Supervisor, or none that the account may see"
	case nameOrID == "":
		f.Message = "this vCenter has several Supervisors: " + known(list)
		f.Advice = "Name one of them, by name or id: in the attribute supervisor, or as supervisor.name in the provider block (VKS_SUPERVISOR)."
	case len(found) > 1:
		f.Message = "several Supervisors have this name: " + known(found)
		f.Advice = "Use the id in place of the name."
	default:
		f.Message = fmt.Sprintf("there is no Supervisor %q; this vCenter has: %s", nameOrID, known(list))
	}
	return Supervisor{}, f
}

func known(list []Supervisor) string {
	names := make([]string, 0, len(list))
	for _, s := range list {
		names = append(names, fmt.Sprintf("%s (%s)", s.Name, s.ID))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// Topology lists the zones of a Supervisor with their compute clusters, in one
// request for the life of the client.
//
// https://developer.broadcom.com/xapis/vsphere-automation-api/latest/api/vcenter/namespace-management/supervisors/supervisor/topology/get/
func (c *Client) Topology(ctx context.Context, s Supervisor) ([]SupervisorZone, error) {
	if s.Legacy {
		return []SupervisorZone{{Clusters: []string{s.ID}}}, nil
	}
	return c.topologies.get(ctx, s.ID, func(ctx context.Context) (zones []SupervisorZone, err error) {
		err = c.get(ctx, "read topology of Supervisor "+s.Name, supervisorPath(s)+"/topology", &zones)
		return zones, err
	})
}

// SupervisorEndpoint gives the address of a Supervisor's Kubernetes API, by
// name or id; empty means the only one.
func (c *Client) SupervisorEndpoint(ctx context.Context, nameOrID string) (string, error) {
	s, err := c.ResolveSupervisor(ctx, nameOrID)
	if err != nil {
		return "", err
	}
	endpoint, err := c.KnownEndpoint(ctx, s)
	if endpoint != "" || err != nil {
		return endpoint, err
	}
	// It may have one the next time.
	c.topologies.forget()
	c.management.forget()
	return "", &fault.Error{
		Kind: fault.Unsupported, Op: "find address of Supervisor " + s.Name, Where: c.where,
		Message: "vCenter does not know the address of its Kubernetes API yet (config_status " + s.ConfigStatus + ")",
		Advice:  "Wait until the Supervisor is running, or set supervisor.server in the provider block (VKS_SUPERVISOR_SERVER).",
	}
}

// KnownEndpoint gives the address of a Supervisor's Kubernetes API; "" while
// vCenter knows none.
func (c *Client) KnownEndpoint(ctx context.Context, s Supervisor) (string, error) {
	if s.APIEndpoint != "" {
		return s.APIEndpoint, nil
	}
	zones, err := c.Topology(ctx, s)
	if err != nil {
		return "", err
	}
	for _, zone := range zones {
		for _, cluster := range zone.Clusters {
			// Before 9.1 the address stands at the compute clusters.
			info, err := c.WorkloadManagement(ctx, cluster)
			if info.Endpoint != "" || err != nil {
				return info.Endpoint, err
			}
		}
	}
	return "", nil
}

package vcenter

import "slices"

// The shapes of replies. Required lists are never null.

type summary struct {
	Cluster     string    `json:"cluster,omitempty"`    // v1
	Supervisor  string    `json:"supervisor,omitempty"` // v2
	Namespace   string    `json:"namespace"`
	Description string    `json:"description"`
	Status      string    `json:"config_status"`
	Stats       statsInfo `json:"stats"`
	SelfService bool      `json:"self_service_namespace"`
}

type statsInfo struct {
	CPUUsed     int64 `json:"cpu_used"`
	MemoryUsed  int64 `json:"memory_used"`
	StorageUsed int64 `json:"storage_used"`
}

type messageInfo struct {
	Severity string              `json:"severity"`
	Details  *localizableMessage `json:"details,omitempty"`
}

// info does not have the namespace's name: only the summaries do.
type info struct {
	Cluster                string             `json:"cluster,omitempty"`      // v1
	Supervisor             string             `json:"supervisor,omitempty"`   // v2
	Zones                  []zoneInfo         `json:"zones,omitempty"`        // v2
	NetworkSpec            *networkConfigInfo `json:"network_spec,omitempty"` // v2
	ConfigStatus           string             `json:"config_status"`
	Messages               []messageInfo      `json:"messages"`
	Stats                  statsInfo          `json:"stats"`
	Description            string             `json:"description"`
	ResourceSpec           map[string]int64   `json:"resource_spec,omitempty"`
	AccessList             []accessSpec       `json:"access_list"`
	StorageSpecs           []storageSpec      `json:"storage_specs"`
	Networks               []string           `json:"networks,omitempty"`
	VMServiceSpec          *vmServiceSpec     `json:"vm_service_spec,omitempty"`
	ContentLibraries       []librarySpec      `json:"content_libraries,omitempty"`
	Creator                *principal         `json:"creator,omitempty"`
	SelfService            bool               `json:"self_service_namespace"`
	Edges                  []edgeInfo         `json:"edges,omitempty"`
	InfrastructurePolicies []string           `json:"infrastructure_policies,omitempty"`
}

type zoneInfo struct {
	Zone             string `json:"zone"`
	Type             string `json:"type"`
	MarkedForRemoval bool   `json:"marked_for_removal"`
}

type edgeInfo struct {
	ID           string `json:"id"`
	EdgeProvider string `json:"edge_provider"`
}

type networkConfigInfo struct {
	NetworkProvider string              `json:"network_provider"`
	VPCNetwork      *vpcNetworkInfo     `json:"vpc_network,omitempty"`
	VsphereNetwork  *vsphereNetworkInfo `json:"vsphere_network,omitempty"`
}

type vpcNetworkInfo struct {
	VPCConfig         vpcConfig      `json:"vpc_config"`
	VPC               string         `json:"vpc"`
	SharedSubnets     []sharedSubnet `json:"shared_subnets,omitempty"`
	AutoCreated       bool           `json:"auto_created"`
	DefaultSubnetSize int64          `json:"default_subnet_size"`
}

type vsphereNetworkInfo struct {
	DefaultWorkloadNetwork string        `json:"default_workload_network"`
	Networks               []networkInfo `json:"networks"`
}

type networkInfo struct {
	Network      string `json:"network"`
	ConfigStatus string `json:"config_status"`
}

// summarize makes a list entry. The caller holds v.mu.
func (v *VCenter) summarize(r *record, v2 bool) summary {
	s := summary{Namespace: r.name, Description: r.spec.description, Status: r.shownStatus(), SelfService: false}
	if v2 {
		s.Supervisor = r.sup.ID
	} else {
		s.Cluster = r.sup.firstCluster()
	}
	return s
}

// describe makes the reply to a get. The caller holds v.mu.
func (v *VCenter) describe(r *record, v2 bool) info {
	i := info{
		ConfigStatus: r.shownStatus(), Messages: r.messageInfos(), Description: r.spec.description,
		AccessList: v.accessList(r), StorageSpecs: append([]storageSpec{}, r.spec.storage...),
		VMServiceSpec: &vmServiceSpec{ContentLibraries: r.spec.libraryIDs(), VMClasses: append([]string{}, r.spec.classes...)},
		Creator:       r.spec.creator,
	}
	if len(r.spec.quota) > 0 {
		i.ResourceSpec = r.spec.quota.clone()
	}
	if r.sup.NetworkProvider == NetworkVDS {
		i.Networks = slices.Clone(r.spec.networks)
	}
	if v.version.atLeast(v802) {
		i.ContentLibraries = v.libraryInfos(r)
	}
	if v.version.atLeast(v91) {
		for _, e := range r.spec.edges {
			i.Edges = append(i.Edges, edgeInfo{ID: e.ID, EdgeProvider: e.EdgeProvider})
		}
		i.InfrastructurePolicies = slices.Clone(r.spec.infrastructurePolicies)
	}
	if !v2 {
		i.Cluster = r.sup.firstCluster()
		return i
	}
	i.Supervisor = r.sup.ID
	if v.version.atLeast(v9) {
		for _, z := range r.zones {
			i.Zones = append(i.Zones, zoneInfo{Zone: z.spec.Name, Type: z.kind, MarkedForRemoval: z.removing})
		}
		i.NetworkSpec = v.networkInfo(r)
	}
	return i
}

// libraryInfos leaves out the fields that came later.
func (v *VCenter) libraryInfos(r *record) []librarySpec {
	out := slices.Clone(r.spec.libraries)
	for n := range out {
		if !v.version.atLeast(v9) {
			out[n].AllowImport, out[n].ResourceNamingStrategy = nil, ""
		}
	}
	return out
}

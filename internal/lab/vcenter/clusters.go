package vcenter

// The older API, in which a compute cluster stands for its Supervisor.

type clusterStats struct {
	CPUUsed         int64 `json:"cpu_used"`
	CPUCapacity     int64 `json:"cpu_capacity"`
	MemoryUsed      int64 `json:"memory_used"`
	MemoryCapacity  int64 `json:"memory_capacity"`
	StorageUsed     int64 `json:"storage_used"`
	StorageCapacity int64 `json:"storage_capacity"`
}

type clusterSummary struct {
	Cluster          string       `json:"cluster"`
	ClusterName      string       `json:"cluster_name"`
	Stats            clusterStats `json:"stats"`
	ConfigStatus     string       `json:"config_status"`
	KubernetesStatus string       `json:"kubernetes_status"`
}

type clusterInfo struct {
	StatSummary                 clusterStats  `json:"stat_summary"`
	ConfigStatus                string        `json:"config_status"`
	Messages                    []messageInfo `json:"messages"`
	KubernetesStatus            string        `json:"kubernetes_status"`
	KubernetesStatusMessages    []messageInfo `json:"kubernetes_status_messages"`
	APIServerManagementEndpoint string        `json:"api_server_management_endpoint"`
	APIServerClusterEndpoint    string        `json:"api_server_cluster_endpoint"`
	APIServers                  []string      `json:"api_servers"`
	TLSEndpointCertificate      string        `json:"tls_endpoint_certificate,omitempty"`
	NetworkProvider             string        `json:"network_provider"`
	ServiceCIDR                 ipv4CIDR      `json:"service_cidr"`

	NCP      *ncpInfo      `json:"ncp_cluster_network_info,omitempty"`
	VPC      *vpcSummary   `json:"vpc_network,omitempty"`
	Workload *workloadInfo `json:"workload_networks,omitempty"`
}

func (v *VCenter) listClusters(*call) (any, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := []clusterSummary{}
	for _, s := range v.supervisors {
		for _, c := range s.clusters() {
			out = append(out, clusterSummary{
				Cluster: c.ref.Value, ClusterName: c.name, Stats: clusterStats(v.statsOf([]cluster{c})),
				ConfigStatus: s.configStatus, KubernetesStatus: s.kubernetesStatus,
			})
		}
	}
	return out, nil
}

func (v *VCenter) getCluster(c *call) (any, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	id := c.PathValue("cluster")
	s := v.supervisorOf(id)
	if s == nil {
		return nil, notFound("The cluster %s is not enabled for Workload Management.", id)
	}
	own, _ := v.inv.byID(id)
	servers := []string{}
	if s.Endpoint != "" {
		servers = append(servers, s.host())
	}
	return clusterInfo{
		StatSummary: clusterStats(v.statsOf([]cluster{own})), ConfigStatus: s.configStatus, KubernetesStatus: s.kubernetesStatus,
		Messages: []messageInfo{}, KubernetesStatusMessages: []messageInfo{},
		APIServerManagementEndpoint: s.Endpoint, APIServerClusterEndpoint: s.Endpoint, APIServers: servers,
		TLSEndpointCertificate: s.CAPEM, NetworkProvider: s.NetworkProvider, ServiceCIDR: cidrOf(s.ServiceCIDR),
		NCP: s.ncpInfo(), VPC: s.vpcSummary(), Workload: s.workloadInfo(),
	}, nil
}

// resourceOptions names the types that resource_spec has in create and update.
func (v *VCenter) resourceOptions(c *call) (any, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.supervisorOf(c.PathValue("cluster")) == nil {
		return nil, notFound("The cluster %s is not enabled for Workload Management.", c.PathValue("cluster"))
	}
	return map[string]string{
		"create_resource_quota_type": "com.vmware.vcenter.namespaces.resource_quota_options_v1",
		"update_resource_quota_type": "com.vmware.vcenter.namespaces.resource_quota_options_v1_update",
	}, nil
}

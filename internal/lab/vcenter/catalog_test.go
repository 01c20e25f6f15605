package vcenter

import (
	"bytes"
	"fmt"
	"testing"
)

func contains(body []byte, text string) bool { return bytes.Contains(body, []byte(text)) }

func TestSupervisors(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Clusters: 3, HostsPerCluster: 2, Host: HostShape{CPUMHz: 2000, Cores: 10, MemoryMiB: 2048}, Supervisors: []Supervisor{
		{Name: "s1", Zones: []SupervisorZone{{Name: "a", Clusters: []string{"DC0_C0"}}, {Name: "b", Clusters: []string{"DC0_C1"}, Type: "WORKLOAD"}}},
		{Name: "s2", NetworkProvider: NetworkVPC},
	}})
	var list struct {
		Items []struct {
			Supervisor string
			Info       supervisorInfo
		}
	}
	l.get(management+"/supervisors/summaries", &list)
	if len(list.Items) != 2 || list.Items[0].Info.Name != "s1" {
		t.Fatalf("summaries %+v", list)
	}
	if s := list.Items[0].Info.Stats; s.CPUCapacity != 2*2*20000 || s.MemoryCapacity != 2*2*2048 || s.CPUUsed <= 0 || s.StorageCapacity <= 0 {
		t.Errorf("stats %+v", s)
	}
	id := list.Items[0].Supervisor
	l.SetSupervisorEndpoint(id, "127.0.0.1:6443", "PEM")
	_, body := l.call("GET", management+"/supervisors/"+id+"/summary", "")
	if !contains(body, `"APIEndpoint":"127.0.0.1:6443"`) {
		t.Errorf("summary %s", body)
	}
	var topology []struct {
		Zone     string
		Clusters []string
	}
	l.get(management+"/supervisors/"+id+"/topology", &topology)
	if len(topology) != 2 || len(topology[0].Clusters) != 1 {
		t.Fatalf("topology %+v", topology)
	}
	l.create("team-a", `,"zones":[{"name":"b"}]`)
	_, body = l.call("GET", management+"/supervisors/"+id+"/zones/bindings", "")
	if !contains(body, `{"zone":"b","type":"WORKLOAD","namespaces":["team-a"]`) {
		t.Errorf("bindings %s", body)
	}
	_, body = l.call("GET", management+"/clusters/"+topology[0].Clusters[0], "")
	if !contains(body, `"api_server_cluster_endpoint":"127.0.0.1:6443"`) || !contains(body, `"tls_endpoint_certificate":"PEM"`) {
		t.Errorf("cluster %s", body)
	}
	for _, path := range []string{
		management + "/clusters", management + "/clusters/" + topology[0].Clusters[0] + "/workload-resource-options",
		consumptionDomains + "/zones", consumptionDomains + "/zones/a", consumptionDomains + "/zones/a/capacity/summary",
		consumptionDomains + "/zone-associations/cluster", "/api/appliance/system/version",
	} {
		l.want("GET", path, "", 200, "")
	}
	l.want("GET", management+"/supervisors/none/summary", "", 404, "NOT_FOUND")
	l.want("GET", management+"/clusters/domain-c999", "", 404, "NOT_FOUND")
	l.SetSupervisorStatus(id, removing, "ERROR")
	l.want("POST", instances+"/v2", fmt.Sprintf(`{"supervisor":%q,"namespace":"b"}`, id), 400, "NOT_ALLOWED_IN_CURRENT_STATE")
}

func TestNSXNetworks(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Supervisors: []Supervisor{{Name: "s", NetworkProvider: NetworkVPC}}})
	id := l.Supervisors()[0].ID
	l.want("POST", instances+"/v2", fmt.Sprintf(`{"supervisor":%q,"namespace":"a","networks":["primary-workload"]}`, id), 400, "UNSUPPORTED")
	l.create("team-a", `,"network_spec":{"network_provider":"NSX_VPC","vpc_network":{"vpc_config":{"private_cidrs":[{"address":"10.1.0.0","prefix":16}]},"default_subnet_size":64}}`)
	n := l.info("team-a").NetworkSpec
	if n.VPCNetwork == nil || n.VPCNetwork.DefaultSubnetSize != 64 || n.VPCNetwork.VPCConfig.PrivateCIDRs[0].Address != "10.1.0.0" {
		t.Errorf("network %+v", n.VPCNetwork)
	}
	l.want("PATCH", instances+"/team-a", `{"network_spec":{"network_provider":"NSX_VPC","vpc_config":{"shared_subnets":[{"path":"/p"}]}}}`, 204, "")
	if got := l.info("team-a").NetworkSpec.VPCNetwork; len(got.SharedSubnets) != 1 || got.DefaultSubnetSize != 64 {
		t.Errorf("network %+v", got)
	}
}

func TestVsphereNetworks(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Supervisors: []Supervisor{{Name: "s", Networks: []string{"n1", "n2", "n3"}}}})
	l.create("team-a", "")
	patch := func(add, remove string) string {
		return fmt.Sprintf(`{"network_spec":{"network_provider":"VSPHERE_NETWORK","vsphere_network_config":{"networks_to_add":%s,"networks_to_remove":%s}}}`, add, remove)
	}
	l.want("PATCH", instances+"/team-a", patch(`["n2","n3"]`, `null`), 204, "")
	l.want("PATCH", instances+"/team-a", patch(`[]`, `["n2"]`), 204, "")
	l.want("PATCH", instances+"/team-a", patch(`[]`, `["n1"]`), 400, "INVALID_ARGUMENT")
	l.want("PATCH", instances+"/team-a", patch(`["n9"]`, `null`), 400, "INVALID_ARGUMENT")
	if got := fmt.Sprint(l.info("team-a").Networks); got != "[n1 n3]" {
		t.Errorf("networks %s", got)
	}
}

func TestClasses(t *testing.T) {
	t.Parallel()
	hooks := &recorder{}
	l := start(t, Options{Hooks: hooks})
	path := management + "/virtual-machine-classes"
	l.want("POST", path, `{"id":"tiny","cpu_count":1,"memory_MB":512}`, 204, "")
	l.want("POST", path, `{"id":"tiny","cpu_count":1,"memory_MB":512}`, 400, "ALREADY_EXISTS")
	l.want("POST", path, `{"id":"none","cpu_count":0,"memory_MB":512}`, 400, "INVALID_ARGUMENT")
	l.create("team-a", `,"vm_service_spec":{"vm_classes":["tiny"]}`)
	l.want("PATCH", path+"/tiny", `{"cpu_count":2}`, 204, "")
	l.eventually("the new size reaches the namespace", func() bool {
		c := hooks.last("team-a").VMClasses
		return len(c) == 1 && c[0].CPUs == 2 && c[0].MemoryMiB == 512
	})
	l.want("DELETE", path+"/tiny", "", 400, "RESOURCE_IN_USE")
	_, body := l.call("GET", path+"/tiny", "")
	if !contains(body, `"memory_MB":512`) || !contains(body, `"namespaces":["team-a"]`) {
		t.Errorf("class %s", body)
	}
	l.want("PATCH", instances+"/team-a", `{"vm_service_spec":{}}`, 204, "")
	l.want("DELETE", path+"/tiny", "", 204, "")
	l.want("GET", path+"/tiny", "", 404, "NOT_FOUND")
}

func TestPoliciesAndLibraries(t *testing.T) {
	t.Parallel()
	l := start(t, Options{ContentLibraries: []string{"images"}})
	var policies []struct{ Policy, Name string }
	l.get("/api/vcenter/storage/policies", &policies)
	if len(policies) != 4 || policies[0].Name != "vSAN Default Storage Policy" {
		t.Errorf("policies %+v", policies)
	}
	l.get("/api/vcenter/storage/policies?policies="+policies[2].Policy, &policies)
	if len(policies) != 1 {
		t.Errorf("filtered %+v", policies)
	}
	for range 1024 {
		l.AddPolicy(Policy{ID: "x", Name: "x"})
	}
	l.want("GET", "/api/vcenter/storage/policies", "", 500, "ERROR")
	var ids []string
	l.get("/api/content/library", &ids)
	if len(ids) != 1 {
		t.Fatalf("libraries %v", ids)
	}
	_, body := l.call("GET", "/api/content/library/"+ids[0], "")
	if !contains(body, `"name":"images"`) {
		t.Errorf("library %s", body)
	}
	_, body = l.call("POST", "/api/content/library?action=find", `{"name":"images"}`)
	if !contains(body, ids[0]) {
		t.Errorf("find %s", body)
	}
}

func TestStorageClassName(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string]string{
		"vSAN Default Storage Policy": "vsan-default-storage-policy",
		"gold-policy":                 "gold-policy",
		"A  B_c":                      "a-b-c",
		"-x-":                         "0-x-0",
		"":                            "",
	} {
		if got := StorageClassName(policy); got != want {
			t.Errorf("%q: %q, want %q", policy, got, want)
		}
	}
}

// Two vCenters in one process share nothing.
func TestInstancesAreApart(t *testing.T) {
	t.Parallel()
	a, b := start(t, Options{}), start(t, Options{Password: "other"})
	a.create("team-a", "")
	if got := b.Namespaces(); len(got) != 0 {
		t.Errorf("the second has %v", got)
	}
	b.create("team-a", "")
	b.token = a.token
	b.want("GET", instances, "", 401, "UNAUTHENTICATED")
}

package vcenter

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Which fields carry a network depends on its provider and on the version.
func TestNetworkOnTheWire(t *testing.T) {
	t.Parallel()
	size, routed := int64(64), true
	block := []CIDR{{"10.0.0.0", 16}}
	for name, c := range map[string]struct {
		network NetworkSpec
		version Version
		want    string
	}{
		"VDS on 9.1":         {NetworkSpec{Provider: ProviderVDS, Networks: []string{"b", "a"}}, Version91, `{"namespace":"n","networks":["b","a"],"network_spec":{"network_provider":"VSPHERE_NETWORK","vsphere_network":{"default_workload_network":"b"}}}`},
		"VDS on 9.0":         {NetworkSpec{Provider: ProviderVDS, Networks: []string{"a"}}, Version9, `{"namespace":"n","networks":["a"],"network_spec":{"network_provider":"VSPHERE_NETWORK"}}`},
		"VDS on 8.0.2":       {NetworkSpec{Provider: ProviderVDS, Networks: []string{"a"}}, Version802, `{"namespace":"n","networks":["a"]}`},
		"VDS, none named":    {NetworkSpec{Provider: ProviderVDS}, Version91, `{"namespace":"n","network_spec":{"network_provider":"VSPHERE_NETWORK"}}`},
		"NCP":                {NetworkSpec{Provider: ProviderNCP, NSX: &NSXNetwork{NamespaceCIDRs: block, IngressCIDRs: block, RoutedMode: &routed}}, Version91, `{"namespace":"n","namespace_network":{"network_provider":"NSXT_CONTAINER_PLUGIN","network":{"namespace_network_cidrs":[{"address":"10.0.0.0","prefix":16}],"ingress_cidrs":[{"address":"10.0.0.0","prefix":16}],"routed_mode":true}}}`},
		"VPC that exists":    {NetworkSpec{Provider: ProviderVPC, VPC: &VPCNetwork{VPC: "/v", SharedSubnets: []string{"/s"}}}, Version91, `{"namespace":"n","network_spec":{"network_provider":"NSX_VPC","vpc_network":{"vpc":"/v","shared_subnets":[{"path":"/s"}]}}}`},
		"VPC to be made":     {NetworkSpec{Provider: ProviderVPC, VPC: &VPCNetwork{PrivateCIDRs: block, DefaultSubnetSize: &size}}, Version9, `{"namespace":"n","network_spec":{"network_provider":"NSX_VPC","vpc_network":{"vpc_config":{"private_cidrs":[{"address":"10.0.0.0","prefix":16}]},"default_subnet_size":64}}}`},
		"VPC without a word": {NetworkSpec{Provider: ProviderVPC}, Version9, `{"namespace":"n","network_spec":{"network_provider":"NSX_VPC"}}`},
	} {
		got, err := json.Marshal(NamespaceSpec{Name: "n", Network: &c.network}.wire(true, c.version))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(asJSON(t, c.want), asJSON(t, string(got))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestNetworkIsReadBack(t *testing.T) {
	t.Parallel()
	size := int64(32)
	for name, c := range map[string]struct {
		info string
		want NetworkSpec
	}{
		"8.0": {`{"networks":["a"]}`, NetworkSpec{Networks: []string{"a"}}},
		"9.1, the default one is first": {
			`{"networks":["a","b"],"network_spec":{"network_provider":"VSPHERE_NETWORK","vsphere_network":{"default_workload_network":"b","networks":[
			  {"network":"a","config_status":"ACTIVE"},{"network":"b","config_status":"ACTIVE"},{"network":"c","config_status":"REMOVING"}]}}}`,
			NetworkSpec{Provider: ProviderVDS, Networks: []string{"b", "a"}},
		},
		"VPC": {
			`{"network_spec":{"network_provider":"NSX_VPC","vpc_network":{"vpc":"/v","vpc_config":{"private_cidrs":[{"address":"10.0.0.0","prefix":8}]},"default_subnet_size":32,"auto_created":true,"shared_subnets":[{"path":"/s"}]}}}`,
			NetworkSpec{Provider: ProviderVPC, VPC: &VPCNetwork{VPC: "/v", PrivateCIDRs: []CIDR{{"10.0.0.0", 8}}, SharedSubnets: []string{"/s"}, DefaultSubnetSize: &size}},
		},
	} {
		var w infoWire
		if err := json.Unmarshal([]byte(c.info), &w); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, w.namespace("n").NetworkNow()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

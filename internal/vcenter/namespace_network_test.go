package vcenter

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamespaceNetwork(t *testing.T) {
	t.Parallel()
	const path = "GET /api/vcenter/namespaces/instances/v2/"
	_, c := newFake(t, map[string]answer{
		path + "vpc": {200, `{"supervisor":"s","network_spec":{"network_provider":"NSX_VPC","vpc_network":{"vpc":"/orgs/o/vpcs/v","auto_created":true,
		  "default_subnet_size":32,"vpc_config":{"private_cidrs":[{"address":"172.26.0.0","prefix":16}]},"shared_subnets":[{"path":"/s"}]}}}`},
		path + "vds": {200, `{"supervisor":"s","networks":["n"],"network_spec":{"network_provider":"VSPHERE_NETWORK",
		  "vsphere_network":{"default_workload_network":"n","networks":[{"network":"n","config_status":"ACTIVE"}]}}}`},
		path + "old": {200, `{"supervisor":"s","networks":["n"]}`},
	})
	for name, want := range map[string]*NamespaceNetwork{
		"vpc": {Provider: "NSX_VPC", VPC: &NamespaceVPC{
			Path: "/orgs/o/vpcs/v", AutoCreated: true, DefaultSubnetSize: 32,
			Config: VPCConfig{PrivateCIDRs: []CIDR{{Address: "172.26.0.0", Prefix: 16}}}, SharedSubnets: []SharedSubnet{{Path: "/s"}},
		}},
		"vds": {Provider: "VSPHERE_NETWORK", VSphere: &NamespaceVSphereNetwork{Default: "n", Networks: []NamespaceNetworkItem{{Name: "n", Status: "ACTIVE"}}}},
		"old": nil,
	} {
		n, err := c.Namespace(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, n.Network); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

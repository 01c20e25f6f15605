package vcenter

import (
	"fmt"
	"net/http"
	"testing"
)

// Networks of a new namespace are checked as vCenter describes it.
func TestNetworksOfNewNamespaces(t *testing.T) {
	t.Parallel()
	sup := func(provider string) Options {
		return Options{Supervisors: []Supervisor{{Name: "s", ID: "sv", NetworkProvider: provider, Networks: []string{"a", "b"}}}}
	}
	nsx := func(fields string) string {
		return `"namespace_network":{"network_provider":"NSXT_CONTAINER_PLUGIN","network":{` + fields + `}}`
	}
	const vds = `"network_spec":{"network_provider":"VSPHERE_NETWORK","vsphere_network":{"default_workload_network":"b"}}`
	const blocks = `"namespace_network_cidrs":[{"address":"10.0.0.0","prefix":16}],"ingress_cidrs":[{"address":"10.1.0.0","prefix":16}]`
	for name, c := range map[string]struct {
		provider, fields string
		status           int
	}{
		"default among networks":     {NetworkVDS, `"networks":["a","b"],` + vds, http.StatusNoContent},
		"default not among networks": {NetworkVDS, `"networks":["a"],` + vds, http.StatusBadRequest},
		"default without networks":   {NetworkVDS, vds, http.StatusBadRequest},
		"NSX":                        {NetworkNCP, nsx(blocks + `,"egress_cidrs":[{"address":"10.2.0.0","prefix":16}]`), http.StatusNoContent},
		"NSX, routed":                {NetworkNCP, nsx(blocks + `,"routed_mode":true`), http.StatusNoContent},
		"NSX without egress":         {NetworkNCP, nsx(blocks), http.StatusBadRequest},
		"NSX, routed with egress":    {NetworkNCP, nsx(blocks + `,"routed_mode":true,"egress_cidrs":[{"address":"10.2.0.0","prefix":16}]`), http.StatusBadRequest},
		"NSX with a gateway only":    {NetworkNCP, nsx(`"nsx_tier0_gateway":"t0"`), http.StatusBadRequest},
		"NSX with host bits":         {NetworkNCP, nsx(`"namespace_network_cidrs":[{"address":"10.0.0.1","prefix":16}],"ingress_cidrs":[{"address":"10.1.0.0","prefix":16}],"routed_mode":true`), http.StatusBadRequest},
		"NSX on VDS":                 {NetworkVDS, nsx(`"subnet_prefix_length":28`), http.StatusBadRequest},
		"VPC with host bits":         {NetworkVPC, `"network_spec":{"network_provider":"NSX_VPC","vpc_network":{"vpc_config":{"private_cidrs":[{"address":"10.0.0.1","prefix":16}]}}}`, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := start(t, sup(c.provider))
			if status, reply := l.call(http.MethodPost, instances+"/v2", fmt.Sprintf(`{"supervisor":"sv","namespace":"n",%s}`, c.fields)); status != c.status {
				t.Errorf("got %d: %s", status, reply)
			}
		})
	}
}

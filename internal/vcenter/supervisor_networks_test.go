package vcenter

import (
	"encoding/json"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAddressRanges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wire string
		want []string
	}{
		"nothing told": {wire: `{}`},
		"vSphere networking": {
			wire: `{"service_cidr": {"address": "10.96.0.0", "prefix": 23}, "workload_networks": {
				"supervisor_primary_workload_network": {"network": "primary", "vsphere_network": {
					"gateway": "192.168.0.1", "subnet_mask": "255.255.252.0", "address_ranges": [{"address": "192.168.2.16", "count": 14}]}},
				"network_list": [{"network": "dhcp", "vsphere_network": {"address_ranges": [{"address": "172.16.7.16", "count": 20}]}}]}}`,
			want: []string{"services 10.96.0.0/23", "workload network primary 192.168.0.0/22", "workload network dhcp 172.16.7.16/28", "workload network dhcp 172.16.7.32/30"},
		},
		"NSX": {
			wire: `{"service_cidr": {"address": "10.96.0.0", "prefix": 23}, "ncp_cluster_network_info": {
				"pod_cidrs": [{"address": "10.244.0.0", "prefix": 20}], "ingress_cidrs": [{"address": "203.0.113.0", "prefix": 25}], "egress_cidrs": [{"address": "203.0.113.128", "prefix": 25}]}}`,
			want: []string{"services 10.96.0.0/23", "pods 10.244.0.0/20", "ingress 203.0.113.0/25", "egress 203.0.113.128/25"},
		},
		"NSX VPC":    {wire: `{"vpc_network": {"default_private_cidrs": [{"address": "172.26.0.0", "prefix": 16}]}}`, want: []string{"private VPC network 172.26.0.0/16"}},
		"not ranges": {wire: `{"service_cidr": {"address": "x", "prefix": 23}, "vpc_network": {"default_private_cidrs": [{"address": "172.26.0.0", "prefix": 40}]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var info WorkloadManagement
			if err := json.Unmarshal([]byte(c.wire), &info); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range info.AddressRanges() {
				got = append(got, r.Name+" "+r.Range.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first string
		count int64
		want  []string
	}{
		"none":      {first: "192.0.2.0"},
		"one":       {first: "192.0.2.5", count: 1, want: []string{"192.0.2.5/32"}},
		"a subnet":  {first: "192.0.2.0", count: 256, want: []string{"192.0.2.0/24"}},
		"unaligned": {first: "192.0.2.3", count: 6, want: []string{"192.0.2.3/32", "192.0.2.4/30", "192.0.2.8/32"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range span(netip.MustParseAddr(c.first), c.count) {
				got = append(got, p.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

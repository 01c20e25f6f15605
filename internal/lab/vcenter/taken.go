package vcenter

import (
	"net/netip"
)

// The networks that a compute cluster knows of its Supervisor, by provider.

type ncpInfo struct {
	Switch      string     `json:"cluster_distributed_switch"`
	Edges       string     `json:"nsx_edge_cluster"`
	Pods        []ipv4CIDR `json:"pod_cidrs"`
	Ingress     []ipv4CIDR `json:"ingress_cidrs"`
	Egress      []ipv4CIDR `json:"egress_cidrs"`
	Certificate string     `json:"default_ingress_tls_certificate"`
}

type vpcSummary struct {
	Private []ipv4CIDR `json:"default_private_cidrs"`
}

type workloadInfo struct {
	Primary workloadNetwork `json:"supervisor_primary_workload_network"`
}

type workloadNetwork struct {
	Network  string          `json:"network"`
	Provider string          `json:"network_provider"`
	Vsphere  workloadVsphere `json:"vsphere_network"`
}

type workloadVsphere struct {
	PortGroup  string          `json:"portgroup"`
	Gateway    string          `json:"gateway"`
	SubnetMask string          `json:"subnet_mask"`
	Ranges     []workloadRange `json:"address_ranges"`
}

type workloadRange struct {
	Address string `json:"address"`
	Count   int    `json:"count"`
}

// cidrOf writes a range the way vCenter does; that it is one was checked.
func cidrOf(cidr string) ipv4CIDR {
	p := netip.MustParsePrefix(cidr).Masked()
	return ipv4CIDR{Address: p.Addr().String(), Prefix: int64(p.Bits())}
}

func (s *supervisor) ncpInfo() *ncpInfo {
	if s.NetworkProvider != NetworkNCP {
		return nil
	}
	return &ncpInfo{
		Switch: "50 1e 6f 2b 41 3e 8e 5f-7a 2a 9c 0d 11 5b 0e 66", Edges: "ec2a3c1e-6f0d-4c4e-9f57-0d9a51d0a3b7",
		Pods:    []ipv4CIDR{cidrOf(s.WorkloadCIDR)},
		Ingress: []ipv4CIDR{{Address: "203.0.113.0", Prefix: 25}}, Egress: []ipv4CIDR{{Address: "203.0.113.128", Prefix: 25}},
	}
}

func (s *supervisor) vpcSummary() *vpcSummary {
	if s.NetworkProvider != NetworkVPC {
		return nil
	}
	return &vpcSummary{Private: []ipv4CIDR{cidrOf(s.WorkloadCIDR)}}
}

func (s *supervisor) workloadInfo() *workloadInfo {
	if s.NetworkProvider != NetworkVDS {
		return nil
	}
	own := netip.MustParsePrefix(s.WorkloadCIDR).Masked()
	mask := netip.AddrFrom4([4]byte{})
	if ones, err := netip.AddrFrom4([4]byte{255, 255, 255, 255}).Prefix(own.Bits()); err == nil {
		mask = ones.Addr()
	}
	first := own.Addr().Next()
	return &workloadInfo{Primary: workloadNetwork{
		Network: s.Networks[0], Provider: NetworkVDS,
		Vsphere: workloadVsphere{
			PortGroup: "dvportgroup-19", Gateway: first.String(), SubnetMask: mask.String(),
			Ranges: []workloadRange{{Address: first.Next().String(), Count: 64}},
		},
	}}
}

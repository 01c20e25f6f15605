package vcenter

import (
	"context"
	"net/netip"
)

// AddressRange is addresses that a Supervisor has taken.
type AddressRange struct {
	// Name says what for: "services", "pods", "ingress", "egress", "workload network primary".
	Name  string
	Range netip.Prefix
}

// networksWire is what a compute cluster knows of the networks of its
// Supervisor, which differs with the network provider.
//
// https://developer.broadcom.com/xapis/vsphere-automation-api/latest/api/vcenter/namespace-management/clusters/cluster/get/
type networksWire struct {
	ServiceCIDR cidrWire `json:"service_cidr"`
	NCP         struct {
		Pods    []cidrWire `json:"pod_cidrs"`
		Ingress []cidrWire `json:"ingress_cidrs"`
		Egress  []cidrWire `json:"egress_cidrs"`
	} `json:"ncp_cluster_network_info"`
	VPC struct {
		Private []cidrWire `json:"default_private_cidrs"`
	} `json:"vpc_network"`
	Workload struct {
		Primary  workloadWire   `json:"supervisor_primary_workload_network"`
		Networks []workloadWire `json:"network_list"`
	} `json:"workload_networks"`
}

type cidrWire struct {
	Address string `json:"address"`
	Prefix  int    `json:"prefix"`
}

type workloadWire struct {
	Network string `json:"network"`
	Vsphere struct {
		Gateway    string `json:"gateway"`
		SubnetMask string `json:"subnet_mask"`
		Ranges     []struct {
			Address string `json:"address"`
			Count   int64  `json:"count"`
		} `json:"address_ranges"`
	} `json:"vsphere_network"`
}

// AddressRanges are the ranges that a Supervisor has taken, as far as it tells.
func (w WorkloadManagement) AddressRanges() []AddressRange {
	var out []AddressRange
	add := func(name string, cidrs ...cidrWire) {
		for _, c := range cidrs {
			if address, err := netip.ParseAddr(c.Address); err == nil {
				if prefix, err := address.Prefix(c.Prefix); err == nil {
					out = append(out, AddressRange{Name: name, Range: prefix})
				}
			}
		}
	}
	add("services", w.ServiceCIDR)
	add("pods", w.NCP.Pods...)
	add("ingress", w.NCP.Ingress...)
	add("egress", w.NCP.Egress...)
	add("private VPC network", w.VPC.Private...)
	for _, n := range append([]workloadWire{w.Workload.Primary}, w.Workload.Networks...) {
		for _, prefix := range n.prefixes() {
			out = append(out, AddressRange{Name: "workload network " + n.Network, Range: prefix})
		}
	}
	return out
}

// prefixes are the subnet of a workload network, in which the nodes live; where
// it is not told (DHCP), the addresses that are given out.
func (n workloadWire) prefixes() []netip.Prefix {
	gateway, err := netip.ParseAddr(n.Vsphere.Gateway)
	mask, err2 := netip.ParseAddr(n.Vsphere.SubnetMask)
	if err == nil && err2 == nil && gateway.Is4() && mask.Is4() {
		bits := 0
		for _, b := range mask.As4() {
			for ; b&0x80 != 0; b <<= 1 {
				bits++
			}
		}
		if prefix, err := gateway.Prefix(bits); err == nil && bits > 0 {
			return []netip.Prefix{prefix}
		}
	}
	var out []netip.Prefix
	for _, r := range n.Vsphere.Ranges {
		if first, err := netip.ParseAddr(r.Address); err == nil {
			out = append(out, span(first, r.Count)...)
		}
	}
	return out
}

// span gives the prefixes that count addresses from first on make up.
func span(first netip.Addr, count int64) []netip.Prefix {
	var out []netip.Prefix
	for count > 0 && first.IsValid() {
		bits, size := first.BitLen(), int64(1)
		for bits > 0 && size*2 <= count {
			wider := netip.PrefixFrom(first, bits-1)
			if wider.Masked().Addr() != first {
				break
			}
			bits, size = bits-1, size*2
		}
		prefix := netip.PrefixFrom(first, bits)
		out = append(out, prefix)
		for range min(size, count) {
			first = first.Next()
		}
		count -= size
	}
	return out
}

// SupervisorRanges gives the ranges that a Supervisor (name or id; empty means
// the only one) has taken. All its compute clusters tell the same, so that one
// is asked.
func (c *Client) SupervisorRanges(ctx context.Context, nameOrID string) ([]AddressRange, error) {
	s, err := c.ResolveSupervisor(ctx, nameOrID)
	if err != nil {
		return nil, err
	}
	zones, err := c.Topology(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, zone := range zones {
		for _, cluster := range zone.Clusters {
			info, err := c.WorkloadManagement(ctx, cluster)
			return info.AddressRanges(), err
		}
	}
	return nil, nil
}

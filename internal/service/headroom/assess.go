package headroom

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/domain/headroom"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// assess judges what was read and writes the answer into the model.
func (m *model) assess(f facts, to *diag.Diagnostics) {
	report, err := headroom.Assess(f.inventory(), headroom.Options{
		HostFailuresToTolerate: m.Failures.ValueInt64(),
		CPUOvercommit:          m.CPUOvercommit.ValueFloat64(),
		MemoryOvercommit:       m.MemoryOvercommit.ValueFloat64(),
		Shape:                  f.shape,
		WarningPercent:         m.Warning.ValueInt64(),
		CriticalPercent:        m.Critical.ValueInt64(),
	})
	if err != nil {
		to.AddError(summary, who+"\n\n"+err.Error())
		return
	}
	m.ID = types.StringValue(f.id)
	m.Clusters = make(map[string]clusterModel, len(f.clusters))
	for _, c := range f.clusters {
		m.Clusters[c.Name] = flattenCluster(c, f.zones[c.ID], report.Clusters[c.Name])
	}
	m.Hosts = nil
	if m.IncludeHosts.ValueBool() {
		m.Hosts = flattenHosts(f.clusters, report.Hosts)
	}
	total := flattenSums(report.Total)
	m.Total, m.Placeable, m.PlaceableAfterFailures = &total, total.Placeable, total.PlaceableAfterFailures
	m.Status = types.StringValue(string(report.Status))
	m.Reasons = append([]string{}, report.Reasons...)
}

func flattenCluster(c vcenter.ComputeCluster, zone string, r headroom.ClusterReport) clusterModel {
	return clusterModel{
		sumsModel: flattenSums(r.Sums), ID: c.ID, Zone: textOrNull(zone),
		Admission: admissionModel{
			HAEnabled: c.HA.HA, Policy: c.HA.Policy, HostFailures: c.HA.HostFailures,
			CPUPercent: c.HA.CPUPercent, MemoryPercent: c.HA.MemoryPercent,
		},
		Status: string(r.Status), Reasons: append([]string{}, r.Reasons...),
	}
}

func flattenSums(s headroom.Sums) sumsModel {
	return sumsModel{
		Hosts: s.Hosts, UsableHosts: s.UsableHosts,
		CPUCapacityMHz: s.CPUCapacityMHz, MemoryCapacityMiB: s.MemoryCapacityMiB,
		CPUUsedMHz: s.CPUUsedMHz, MemoryUsedMiB: s.MemoryUsedMiB,
		CPUReservedMHz: s.CPUReservedMHz, MemoryReservedMiB: s.MemoryReservedMiB,
		VCPUsAllocated: s.VCPUsAllocated, MemoryAllocatedMiB: s.MemoryAllocatedMiB,
		CPUFreeMHz: s.CPUFreeMHz, MemoryFreeMiB: s.MemoryFreeMiB,
		CPUUsedPercent: s.CPUUsedPercent, MemoryUsedPercent: s.MemoryUsedPercent,
		LargestFreeHostCPUMHz: s.LargestFreeHostCPUMHz, LargestFreeHostMemoryMiB: s.LargestFreeHostMemoryMiB,
		Placeable: s.Placeable, PlaceableAfterFailures: s.PlaceableAfterFailures, SurvivesFailures: s.SurvivesFailures,
	}
}

func flattenHosts(clusters []vcenter.ComputeCluster, reports []headroom.HostReport) []hostModel {
	health := map[[2]string]string{}
	for _, c := range clusters {
		for _, h := range c.Hosts {
			health[[2]string{c.Name, h.Name}] = h.Health
		}
	}
	hosts := make([]hostModel, 0, len(reports))
	for _, r := range reports {
		hosts = append(hosts, hostModel{
			Cluster: r.Cluster, Name: r.Name, Usable: r.Unusable == "", UnusableReason: textOrNull(r.Unusable),
			Health: textOrNull(health[[2]string{r.Cluster, r.Name}]), VMs: r.VMs,
			CPUCapacityMHz: r.CPUCapacityMHz, MemoryCapacityMiB: r.MemoryCapacityMiB,
			CPUUsedMHz: r.CPUUsedMHz, MemoryUsedMiB: r.MemoryUsedMiB,
			CPUReservedMHz: r.CPUReservedMHz, MemoryReservedMiB: r.MemoryReservedMiB,
			VCPUsAllocated: r.VCPUsAllocated, MemoryAllocatedMiB: r.MemoryAllocatedMiB,
			CPUFreeMHz: r.CPUFreeMHz, MemoryFreeMiB: r.MemoryFreeMiB, Placeable: r.Placeable,
		})
	}
	return hosts
}

func textOrNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

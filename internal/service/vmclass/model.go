package vmclass

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

type model struct {
	NamePrefix   types.String          `tfsdk:"name_prefix"`
	MinCPUs      types.Int64           `tfsdk:"min_cpus"`
	MinMemoryMiB types.Int64           `tfsdk:"min_memory_mib"`
	Namespace    types.String          `tfsdk:"namespace"`
	Names        []string              `tfsdk:"names"`
	Classes      map[string]classModel `tfsdk:"vm_classes"`
}

type classModel struct {
	CPUs                     int64    `tfsdk:"cpus"`
	MemoryMiB                int64    `tfsdk:"memory_mib"`
	CPUReservationPercent    int64    `tfsdk:"cpu_reservation_percent"`
	MemoryReservationPercent int64    `tfsdk:"memory_reservation_percent"`
	Description              string   `tfsdk:"description"`
	Namespaces               []string `tfsdk:"namespaces"`
	ConfigStatus             string   `tfsdk:"config_status"`
}

// flatten keeps the classes that were asked for, the smallest first; with a
// namespace only those that it has.
func (m *model) flatten(all []vcenter.VMClass, namespace *vcenter.Namespace) {
	kept := slices.DeleteFunc(slices.Clone(all), func(c vcenter.VMClass) bool {
		return !m.wants(c) || namespace != nil && !slices.Contains(namespace.VMClasses, c.Name)
	})
	slices.SortFunc(kept, bySize)
	m.Names, m.Classes = []string{}, map[string]classModel{}
	for _, c := range kept {
		bound := append([]string{}, c.Namespaces...)
		slices.Sort(bound)
		m.Names = append(m.Names, c.Name)
		m.Classes[c.Name] = classModel{
			CPUs: c.CPUs, MemoryMiB: c.MemoryMiB, Description: c.Description, ConfigStatus: c.ConfigStatus,
			CPUReservationPercent: c.CPUReservationPercent, MemoryReservationPercent: c.MemoryReservationPercent,
			Namespaces: bound,
		}
	}
}

func (m *model) wants(c vcenter.VMClass) bool {
	return strings.HasPrefix(c.Name, m.NamePrefix.ValueString()) &&
		c.CPUs >= m.MinCPUs.ValueInt64() && c.MemoryMiB >= m.MinMemoryMiB.ValueInt64()
}

func bySize(a, b vcenter.VMClass) int {
	return cmp.Or(cmp.Compare(a.CPUs, b.CPUs), cmp.Compare(a.MemoryMiB, b.MemoryMiB), strings.Compare(a.Name, b.Name))
}

package headroom

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/vksops/terraform-provider-vks/internal/domain/headroom"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// What holds where the configuration says nothing.
const (
	defaultFailures         = 1
	defaultCPUOvercommit    = 4.0
	defaultMemoryOvercommit = 1.0
	defaultWarning          = 75
	defaultCritical         = 90
)

type model struct {
	ID               types.String  `tfsdk:"id"`
	Supervisor       types.String  `tfsdk:"supervisor"`
	ComputeClusters  types.Set     `tfsdk:"compute_clusters"`
	Failures         types.Int64   `tfsdk:"host_failures_to_tolerate"`
	CPUOvercommit    types.Float64 `tfsdk:"cpu_overcommit"`
	MemoryOvercommit types.Float64 `tfsdk:"memory_overcommit"`
	VMClass          types.String  `tfsdk:"vm_class"`
	VM               types.Object  `tfsdk:"vm"`
	Warning          types.Int64   `tfsdk:"warning_percent"`
	Critical         types.Int64   `tfsdk:"critical_percent"`
	IncludeHosts     types.Bool    `tfsdk:"include_hosts"`

	Clusters               map[string]clusterModel `tfsdk:"clusters"`
	Hosts                  []hostModel             `tfsdk:"hosts"`
	Total                  *sumsModel              `tfsdk:"total"`
	Placeable              *int64                  `tfsdk:"placeable"`
	PlaceableAfterFailures *int64                  `tfsdk:"placeable_after_failures"`
	Status                 types.String            `tfsdk:"status"`
	Reasons                []string                `tfsdk:"reasons"`
}

type vmModel struct {
	CPUs                 types.Int64 `tfsdk:"cpus"`
	MemoryMiB            types.Int64 `tfsdk:"memory_mib"`
	CPUReservationMHz    types.Int64 `tfsdk:"cpu_reservation_mhz"`
	MemoryReservationMiB types.Int64 `tfsdk:"memory_reservation_mib"`
}

type sumsModel struct {
	Hosts                    int64  `tfsdk:"hosts"`
	UsableHosts              int64  `tfsdk:"usable_hosts"`
	CPUCapacityMHz           int64  `tfsdk:"cpu_capacity_mhz"`
	MemoryCapacityMiB        int64  `tfsdk:"memory_capacity_mib"`
	CPUUsedMHz               int64  `tfsdk:"cpu_used_mhz"`
	MemoryUsedMiB            int64  `tfsdk:"memory_used_mib"`
	CPUReservedMHz           int64  `tfsdk:"cpu_reserved_mhz"`
	MemoryReservedMiB        int64  `tfsdk:"memory_reserved_mib"`
	VCPUsAllocated           int64  `tfsdk:"vcpus_allocated"`
	MemoryAllocatedMiB       int64  `tfsdk:"memory_allocated_mib"`
	CPUFreeMHz               int64  `tfsdk:"cpu_free_mhz"`
	MemoryFreeMiB            int64  `tfsdk:"memory_free_mib"`
	CPUUsedPercent           *int64 `tfsdk:"cpu_used_percent"`
	MemoryUsedPercent        *int64 `tfsdk:"memory_used_percent"`
	LargestFreeHostCPUMHz    int64  `tfsdk:"largest_free_host_cpu_mhz"`
	LargestFreeHostMemoryMiB int64  `tfsdk:"largest_free_host_memory_mib"`
	Placeable                *int64 `tfsdk:"placeable"`
	PlaceableAfterFailures   *int64 `tfsdk:"placeable_after_failures"`
	SurvivesFailures         bool   `tfsdk:"survives_failures"`
}

type clusterModel struct {
	sumsModel
	ID        string         `tfsdk:"id"`
	Zone      *string        `tfsdk:"zone"`
	Admission admissionModel `tfsdk:"ha_admission_control"`
	Status    string         `tfsdk:"status"`
	Reasons   []string       `tfsdk:"reasons"`
}

type admissionModel struct {
	HAEnabled     bool   `tfsdk:"ha_enabled"`
	Policy        string `tfsdk:"policy"`
	HostFailures  *int64 `tfsdk:"host_failures"`
	CPUPercent    *int64 `tfsdk:"cpu_percent"`
	MemoryPercent *int64 `tfsdk:"memory_percent"`
}

type hostModel struct {
	Cluster            string  `tfsdk:"cluster"`
	Name               string  `tfsdk:"name"`
	Usable             bool    `tfsdk:"usable"`
	UnusableReason     *string `tfsdk:"unusable_reason"`
	Health             *string `tfsdk:"overall_status"`
	VMs                int64   `tfsdk:"vms"`
	CPUCapacityMHz     int64   `tfsdk:"cpu_capacity_mhz"`
	MemoryCapacityMiB  int64   `tfsdk:"memory_capacity_mib"`
	CPUUsedMHz         int64   `tfsdk:"cpu_used_mhz"`
	MemoryUsedMiB      int64   `tfsdk:"memory_used_mib"`
	CPUReservedMHz     int64   `tfsdk:"cpu_reserved_mhz"`
	MemoryReservedMiB  int64   `tfsdk:"memory_reserved_mib"`
	VCPUsAllocated     int64   `tfsdk:"vcpus_allocated"`
	MemoryAllocatedMiB int64   `tfsdk:"memory_allocated_mib"`
	CPUFreeMHz         int64   `tfsdk:"cpu_free_mhz"`
	MemoryFreeMiB      int64   `tfsdk:"memory_free_mib"`
	Placeable          *int64  `tfsdk:"placeable"`
}

// validate finds what only two attributes together get wrong.
func (m *model) validate(to *diag.Diagnostics) {
	if m.Warning.IsUnknown() || m.Critical.IsUnknown() {
		return
	}
	check := *m
	check.setDefaults()
	if warning, critical := check.Warning.ValueInt64(), check.Critical.ValueInt64(); warning > critical {
		to.AddAttributeError(path.Root("warning_percent"), "Invalid thresholds",
			fmt.Sprintf("warning_percent (%d) is above critical_percent (%d): a warning comes before things are critical.", warning, critical))
	}
}

func (m *model) setDefaults() {
	if m.Failures.IsNull() {
		m.Failures = types.Int64Value(defaultFailures)
	}
	if m.CPUOvercommit.IsNull() {
		m.CPUOvercommit = types.Float64Value(defaultCPUOvercommit)
	}
	if m.MemoryOvercommit.IsNull() {
		m.MemoryOvercommit = types.Float64Value(defaultMemoryOvercommit)
	}
	if m.Warning.IsNull() {
		m.Warning = types.Int64Value(defaultWarning)
	}
	if m.Critical.IsNull() {
		m.Critical = types.Int64Value(defaultCritical)
	}
	if m.IncludeHosts.IsNull() {
		m.IncludeHosts = types.BoolValue(false)
	}
}

// shape is the machine to place; nil when none is asked for.
func (m *model) shape(ctx context.Context, classes []vcenter.VMClass, coreMHz int64, to *diag.Diagnostics) *headroom.Shape {
	switch {
	case !m.VM.IsNull():
		var vm vmModel
		to.Append(m.VM.As(ctx, &vm, basetypes.ObjectAsOptions{})...)
		return &headroom.Shape{
			VCPUs: vm.CPUs.ValueInt64(), MemoryMiB: vm.MemoryMiB.ValueInt64(),
			CPUReservationMHz: vm.CPUReservationMHz.ValueInt64(), MemoryReservationMiB: vm.MemoryReservationMiB.ValueInt64(),
		}
	case m.VMClass.IsNull():
		return nil
	}
	names := make([]string, 0, len(classes))
	for _, c := range classes {
		if c.Name == m.VMClass.ValueString() {
			return shapeOf(c, coreMHz)
		}
		names = append(names, c.Name)
	}
	to.AddAttributeError(path.Root("vm_class"), "VM class not found",
		fmt.Sprintf("vCenter has no VM class %q. It has: %s.", m.VMClass.ValueString(), listOrNone(names)))
	return nil
}

// shapeOf is the machine that a class makes. A class reserves a share of its
// size: of its memory, and of its vCPUs at the speed of the slowest core.
func shapeOf(c vcenter.VMClass, coreMHz int64) *headroom.Shape {
	return &headroom.Shape{
		VCPUs: c.CPUs, MemoryMiB: c.MemoryMiB,
		CPUReservationMHz:    c.CPUs * coreMHz * c.CPUReservationPercent / 100,
		MemoryReservationMiB: c.MemoryMiB * c.MemoryReservationPercent / 100,
	}
}

package quota

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/domain/quota"
)

// What holds where the configuration says nothing.
const (
	defaultWarning  = 80
	defaultCritical = 95
	defaultHours    = quota.HoursPerMonth
)

type model struct {
	ID             types.String `tfsdk:"id"`
	Namespace      types.String `tfsdk:"namespace"`
	NamespaceNames types.Set    `tfsdk:"namespace_names"`
	Warning        types.Int64  `tfsdk:"warning_percent"`
	Critical       types.Int64  `tfsdk:"critical_percent"`
	Rates          types.Object `tfsdk:"rates"`
	Hours          types.Int64  `tfsdk:"hours"`

	Namespaces map[string]namespaceModel `tfsdk:"namespaces"`
	Status     types.String              `tfsdk:"status"`
	Reasons    []string                  `tfsdk:"reasons"`
}

type ratesModel struct {
	CPU     types.Float64 `tfsdk:"cpu_ghz_hour"`
	Memory  types.Float64 `tfsdk:"memory_gib_hour"`
	Storage types.Float64 `tfsdk:"storage_gib_month"`
}

type namespaceModel struct {
	CPU             machineModel            `tfsdk:"cpu"`
	Memory          machineModel            `tfsdk:"memory"`
	Storage         amountModel             `tfsdk:"storage"`
	StoragePolicies map[string]amountModel  `tfsdk:"storage_policies"`
	Objects         map[string]objectModel  `tfsdk:"objects"`
	Zones           map[string]zoneModel    `tfsdk:"zones"`
	Clusters        map[string]clusterModel `tfsdk:"clusters"`
	Cost            *costModel              `tfsdk:"cost"`
	Blocked         *bool                   `tfsdk:"autoscaler_headroom_blocked"`
	Status          string                  `tfsdk:"status"`
	Reasons         []string                `tfsdk:"reasons"`
}

type amountModel struct {
	Limit            *int64 `tfsdk:"limit"`
	Used             *int64 `tfsdk:"used"`
	Allocated        *int64 `tfsdk:"allocated"`
	Reserved         *int64 `tfsdk:"reserved"`
	Max              *int64 `tfsdk:"max"`
	Free             *int64 `tfsdk:"free"`
	UsedPercent      *int64 `tfsdk:"used_percent"`
	AllocatedPercent *int64 `tfsdk:"allocated_percent"`
}

// machineModel is of what machines consume.
type machineModel struct {
	amountModel
	Consumed *int64 `tfsdk:"consumed"`
}

type objectModel struct {
	Limit *int64 `tfsdk:"limit"`
	Used  *int64 `tfsdk:"used"`
}

type zoneModel struct {
	CPU    machineModel `tfsdk:"cpu"`
	Memory machineModel `tfsdk:"memory"`
}

type clusterModel struct {
	ControlPlaneNodes int64  `tfsdk:"control_plane_nodes"`
	WorkerNodes       int64  `tfsdk:"worker_nodes"`
	MaxWorkerNodes    int64  `tfsdk:"max_worker_nodes"`
	VCPUs             *int64 `tfsdk:"vcpus"`
	MemoryMiB         *int64 `tfsdk:"memory_mib"`
	StorageMiB        int64  `tfsdk:"storage_mib"`
}

type costModel struct {
	CPU     *float64 `tfsdk:"cpu"`
	Memory  *float64 `tfsdk:"memory"`
	Storage *float64 `tfsdk:"storage"`
	Total   *float64 `tfsdk:"total"`
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
	if m.Warning.IsNull() {
		m.Warning = types.Int64Value(defaultWarning)
	}
	if m.Critical.IsNull() {
		m.Critical = types.Int64Value(defaultCritical)
	}
	if m.Hours.IsNull() {
		m.Hours = types.Int64Value(defaultHours)
	}
}

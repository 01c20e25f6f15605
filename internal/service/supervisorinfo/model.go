package supervisorinfo

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

type model struct {
	ID               types.String         `tfsdk:"id"`
	Name             types.String         `tfsdk:"name"`
	ConfigStatus     types.String         `tfsdk:"config_status"`
	KubernetesStatus types.String         `tfsdk:"kubernetes_status"`
	APIEndpoint      types.String         `tfsdk:"api_endpoint"`
	NetworkProvider  types.String         `tfsdk:"network_provider"`
	Zones            map[string]zoneModel `tfsdk:"zones"`
	ComputeClusters  []string             `tfsdk:"compute_clusters"`
	Messages         []messageModel       `tfsdk:"messages"`

	CPUCapacityMHz     types.Int64 `tfsdk:"cpu_capacity_mhz"`
	CPUUsedMHz         types.Int64 `tfsdk:"cpu_used_mhz"`
	MemoryCapacityMiB  types.Int64 `tfsdk:"memory_capacity_mib"`
	MemoryUsedMiB      types.Int64 `tfsdk:"memory_used_mib"`
	StorageCapacityMiB types.Int64 `tfsdk:"storage_capacity_mib"`
	StorageUsedMiB     types.Int64 `tfsdk:"storage_used_mib"`
}

type zoneModel struct {
	Type             *string  `tfsdk:"type"`
	Status           *string  `tfsdk:"status"`
	MarkedForRemoval *bool    `tfsdk:"marked_for_removal"`
	Clusters         []string `tfsdk:"clusters"`
}

type messageModel struct {
	Severity string `tfsdk:"severity"`
	Message  string `tfsdk:"message"`
}

func (m *model) flatten(f *facts) {
	m.ID, m.Name = types.StringValue(f.ID), types.StringValue(f.Name)
	m.ConfigStatus, m.KubernetesStatus = types.StringValue(f.ConfigStatus), types.StringValue(f.KubernetesStatus)
	m.APIEndpoint, m.NetworkProvider = textOrNull(f.endpoint), textOrNull(f.provider)
	m.ComputeClusters = f.clusters()
	slices.Sort(m.ComputeClusters)
	m.flattenZones(f)
	m.Messages = flattenMessages(f.Messages)
	m.CPUCapacityMHz, m.CPUUsedMHz = types.Int64Value(f.Stats.CPUCapacity), types.Int64Value(f.Stats.CPUUsed)
	m.MemoryCapacityMiB, m.MemoryUsedMiB = types.Int64Value(f.Stats.MemoryCapacity), types.Int64Value(f.Stats.MemoryUsed)
	m.StorageCapacityMiB, m.StorageUsedMiB = types.Int64Value(f.Stats.StorageCapacity), types.Int64Value(f.Stats.StorageUsed)
}

// flattenZones leaves null what could not be read, and on vCenter 7, which has
// no zones.
func (m *model) flattenZones(f *facts) {
	m.Zones = nil
	if f.Legacy || f.zones == nil {
		return
	}
	m.Zones = map[string]zoneModel{}
	for _, zone := range f.zones {
		z := zoneModel{Clusters: append([]string{}, zone.Clusters...)}
		slices.Sort(z.Clusters)
		if b, ok := f.bindings[zone.Name]; ok {
			z.Type, z.MarkedForRemoval = &b.Type, &b.MarkedForRemoval
			if b.Status != "" {
				z.Status = &b.Status
			}
		}
		m.Zones[zone.Name] = z
	}
}

// flattenMessages gives nil, which is null, for nil.
func flattenMessages(list []vcenter.Message) []messageModel {
	if list == nil {
		return nil
	}
	messages := make([]messageModel, 0, len(list))
	for _, m := range list {
		messages = append(messages, messageModel{Severity: m.Severity, Message: m.Text})
	}
	return messages
}

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

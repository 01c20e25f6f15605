package supervisorinfo

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vksops/terraform-provider-vks/internal/tf/computed"
)

func dataSourceSchema() schema.Schema {
	attributes := map[string]schema.Attribute{
		// Optional
		"name": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Name of the Supervisor. The configuration may have its id here; what is read is always the name. Default: the provider's `supervisor.name`, and else the only one of the vCenter.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		// Computed
		"id":                computed.Text("Id of the Supervisor; on vCenter 7, which has no such ids, its compute cluster's (`domain-c9`)."),
		"config_status":     computed.Text("`CONFIGURING`, `RUNNING`, `REMOVING` or `ERROR`, as vCenter reports it."),
		"kubernetes_status": computed.Text("`READY`, `WARNING` or `ERROR`: can it take pods."),
		"api_endpoint": computed.Text("Address of the Supervisor's Kubernetes API, as vCenter knows it: since 9.1 the Supervisor's own, before that what its compute cluster has. " +
			"Null while vCenter knows none. It is not the provider's `supervisor.server`."),
		"network_provider": computed.Text("`VSPHERE_NETWORK`, `NSXT_CONTAINER_PLUGIN` or `NSX_VPC`; null where vCenter does not tell."),
		"zones": schema.MapNestedAttribute{
			Computed: true, MarkdownDescription: "The vSphere Zones of the Supervisor by name. Null on vCenter 7, which has none.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"type":               computed.Text("`MANAGEMENT` (control plane and workloads) or `WORKLOAD` (workloads only); null before 9.0."),
				"status":             computed.Text("`CONFIGURING`, `READY`, `REMOVING` or `ERROR`; null before 9.0."),
				"marked_for_removal": computed.Flag("Is the zone being taken from the Supervisor; null before 9.0."),
				"clusters":           computed.TextList("Managed object ids of the compute clusters in the zone: `domain-c9`."),
			}},
		},
		"compute_clusters": computed.TextList("Managed object ids of the compute clusters of all zones, for `compute_clusters` of `vks_host_headroom`, say."),
		"messages": schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: "What vCenter says about the Supervisor; null before 9.1.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"severity": computed.Text("`INFO`, `WARNING` or `ERROR`."),
				"message":  computed.Text("The message."),
			}},
		},
	}
	maps.Copy(attributes, statsAttributes())
	return schema.Schema{
		MarkdownDescription: "A Supervisor: its ids, health, zones, compute clusters and load, so that a module needs no hard-coded id.\n\n" +
			"One request for the Supervisors of the vCenter, and three for each that is looked at; all data sources and resources of a run share them, and see the Supervisor as it was then. " +
			"A Supervisor that is not well is no error: see `config_status`, `kubernetes_status` and `messages`. " +
			"What the account may not see is null, with a warning.",
		Attributes: attributes,
	}
}

func statsAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"cpu_capacity_mhz":     computed.Number("CPU that can be reserved for the Supervisor and its workloads at most, in MHz: all cores of its hosts, less where its resource pools have limits."),
		"cpu_used_mhz":         computed.Number("CPU that the Supervisor and its workloads use, in MHz, over all hosts."),
		"memory_capacity_mib":  computed.Number("Memory that can be reserved for the Supervisor and its workloads at most, in MiB."),
		"memory_used_mib":      computed.Number("Memory of the hosts that the Supervisor and its workloads use, in MiB."),
		"storage_capacity_mib": computed.Number("Capacity of the datastores that the Supervisor's own control plane is on, in MiB. It says nothing of other datastores."),
		"storage_used_mib":     computed.Number("Storage that the Supervisor's own control plane uses, in MiB, without what workloads store."),
	}
}

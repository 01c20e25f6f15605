package namespace

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/tf/computed"
	"github.com/vksops/terraform-provider-vks/internal/tf/validate"
)

func dataSourceSchema() schema.Schema {
	attributes := map[string]schema.Attribute{
		// Required
		"name": schema.StringAttribute{
			Required: true, MarkdownDescription: "Name of the namespace.",
			Validators: []validator.String{validate.DNSLabel()},
		},
		// Optional
		"resolve_inherited": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Ask about each permission whether it comes with the system (`inherited`). It costs a request for each, so the default is `false`: " +
				"`inherited` is then null.",
		},
		// Computed
		"id":            computed.Text("The name."),
		"supervisor":    computed.Text("Name of the Supervisor; its id where vCenter does not list it to the account."),
		"supervisor_id": computed.Text("Id of the Supervisor; on vCenter 7 its compute cluster's."),
		"config_status": computed.Text("`CONFIGURING`, `RUNNING`, `REMOVING` or `ERROR`, as vCenter reports it."),
		"messages": schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: "What vCenter says about the namespace.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"severity": computed.Text("`INFO`, `WARNING` or `ERROR`."),
				"message":  computed.Text("The message."),
			}},
		},
		"stats":        shownStats(),
		"self_service": computed.Flag("Was the namespace made by a user through self-service, with `kubectl create namespace`."),
		"permissions":  shownPermissions(),
		"zones": schema.MapNestedAttribute{
			Computed: true, MarkdownDescription: "The vSphere Zones that workloads can be in, by name; null before 9.0. The limits of a zone can be written, but vCenter does not give them back: `vks_quota_usage` reads them from the Supervisor.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"type":               computed.Text("`MANAGEMENT` or `WORKLOAD`: what the Supervisor uses the zone for."),
				"marked_for_removal": computed.Flag("Is the zone being taken from the namespace."),
			}},
		},
		"network": shownNetwork(),
	}
	maps.Copy(attributes, shownQuota())
	return schema.Schema{
		MarkdownDescription: "A vSphere Namespace as it is, whoever made it: quota, storage, VM classes, permissions, zones and networks.\n\n" +
			"One request, none where a `vks_namespace` of the same name was just refreshed; what ids stand for is looked up once in a run. " +
			"A namespace that is not well is no error: see `config_status` and `messages`. One that does not exist, or that the account may not see, is an error; " +
			"`vks_namespaces` lists what there is without one. How much of the quota is used is told by `vks_quota_usage`.",
		Attributes: attributes,
	}
}

func shownQuota() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"description":        computed.Text("Description; empty when there is none."),
		"cpu_limit_mhz":      computed.Number("CPU limit in MHz, over all that runs in the namespace. Null: no limit."),
		"memory_limit_mib":   computed.Number("Memory limit in MiB, over all that runs in the namespace. Null: no limit."),
		"storage_limit_mib":  computed.Number("Limit in MiB of all volumes together. Null: no limit; 0 lets nothing be stored."),
		"container_defaults": shownLimits(containerDefaultsAttribute(), "Null: none."),
		"object_limits":      shownLimits(objectLimitsAttribute(), "Null: no limit."),
		"storage_policies": schema.MapNestedAttribute{
			Computed: true, MarkdownDescription: "Storage policies that may be used, by the name that they have in vCenter; by id where the policy is gone, or hidden from the account.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"limit_mib": computed.Number("Limit in MiB of the volumes with this policy. Null: no limit; 0 lets nothing be stored."),
			}},
		},
		"storage_classes": schema.MapAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "Name of the Kubernetes StorageClass of each storage policy, by the policy's name.",
		},
		"vm_classes":        computed.TextSet("Names of the VM classes that may be used."),
		"content_libraries": computed.TextSet("Ids of the content libraries whose images may be used. vCenter does not tell their names with the namespace."),
	}
}

// shownLimits shows a group of limits of the resource.
func shownLimits(group resourceschema.SingleNestedAttribute, unset string) schema.SingleNestedAttribute {
	attributes := map[string]schema.Attribute{}
	for name, limit := range group.Attributes {
		attributes[name] = computed.Number(limit.GetMarkdownDescription() + " " + unset)
	}
	return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: group.MarkdownDescription, Attributes: attributes}
}

func shownPermissions() schema.SetNestedAttribute {
	return schema.SetNestedAttribute{
		Computed:            true,
		MarkdownDescription: "Who may do what: all grants, those that others made and those that come with the system too.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"principal":         computed.Text("Name of the user or group, without its domain."),
			"domain":            computed.Text("SSO domain of the user or group."),
			"type":              computed.Text("`USER` or `GROUP`."),
			"role":              computed.Text("`VIEW`, `EDIT` or `OWNER`."),
			"identity_provider": computed.Text("Id of an external identity provider; null for vCenter's own SSO."),
			"inherited":         computed.Flag("Does the grant come with the system, so that it cannot be taken away here; null without `resolve_inherited`."),
		}},
	}
}

func shownNetwork() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Computed:            true,
		MarkdownDescription: "The network as vCenter tells it. What a namespace with `NSXT_CONTAINER_PLUGIN` was created with is not told.",
		Attributes: map[string]schema.Attribute{
			"provider":        computed.Text("`VSPHERE_NETWORK`, `NSXT_CONTAINER_PLUGIN` or `NSX_VPC`; null before 9.0. `vks_supervisor` has it for every version."),
			"networks":        computed.TextSet("Names of the workload networks; null with NSX."),
			"default_network": computed.Text("Workload network of what names none; null with NSX, and before 9.1."),
			"vpc": schema.SingleNestedAttribute{
				Computed: true, MarkdownDescription: "The VPC; null with another provider than `NSX_VPC`, and before 9.0.",
				Attributes: map[string]schema.Attribute{
					"path":                computed.Text("NSX path of the VPC."),
					"auto_created":        computed.Flag("Was the VPC made for this namespace."),
					"private_cidrs":       computed.TextSet("Private address ranges of the VPC: `172.26.0.0/16`."),
					"default_subnet_size": computed.Number("Addresses of a subnet whose size nobody chose."),
					"shared_subnets":      computed.TextSet("NSX paths of subnets from elsewhere that the namespace may use; null before 9.1."),
				},
			},
		},
	}
}

// shownStats is honest about what the numbers are.
func shownStats() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Computed: true,
		MarkdownDescription: "What vCenter counts as used: the sums of what the pods in the namespace request. It is not what machines consume; " +
			"for clusters and virtual machines see `vks_quota_usage`.",
		Attributes: map[string]schema.Attribute{
			"cpu_used_mhz":     computed.Number("CPU that pods request, in MHz."),
			"memory_used_mib":  computed.Number("Memory that pods request, in MiB."),
			"storage_used_mib": computed.Number("Storage that pods request, in MiB."),
		},
	}
}

package namespace

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/tf/validate"
)

// leastCPU is the least that vCenter accepts as any CPU limit.
const leastCPU = 10

func resourceSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A vSphere Namespace: the boundary of a tenant on a Supervisor, with its quota, storage, VM classes, content libraries, zones, network and permissions.\n\n" +
			"What is left out of the configuration is taken away from the namespace: a limit that is removed here is removed in vCenter. The exceptions are permissions, where grants of others stay unless `exclusive_permissions` is set, " +
			"and what a namespace cannot be without: without `zones` and `network` it keeps those that it has.",
		Attributes: map[string]schema.Attribute{
			// Required
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name of the namespace: an RFC 1123 label that is unique in the vCenter. Changing it replaces the namespace.",
				Validators:          []validator.String{validate.DNSLabel()},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},

			// Optional
			"supervisor": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Name or id of the Supervisor. Default: the provider's, and else the only one of the vCenter. Another Supervisor replaces the namespace.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"description":        schema.StringAttribute{Optional: true, MarkdownDescription: "Description."},
			"cpu_limit_mhz":      limitAttribute("CPU limit in MHz, over all that runs in the namespace. Unset: no limit.", leastCPU),
			"memory_limit_mib":   limitAttribute("Memory limit in MiB, over all that runs in the namespace. Unset: no limit.", 0),
			"storage_limit_mib":  limitAttribute("Limit in MiB of all volumes together. Unset: no limit; 0 lets nothing be stored.", 0),
			"container_defaults": containerDefaultsAttribute(),
			"object_limits":      objectLimitsAttribute(),
			"storage_policies":   storagePoliciesAttribute(),
			"vm_classes": schema.SetAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Names of the VM classes that may be used.",
				Validators:          []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"content_libraries": schema.SetAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Names or ids of the content libraries whose images may be used. A library stays as it was written here while it is bound. What else is set for a library in vCenter, such as whether users may write to it, is left alone as long as the library stays. Needs vCenter 7.0.2 or later.",
				Validators:          []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"zones":       zonesAttribute(),
			"network":     networkAttribute(),
			"permissions": permissionsAttribute(),
			"exclusive_permissions": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: "Take away all grants that `permissions` does not name, but for those that the system makes. Default `false`.",
			},
			"deletion_protection": schema.BoolAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Refuse to destroy or replace the namespace. Default: the provider's `deletion_protection`.",
			},
			"force_destroy": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: "Destroy the namespace even while VKS clusters are in it, and them with it. Default `false`.",
			},
			"timeouts": timeouts.AttributesAll(ctx),

			// Computed
			"id": computedText("`NAME`. It is the import id."),
			"supervisor_id": computedText(
				"Id of the Supervisor."),
			"config_status": computedText("`CONFIGURING`, `RUNNING`, `REMOVING` or `ERROR`, as vCenter reports it."),
			"messages": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "What vCenter says about the namespace.",
				PlanModifiers:       []planmodifier.List{listplanmodifier.UseStateForUnknown()},
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"severity": schema.StringAttribute{Computed: true, MarkdownDescription: "`INFO`, `WARNING` or `ERROR`."},
					"message":  schema.StringAttribute{Computed: true, MarkdownDescription: "The message."},
				}},
			},
			"storage_classes": schema.MapAttribute{
				Computed:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Name of the Kubernetes StorageClass of each storage policy, by the policy's name.",
				PlanModifiers:       []planmodifier.Map{mapplanmodifier.UseStateForUnknown()},
			},
			"resource_pools": schema.MapAttribute{
				Computed:    true,
				ElementType: types.ListType{ElemType: types.StringType},
				MarkdownDescription: "Managed object ids of the namespace's resource pools in vCenter, one for each compute cluster, by the name of the zone (by the id of the compute cluster where there are no zones). " +
					"They are read from vCenter's inventory: where it cannot be read, or the account does not see the pools, what was known stays, and it is null where nothing was.",
			},
		},
	}
}

func computedText(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: description,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

func limitAttribute(description string, least int64) schema.Int64Attribute {
	return schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: description,
		Validators:          []validator.Int64{int64validator.AtLeast(least)},
	}
}

func containerDefaultsAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Requests and limits of containers in vSphere Pods that name none.",
		Attributes: map[string]schema.Attribute{
			"cpu_request_mhz":    limitAttribute("CPU request in MHz.", leastCPU),
			"cpu_limit_mhz":      limitAttribute("CPU limit in MHz.", leastCPU),
			"memory_request_mib": limitAttribute("Memory request in MiB.", 0),
			"memory_limit_mib":   limitAttribute("Memory limit in MiB.", 0),
		},
	}
}

func objectLimitsAttribute() schema.SingleNestedAttribute {
	count := func(what string) schema.Int64Attribute { return limitAttribute("Most "+what+".", 0) }
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "How many objects of a kind there may be. Unset: no limit.",
		Attributes: map[string]schema.Attribute{
			"pods":                     count("vSphere Pods"),
			"services":                 count("Services"),
			"deployments":              count("Deployments"),
			"daemon_sets":              count("DaemonSets"),
			"replica_sets":             count("ReplicaSets"),
			"replication_controllers":  count("ReplicationControllers"),
			"stateful_sets":            count("StatefulSets"),
			"config_maps":              count("ConfigMaps"),
			"secrets":                  count("Secrets"),
			"persistent_volume_claims": count("PersistentVolumeClaims"),
			"jobs":                     count("Jobs"),
		},
	}
}

func storagePoliciesAttribute() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Storage policies that may be used, by the name that they have in vCenter.",
		Validators:          []validator.Map{mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1))},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"limit_mib": limitAttribute("Limit in MiB of the volumes with this policy. Unset: no limit; 0 lets nothing be stored.", 0),
		}},
	}
}

// permissionsAttribute has no required attribute inside: the framework takes
// those of an element that is wholly unknown for missing
// (terraform-plugin-framework issue 186). ValidateConfig asks for them.
func permissionsAttribute() schema.SetNestedAttribute {
	return schema.SetNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Who may do what. Grants of others, and those that the system makes, are left alone unless `exclusive_permissions` is set.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"principal": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Required. Name of the user or group, without the domain.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"domain": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Required. Domain of the user or group: `vsphere.local`, or one of an identity source.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"type": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Required. `USER` or `GROUP`.",
				Validators: []validator.String{stringvalidator.OneOf("USER", "GROUP")},
			},
			"role": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Required. `VIEW`, `EDIT` (cluster-admin in VKS clusters of the namespace) or `OWNER` (also creates and deletes namespaces; vCenter's own SSO only).",
				Validators: []validator.String{stringvalidator.OneOf("VIEW", "EDIT", "OWNER")},
			},
			"identity_provider": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Id of an external identity provider. Default: vCenter's own SSO.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
		}},
	}
}

func identitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"name": identityschema.StringAttribute{RequiredForImport: true, Description: "Name of the namespace."},
	}}
}

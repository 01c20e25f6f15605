package cluster

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/tf/validate"
)

const (
	waitAvailable = "available"
	waitAddons    = "addons"

	defaultPoolClass     = "node-pool"
	defaultServiceDomain = "cluster.local"
	defaultRollout       = "RollingUpdate"
)

func resourceSchema(ctx context.Context) schema.Schema {
	attributes := map[string]schema.Attribute{
		// Required
		"name": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Name of the cluster. Changing it replaces the cluster. Do not use the name of a deleted cluster again in the same namespace: the platform may keep the old one's address.",
			Validators:          []validator.String{validate.DNSLabel()},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"namespace": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "vSphere Namespace that the cluster is in. Changing it replaces the cluster.",
			Validators:          []validator.String{validate.DNSLabel()},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"kubernetes_version": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Kubernetes version: a prefix (`v1.33`), the version (`v1.33.1+vmware.1-fips`), the release's version (`v1.33.1+vmware.1-fips-vkr.2`) or the release's name (`v1.33.1---vmware.1-fips-vkr.2`). What is written here stays in state for as long as the cluster satisfies it; `live_version` has the whole version. It can be raised by one minor version at a time, and not be lowered.",
			Validators:          []validator.String{versionValidator()},
			PlanModifiers:       []planmodifier.String{keepSatisfied{satisfied: versionSatisfied}},
		},
		"network":       networkSchema(),
		"control_plane": controlPlaneSchema(),

		// Optional
		"node_pools": schema.MapNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Pools of worker nodes by name. A pool can be added, changed and removed without touching the others.",
			NestedObject:        schema.NestedAttributeObject{Attributes: poolAttributes()},
			Validators:          []validator.Map{mapvalidator.KeysAre(validate.DNSSubdomain(), stringvalidator.LengthAtMost(63))},
		},
		"cluster_class": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "ClusterClass, such as `builtin-generic-v3.6.0`. Default: the newest built-in class for the version. The platform moves clusters to newer classes by itself; that is no drift and never replaces the cluster.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			PlanModifiers:       []planmodifier.String{keepSatisfied{satisfied: classSatisfied}},
		},
		"cluster_class_namespace": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Namespace of the ClusterClass. Default `vmware-system-vks-public`, which has the built-in ones since VKS 3.4. The platform moves clusters there by itself; that is no drift.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"pin_cluster_class": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Keep the platform from moving the cluster to a newer ClusterClass by itself (annotation `" + pinAnnotation + "`). Default `false`.",
		},
		"vm_class": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "VM class of every machine, unless `control_plane` or a pool names another. It must be bound to the vSphere Namespace. This is the variable `vmClass` of the ClusterClass.",
		},
		"storage_class": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Storage class of the disks of every machine, unless `control_plane` or a pool names another. This is the variable `storageClass` of the ClusterClass.",
		},
		"variables": variablesSchema("Variables of the ClusterClass by name, as one JSON object: `jsonencode({...})`. They are compared by meaning, and what the platform adds inside is no drift. A variable that an attribute sets (`vmClass`, `storageClass`) cannot be set here as well."),
		"cni":       cniSchema(),
		"labels": schema.MapAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "Labels of the cluster object. Only the keys named here are managed.",
		},
		"annotations": schema.MapAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "Annotations of the cluster object. Only the keys named here are managed.",
		},
		"availability_gates": gatesSchema("More conditions of the cluster object that it needs to be available, beside those of the platform. Others have to report them: a gate that nobody reports keeps the cluster from ever becoming available."),
		"server_validation": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "At plan, have the Supervisor check the cluster with a server-side dry run, and show its errors and warnings. It needs the right to write. Default `false`: a plan only reads.",
		},
		"wait_for": schema.SetAttribute{
			ElementType: types.StringType, Optional: true, Computed: true,
			Default:             setdefault.StaticValue(defaultWaitFor()),
			MarkdownDescription: "What to wait for after a change: `available` (all machines are up to date and the cluster is available) and `addons` (its add-ons are reconciled as well). Default `[\"available\"]`; `[]` does not wait.",
			Validators:          []validator.Set{setvalidator.ValueStringsAre(stringvalidator.OneOf(waitAvailable, waitAddons))},
		},
		"deletion_protection": schema.BoolAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Refuse to delete the cluster while `true`. Default: the provider's `deletion_protection`.",
		},
		"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
			Create: true, Read: true, Update: true, Delete: true,
			CreateDescription: "How long creating may take, waiting included. Default `" + shortDuration(createTimeout) + "`.",
			ReadDescription:   "How long reading may take. Default `" + shortDuration(readTimeout) + "`.",
			UpdateDescription: "How long a change may take, waiting included. Default `" + shortDuration(updateTimeout) + "`.",
			DeleteDescription: "How long deleting may take. Default `" + shortDuration(deleteTimeout) + "`.",
		}),
	}
	for name, attribute := range computedSchema() {
		attributes[name] = attribute
	}
	return schema.Schema{
		MarkdownDescription: "A VKS workload cluster: a Cluster API `Cluster` in a vSphere Namespace.\n\nCreating and changing one waits, by default, until the cluster is available and all its machines are up to date. Its kubeconfig is never in state: use the ephemeral resource `vks_kubeconfig`.",
		Attributes:          attributes,
	}
}

// computedSchema is what the platform says about the cluster.
func computedSchema() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "`NAMESPACE/NAME`. It is the import id.",
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"api_endpoint": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Address of the cluster's API server, `host:port`.",
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()},
		},
		"phase":              computedString("`Pending`, `Provisioning`, `Provisioned`, `Deleting`, `Failed` or `Unknown`. `Provisioned` comes long before the cluster can be used: see `conditions`."),
		"live_version":       computedString("Kubernetes version of the cluster, in full."),
		"kubernetes_release": computedString("Name of the KubernetesRelease that the cluster is on."),
		"conditions": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Conditions of the cluster, as the platform reports them.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"type":    computedString("Type, such as `Available`."),
				"status":  computedString("`True`, `False` or `Unknown`."),
				"reason":  computedString("Reason, in one word."),
				"message": computedString("Message for people."),
			}},
		},
		"node_counts": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "How many machines there are.",
			Attributes: map[string]schema.Attribute{
				"control_plane": countsSchema("Machines of the control plane."),
				"workers":       countsSchema("Machines of all pools."),
			},
		},
		"failure_domains": schema.ListAttribute{
			ElementType: types.StringType, Computed: true,
			MarkdownDescription: "Zones that pools can be placed in.",
		},
	}
}

func countsSchema(description string) schema.Attribute {
	count := func(description string) schema.Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	return schema.SingleNestedAttribute{
		Computed: true, MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"desired":    count("Wanted."),
			"current":    count("There."),
			"up_to_date": count("As the specification wants them."),
			"ready":      count("Ready."),
			"available":  count("Ready for long enough."),
		},
	}
}

func networkSchema() schema.SingleNestedAttribute {
	cidrs := []validator.List{listvalidator.SizeAtLeast(1), listvalidator.ValueStringsAre(cidrValidator())}
	return schema.SingleNestedAttribute{
		Required:            true,
		MarkdownDescription: "Network of the cluster. The platform cannot change it once the cluster exists: a change is an error at plan.",
		Attributes: map[string]schema.Attribute{
			"pods": schema.ListAttribute{
				ElementType: types.StringType, Required: true, Validators: cidrs,
				MarkdownDescription: "Ranges of pod addresses in CIDR notation. Each node takes a /24 out of an IPv4 range (with Calico a /26, or more than one), and nodes that are replaced need one more meanwhile. Must not overlap `services` or the Supervisor's own ranges.",
			},
			"services": schema.ListAttribute{
				ElementType: types.StringType, Required: true, Validators: cidrs,
				MarkdownDescription: "Ranges of service addresses in CIDR notation. Must not overlap `pods` or the Supervisor's own ranges.",
			},
			"service_domain": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "DNS domain of services. Default `" + defaultServiceDomain + "`.",
				PlanModifiers:       []planmodifier.String{defaultAtCreation(defaultServiceDomain)},
			},
			"api_server_port": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Port of the API server. Default: the platform's, 6443.",
				Validators:          []validator.Int64{int64validator.Between(1, 65535)},
			},
		},
	}
}

func variablesSchema(description string) schema.Attribute {
	return schema.StringAttribute{
		CustomType: jsontypes.NormalizedType{}, Optional: true, MarkdownDescription: description,
		PlanModifiers: []planmodifier.String{keepMeaning{}},
	}
}

func computedString(description string) schema.Attribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

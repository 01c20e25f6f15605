package dataprotection

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/tf/target"
	"github.com/vksops/terraform-provider-vks/internal/tf/validate"
	"github.com/vksops/terraform-provider-vks/internal/velero"
)

const (
	keep   = "keep"
	remove = "remove"

	defaultUploader = "kopia"
)

func resourceSchema(ctx context.Context) schema.Schema {
	namespace := target.NamespaceAttribute()
	namespace.MarkdownDescription = "Namespace of Velero. It is made when it is not there, and labelled for privileged pods, which the node agent needs. Default `velero`. Changing it replaces the resource."
	return schema.Schema{
		MarkdownDescription: "Velero on a cluster: what `vks_storage_location` and `vks_backup_schedule` need. It installs Velero, or adopts one that is there " +
			"(the VKS add-on, a Helm release) without changing it, and waits until the server answers.",
		Attributes: map[string]schema.Attribute{
			// Optional.
			"cluster_id": target.ClusterIDAttribute(),
			"namespace":  namespace,
			"velero_image": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(velero.DefaultImage),
				MarkdownDescription: "Image of the server and the node agent. Default `" + velero.DefaultImage + "`, the release that the CustomResourceDefinitions are of.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"plugins": schema.ListAttribute{
				Optional: true, Computed: true, ElementType: types.StringType,
				Default:             listdefault.StaticValue(types.ListValueMust(types.StringType, []attr.Value{types.StringValue(velero.DefaultPlugin)})),
				MarkdownDescription: "Images of plugins. Default `[\"" + velero.DefaultPlugin + "\"]`.",
				Validators:          []validator.List{listvalidator.UniqueValues(), listvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"node_agent":                   flag(true, "Run the node agent on each node. File system backups and moving snapshot data need it."),
			"csi_snapshots":                flag(true, "Back up volumes with CSI snapshots (the feature `EnableCSI`)."),
			"default_snapshot_move_data":   flag(false, "Move the data of CSI snapshots into the object store unless a backup says otherwise. Recommended: without it a backup does not outlive the storage that it is of."),
			"default_volumes_to_fs_backup": flag(false, "Back up volumes through the file system unless a backup says otherwise."),
			"uploader": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(defaultUploader),
				MarkdownDescription: "Uploader of file system backups and moved snapshots. Velero 1.18 knows `kopia`, the default.",
				Validators:          []validator.String{stringvalidator.OneOf(defaultUploader)},
			},
			"resources":            resourcesAttribute("Resources of the server. What is not set is Velero's default: 500m and 128Mi requested, 1 and 512Mi at most."),
			"node_agent_resources": resourcesAttribute("Resources of each node agent. What is not set is not limited; kopia needs memory in proportion to the number of files."),
			"image_pull_secrets": schema.SetAttribute{
				Optional: true, ElementType: types.StringType, MarkdownDescription: "Names of Secrets in the namespace to pull the images with.",
				Validators: []validator.Set{setvalidator.ValueStringsAre(validate.DNSSubdomain())},
			},
			"pod_labels":      texts("Labels to add to Velero's pods."),
			"pod_annotations": texts("Annotations to add to Velero's pods."),
			"features": schema.SetAttribute{
				Optional: true, ElementType: types.StringType, MarkdownDescription: "Feature flags of Velero, beside `EnableCSI`.",
				Validators: []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1), stringvalidator.NoneOf(csiFeature))},
			},
			"adopt": flag(true, "Where a Velero of somebody else is in the namespace, report it and wait for it, and change nothing: the attributes above have no effect then. With `false` that is an error."),
			"on_destroy": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(keep),
				MarkdownDescription: "What a destroy does: `keep` (default) leaves Velero running; `remove` removes the server, the node agent, their access, the namespace (when this resource made it) and, unless another Velero runs on the cluster, " +
					"the CustomResourceDefinitions, with all Backup and Schedule objects in them. What is in the buckets stays in either case, and an adopted Velero is never removed.",
				Validators: []validator.String{stringvalidator.OneOf(keep, remove)},
			},
			"timeouts": timeouts.AttributesAll(ctx),
			// Computed.
			"id":             target.IDAttribute("CLUSTER_ID/VELERO_NAMESPACE"),
			"adopted":        schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether somebody else has installed this Velero."},
			"ready":          schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the server is available, as of the last refresh."},
			"running_image":  schema.StringAttribute{Computed: true, MarkdownDescription: "Image that the server runs, as of the last refresh."},
			"server_version": schema.StringAttribute{Computed: true, MarkdownDescription: "Version that the server reports, as of the last apply."},
			"plugins_loaded": schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Names of the plugins that the server has loaded, such as `velero.io/aws`, as of the last apply."},
		},
	}
}

func flag(otherwise bool, description string) schema.Attribute {
	value := "`false`"
	if otherwise {
		value = "`true`"
	}
	return schema.BoolAttribute{
		Optional: true, Computed: true, Default: booldefault.StaticBool(otherwise),
		MarkdownDescription: description + " Default " + value + ".",
	}
}

func texts(description string) schema.Attribute {
	return schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
}

func resourcesAttribute(description string) schema.Attribute {
	quantity := func(what string) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: what, Validators: []validator.String{validate.Quantity()}}
	}
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"cpu_request":    quantity("CPU to reserve, such as `500m`."),
			"memory_request": quantity("Memory to reserve, such as `128Mi`."),
			"cpu_limit":      quantity("CPU at most. `0` is no limit."),
			"memory_limit":   quantity("Memory at most. `0` is no limit."),
		},
	}
}

package backupschedule

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/tf/planmod"
	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
	"github.com/vksops/terraform-provider-vks/internal/tf/validate"
)

// volumesAttribute says how volumes are backed up.
func volumesAttribute() schema.Attribute {
	flag := func(description string) schema.Attribute {
		return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
	}
	duration := func(description string) schema.Attribute {
		return schema.StringAttribute{
			Optional: true, CustomType: tftypes.DurationType{}, PlanModifiers: sameDuration(), MarkdownDescription: description, Validators: []validator.String{positive()},
		}
	}
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "How volumes are backed up. What is not set is decided by the server's defaults.",
		Attributes: map[string]schema.Attribute{
			"snapshot":               flag("Take snapshots of volumes."),
			"snapshot_move_data":     flag("Move the data of CSI snapshots into the object store. Without it a backup does not outlive the storage that it is of."),
			"fs_backup_by_default":   flag("Back up volumes through the file system (node agent) unless a pod opts out."),
			"csi_snapshot_timeout":   duration("How long to wait for a CSI snapshot. Velero's default: `10m`."),
			"item_operation_timeout": duration("How long to wait for data movement and other operations in the background. Velero's default: `4h`."),
			"data_mover": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Data mover to use. Default: Velero's own.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"parallel_files_upload": schema.Int64Attribute{
				Optional: true, MarkdownDescription: "How many files are uploaded at once.",
				Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
			"group_snapshot_label_key": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Volumes with the same value of this label are snapshot together (volume group snapshot).",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"resource_policy": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Object in Velero's namespace with volume policies and filters.",
				Attributes: map[string]schema.Attribute{
					"kind": schema.StringAttribute{
						Optional: true, Computed: true, Default: stringdefault.StaticString("configmap"),
						MarkdownDescription: "Kind of the object. Velero knows `configmap`, the default.",
					},
					"name": schema.StringAttribute{Required: true, MarkdownDescription: "Name of the object."},
				},
			},
		},
	}
}

// hooksAttribute are commands in the pods that are backed up.
func hooksAttribute() schema.Attribute {
	names := func(description string) schema.Attribute { return names(description, setvalidator.SizeAtLeast(1)) }
	return schema.ListNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Commands to run in pods before and after they are backed up.",
		Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name":                schema.StringAttribute{Required: true, MarkdownDescription: "Name of the hook."},
			"namespaces":          names("Namespaces that it applies to. Default: all."),
			"excluded_namespaces": names("Namespaces that it does not apply to."),
			"resources":           names("Resources that it applies to. Velero runs hooks in pods only. Default: all."),
			"excluded_resources":  names("Resources that it does not apply to."),
			"label_selector":      selectorAttribute("Only objects with these labels."),
			"pre":                 execAttribute("Before the object is backed up."),
			"post":                execAttribute("After the object is backed up."),
		}},
	}
}

func execAttribute(description string) schema.Attribute {
	return schema.ListNestedAttribute{
		Optional:            true,
		MarkdownDescription: description,
		Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"container": schema.StringAttribute{Optional: true, MarkdownDescription: "Container to run it in. Default: the first of the pod.", Validators: []validator.String{stringvalidator.LengthAtLeast(1)}},
			"command": schema.ListAttribute{
				Required: true, ElementType: types.StringType, MarkdownDescription: "Command and arguments.",
				Validators: []validator.List{listvalidator.SizeAtLeast(1)},
			},
			"on_error": schema.StringAttribute{
				Optional: true, MarkdownDescription: "`Fail` (Velero's default) or `Continue`.",
				Validators: []validator.String{stringvalidator.OneOf("Fail", "Continue")},
			},
			"timeout": schema.StringAttribute{
				Optional: true, CustomType: tftypes.DurationType{}, PlanModifiers: sameDuration(), MarkdownDescription: "How long it may take. Velero's default: `30s`.",
				Validators: []validator.String{positive()},
			},
		}},
	}
}

// positive: Velero takes 0 for "not set", so that it could not be read back.
func positive() validator.String {
	return validate.AtLeast(time.Second, "Velero would take 0 for its default.")
}

func sameDuration() []planmodifier.String { return []planmodifier.String{planmod.SameDuration()} }

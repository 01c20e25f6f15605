package backupschedule

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/tf/target"
	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
	"github.com/vksops/terraform-provider-vks/internal/tf/validate"
)

func resourceSchema(ctx context.Context) schema.Schema {
	attributes := map[string]schema.Attribute{
		// Required.
		"name": target.NameAttribute("Name of the schedule; its backups are called NAME-YYYYMMDDhhmmss."),
		// Optional.
		"cluster_id":       target.ClusterIDAttribute(),
		"velero_namespace": target.NamespaceAttribute(),
		"schedule": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "When to back up: a cron expression of five fields, `@daily` and the like, or `@every 4h`, with `CRON_TZ=<zone>` in front if wanted (UTC without it). " +
				"It is checked by the parser that Velero uses. Note that Velero combines day of month and day of week with AND. Exactly one of `schedule` and `rpo` must be set.",
			Validators: []validator.String{validate.Cron()},
		},
		"rpo": schema.StringAttribute{
			Optional:      true,
			CustomType:    tftypes.DurationType{},
			PlanModifiers: sameDuration(),
			MarkdownDescription: "The most data that may be lost (recovery point objective), such as `4h`. The provider derives the least frequent schedule whose gaps are not longer, " +
				"its start spread by the id so that many schedules do not start at once; see `effective_schedule`.",
			Validators: []validator.String{validate.AtLeast(time.Minute, "A schedule runs once a minute at most.")},
		},
		"retention": schema.StringAttribute{
			Optional:            true,
			Computed:            true,
			CustomType:          tftypes.DurationType{},
			PlanModifiers:       sameDuration(),
			Default:             stringdefault.StaticString("720h"),
			MarkdownDescription: "How long each backup is kept (Velero's ttl). Default `720h`, 30 days. Shorter than two gaps between runs is a warning: one failed run would leave nothing.",
			Validators:          []validator.String{positive()},
		},
		"paused": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Make no backups for now. Default `false`.",
		},
		"skip_immediately": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Do not run at once when the schedule is new or no longer paused and already due; wait for its next time. " +
				"Velero resets it after use, so it is sent at creation and when it is changed here, and is never read back. Default: the server's.",
		},
		"use_owner_references_in_backup": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Make the schedule the owner of its backups. **Destroying the schedule then deletes its backups from the cluster.** " +
				"Default: not set, and the backups outlive the schedule.",
		},
		"storage_location": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Name of the storage location (`vks_storage_location.x.name`). Default: Velero's default location.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"wait_for_enabled": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(true),
			MarkdownDescription: "Wait until Velero has accepted the schedule. Not waited for while it is paused: Velero does not look at it then. Default `true`.",
		},
		"volumes":  volumesAttribute(),
		"hooks":    hooksAttribute(),
		"timeouts": timeouts.AttributesAll(ctx),
		// Computed.
		"id":                  target.IDAttribute("CLUSTER_ID/VELERO_NAMESPACE/NAME"),
		"effective_schedule":  schema.StringAttribute{Computed: true, MarkdownDescription: "The cron expression that runs: `schedule`, or what `rpo` amounts to. Known at plan."},
		"longest_gap_seconds": schema.Int64Attribute{Computed: true, MarkdownDescription: "The largest time between two runs, in seconds. Known at plan."},
		"phase":               schema.StringAttribute{Computed: true, MarkdownDescription: "`New`, `Enabled` or `FailedValidation`; empty while Velero has not looked at it (paused)."},
		"validation_errors": schema.ListAttribute{
			Computed: true, ElementType: types.StringType, MarkdownDescription: "What Velero finds wrong with the schedule.",
		},
		"last_backup_time": schema.StringAttribute{Computed: true, MarkdownDescription: "When the last backup of this schedule started (RFC 3339); null when there was none."},
		"next_run_time":    schema.StringAttribute{Computed: true, MarkdownDescription: "When the next backup is due (RFC 3339), as of the last refresh; null while paused."},
	}
	for name, attribute := range filterAttributes() {
		attributes[name] = attribute
	}
	return schema.Schema{
		MarkdownDescription: "A schedule of backups: a Velero Schedule. Give it a cron expression, or the recovery point objective that it has to keep. " +
			"Destroying it ends the schedule; its backups stay until they expire.",
		Attributes: attributes,
	}
}

// filterAttributes say what is backed up.
func filterAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"include_cluster_resources": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Back up cluster-scoped objects: all with `true`, none with `false`; unset, those that belong to what is backed up. An old filter, see `included_resources`.",
		},
		"label_selector": selectorAttribute("Only objects with these labels. Not together with `or_label_selectors`."),
		"or_label_selectors": schema.ListNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Objects that match any of these selectors. Not together with `label_selector`.",
			NestedObject:        schema.NestedAttributeObject{Attributes: selectorAttributes(), Validators: []validator.Object{selectsSomething{}}},
			Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
		},
		"ordered_resources": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Objects to back up in this order, by resource: `{ pods = \"ns1/db-0,ns1/db-1\" }`.",
		},
		"backup_labels": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Labels of the backups. Without them, backups get the labels of the schedule.",
		},
		"volume_snapshot_locations": names("Names of the VolumeSnapshotLocations, one for each provider. Not needed for CSI snapshots."),
	}
	for name, description := range map[string]string{
		"included_namespaces":                 "Namespaces to back up; `*` may stand in a name. Default: all.",
		"excluded_namespaces":                 "Namespaces to leave out.",
		"included_resources":                  "Resources to back up, such as `deployments.apps`. An old filter: these, `excluded_resources` and `include_cluster_resources` cannot be mixed with the scoped filters.",
		"excluded_resources":                  "Resources to leave out. An old filter.",
		"included_cluster_scoped_resources":   "Cluster-scoped resources to back up. A scoped filter.",
		"excluded_cluster_scoped_resources":   "Cluster-scoped resources to leave out. A scoped filter.",
		"included_namespace_scoped_resources": "Namespaced resources to back up. A scoped filter.",
		"excluded_namespace_scoped_resources": "Namespaced resources to leave out. A scoped filter.",
	} {
		attributes[name] = names(description)
	}
	return attributes
}

// names is a set of names; an empty one means the same as none.
func names(description string, more ...validator.Set) schema.Attribute {
	return schema.SetAttribute{
		Optional: true, ElementType: types.StringType, MarkdownDescription: description,
		Validators: append(more, setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))),
	}
}

func selectorAttribute(description string) schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true, MarkdownDescription: description, Attributes: selectorAttributes(), Validators: []validator.Object{selectsSomething{}},
	}
}

func selectorAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"match_labels": schema.MapAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: "Labels with these values.",
			Validators: []validator.Map{mapvalidator.SizeAtLeast(1)},
		},
		"match_expressions": schema.ListNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Conditions on labels, all of which must hold.",
			Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"key": schema.StringAttribute{Required: true, MarkdownDescription: "Label."},
				"operator": schema.StringAttribute{
					Required: true, MarkdownDescription: "`In`, `NotIn`, `Exists` or `DoesNotExist`.",
					Validators: []validator.String{stringvalidator.OneOf("In", "NotIn", "Exists", "DoesNotExist")},
				},
				"values": names("Values, for `In` and `NotIn`.", setvalidator.SizeAtLeast(1)),
			}},
		},
	}
}

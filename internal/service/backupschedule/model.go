package backupschedule

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/domain/protection"
	"github.com/vksops/terraform-provider-vks/internal/tf/target"
	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
)

type model struct {
	target.Object
	filters
	Schedule             types.String     `tfsdk:"schedule"`
	RPO                  tftypes.Duration `tfsdk:"rpo"`
	Retention            tftypes.Duration `tfsdk:"retention"`
	Paused               types.Bool       `tfsdk:"paused"`
	SkipImmediately      types.Bool       `tfsdk:"skip_immediately"`
	UseOwnerReferences   types.Bool       `tfsdk:"use_owner_references_in_backup"`
	StorageLocation      types.String     `tfsdk:"storage_location"`
	VolumeSnapshotPlaces types.Set        `tfsdk:"volume_snapshot_locations"`
	OrderedResources     types.Map        `tfsdk:"ordered_resources"`
	BackupLabels         types.Map        `tfsdk:"backup_labels"`
	Volumes              types.Object     `tfsdk:"volumes"`
	Hooks                types.List       `tfsdk:"hooks"`
	WaitForEnabled       types.Bool       `tfsdk:"wait_for_enabled"`
	EffectiveSchedule    types.String     `tfsdk:"effective_schedule"`
	LongestGapSeconds    types.Int64      `tfsdk:"longest_gap_seconds"`
	Phase                types.String     `tfsdk:"phase"`
	ValidationErrors     types.List       `tfsdk:"validation_errors"`
	LastBackupTime       types.String     `tfsdk:"last_backup_time"`
	NextRunTime          types.String     `tfsdk:"next_run_time"`
	Timeouts             timeouts.Value   `tfsdk:"timeouts"`
}

// filters say what is backed up.
type filters struct {
	IncludedNamespaces         types.Set    `tfsdk:"included_namespaces"`
	ExcludedNamespaces         types.Set    `tfsdk:"excluded_namespaces"`
	IncludedResources          types.Set    `tfsdk:"included_resources"`
	ExcludedResources          types.Set    `tfsdk:"excluded_resources"`
	IncludedClusterResources   types.Set    `tfsdk:"included_cluster_scoped_resources"`
	ExcludedClusterResources   types.Set    `tfsdk:"excluded_cluster_scoped_resources"`
	IncludedNamespaceResources types.Set    `tfsdk:"included_namespace_scoped_resources"`
	ExcludedNamespaceResources types.Set    `tfsdk:"excluded_namespace_scoped_resources"`
	IncludeClusterResources    types.Bool   `tfsdk:"include_cluster_resources"`
	LabelSelector              types.Object `tfsdk:"label_selector"`
	OrLabelSelectors           types.List   `tfsdk:"or_label_selectors"`
}

// expand makes Velero's object. skipImmediately is given apart: Velero writes
// that field itself.
func (m *model) expand(ctx context.Context, skipImmediately *bool, diags *diag.Diagnostics) *velerov1.Schedule {
	s := &velerov1.Schedule{
		ObjectMeta: metav1.ObjectMeta{Namespace: m.VeleroNamespace.ValueString(), Name: m.Name.ValueString()},
		Spec: velerov1.ScheduleSpec{
			Schedule:                   m.EffectiveSchedule.ValueString(),
			Paused:                     m.Paused.ValueBool(),
			SkipImmediately:            skipImmediately,
			UseOwnerReferencesInBackup: m.UseOwnerReferences.ValueBoolPointer(),
		},
	}
	m.noteRPO(s)
	t := &s.Spec.Template
	t.TTL = metav1.Duration{Duration: m.Retention.Duration()}
	t.StorageLocation = m.StorageLocation.ValueString()
	t.VolumeSnapshotLocations = expandNames(ctx, m.VolumeSnapshotPlaces, diags)
	t.OrderedResources = expandTexts(ctx, m.OrderedResources, diags)
	t.Labels = expandTexts(ctx, m.BackupLabels, diags)
	m.filters.expand(ctx, t, diags)
	expandVolumes(ctx, m.Volumes, t, diags)
	t.Hooks.Resources = expandHooks(ctx, m.Hooks, diags)
	return s
}

func (f *filters) expand(ctx context.Context, t *velerov1.BackupSpec, diags *diag.Diagnostics) {
	t.IncludedNamespaces = expandNames(ctx, f.IncludedNamespaces, diags)
	t.ExcludedNamespaces = expandNames(ctx, f.ExcludedNamespaces, diags)
	t.IncludedResources = expandNames(ctx, f.IncludedResources, diags)
	t.ExcludedResources = expandNames(ctx, f.ExcludedResources, diags)
	t.IncludedClusterScopedResources = expandNames(ctx, f.IncludedClusterResources, diags)
	t.ExcludedClusterScopedResources = expandNames(ctx, f.ExcludedClusterResources, diags)
	t.IncludedNamespaceScopedResources = expandNames(ctx, f.IncludedNamespaceResources, diags)
	t.ExcludedNamespaceScopedResources = expandNames(ctx, f.ExcludedNamespaceResources, diags)
	t.IncludeClusterResources = f.IncludeClusterResources.ValueBoolPointer()
	t.LabelSelector = expandSelector(ctx, f.LabelSelector, diags)
	t.OrLabelSelectors = expandSelectors(ctx, f.OrLabelSelectors, diags)
}

// flatten takes what the platform says at now. skip_immediately, the wait and
// the way a duration is written stay as they are.
func (m *model) flatten(ctx context.Context, key ids.Protection, s *velerov1.Schedule, now time.Time, diags *diag.Diagnostics) {
	m.SetKey(key)
	m.flattenTiming(key, s)
	m.Paused = types.BoolValue(s.Spec.Paused)
	m.UseOwnerReferences = types.BoolPointerValue(s.Spec.UseOwnerReferencesInBackup)
	t := &s.Spec.Template
	m.Retention = flattenRetention(t.TTL)
	m.StorageLocation = textOrNull(t.StorageLocation)
	m.VolumeSnapshotPlaces = flattenNames(ctx, t.VolumeSnapshotLocations, m.VolumeSnapshotPlaces, diags)
	m.OrderedResources = flattenTexts(ctx, t.OrderedResources, m.OrderedResources, diags)
	m.BackupLabels = flattenTexts(ctx, t.Labels, m.BackupLabels, diags)
	m.filters.flatten(ctx, t, diags)
	m.Volumes = flattenVolumes(ctx, m.Volumes, t, diags)
	m.Hooks = flattenHooks(ctx, t.Hooks.Resources, diags)
	if m.WaitForEnabled.IsNull() || m.WaitForEnabled.IsUnknown() { // after import
		m.WaitForEnabled = types.BoolValue(true)
	}
	m.flattenStatus(ctx, s, now, diags)
}

func (f *filters) flatten(ctx context.Context, t *velerov1.BackupSpec, diags *diag.Diagnostics) {
	f.IncludedNamespaces = flattenNames(ctx, t.IncludedNamespaces, f.IncludedNamespaces, diags)
	f.ExcludedNamespaces = flattenNames(ctx, t.ExcludedNamespaces, f.ExcludedNamespaces, diags)
	f.IncludedResources = flattenNames(ctx, t.IncludedResources, f.IncludedResources, diags)
	f.ExcludedResources = flattenNames(ctx, t.ExcludedResources, f.ExcludedResources, diags)
	f.IncludedClusterResources = flattenNames(ctx, t.IncludedClusterScopedResources, f.IncludedClusterResources, diags)
	f.ExcludedClusterResources = flattenNames(ctx, t.ExcludedClusterScopedResources, f.ExcludedClusterResources, diags)
	f.IncludedNamespaceResources = flattenNames(ctx, t.IncludedNamespaceScopedResources, f.IncludedNamespaceResources, diags)
	f.ExcludedNamespaceResources = flattenNames(ctx, t.ExcludedNamespaceScopedResources, f.ExcludedNamespaceResources, diags)
	f.IncludeClusterResources = types.BoolPointerValue(t.IncludeClusterResources)
	f.LabelSelector = flattenSelector(ctx, t.LabelSelector, diags)
	f.OrLabelSelectors = flattenSelectors(ctx, t.OrLabelSelectors, diags)
}

func (m *model) flattenStatus(ctx context.Context, s *velerov1.Schedule, now time.Time, diags *diag.Diagnostics) {
	m.Phase = types.StringValue(string(s.Status.Phase))
	findings := s.Status.ValidationErrors
	if findings == nil {
		findings = []string{}
	}
	list, problems := types.ListValueFrom(ctx, types.StringType, findings)
	diags.Append(problems...)
	m.ValidationErrors = list
	m.LastBackupTime = types.StringNull()
	if !s.Status.LastBackup.IsZero() {
		m.LastBackupTime = types.StringValue(s.Status.LastBackup.UTC().Format(time.RFC3339))
	}
	m.NextRunTime = types.StringNull()
	if parsed, err := protection.ParseCron(s.Spec.Schedule); err == nil && !s.Spec.Paused {
		if next, ok := parsed.Next(now); ok {
			m.NextRunTime = types.StringValue(next.Format(time.RFC3339))
		}
	}
}

func flattenRetention(ttl metav1.Duration) tftypes.Duration {
	if ttl.Duration == 0 { // Velero's default, which it does not write back
		return tftypes.NewDuration(protection.DefaultRetention)
	}
	return tftypes.NewDuration(ttl.Duration)
}

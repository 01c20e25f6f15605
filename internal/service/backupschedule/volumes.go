package backupschedule

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
)

type volumes struct {
	Snapshot              types.Bool       `tfsdk:"snapshot"`
	SnapshotMoveData      types.Bool       `tfsdk:"snapshot_move_data"`
	FSBackupByDefault     types.Bool       `tfsdk:"fs_backup_by_default"`
	CSISnapshotTimeout    tftypes.Duration `tfsdk:"csi_snapshot_timeout"`
	ItemOperationTimeout  tftypes.Duration `tfsdk:"item_operation_timeout"`
	DataMover             types.String     `tfsdk:"data_mover"`
	ParallelFilesUpload   types.Int64      `tfsdk:"parallel_files_upload"`
	GroupSnapshotLabelKey types.String     `tfsdk:"group_snapshot_label_key"`
	ResourcePolicy        types.Object     `tfsdk:"resource_policy"`
}

type resourcePolicy struct {
	Kind types.String `tfsdk:"kind"`
	Name types.String `tfsdk:"name"`
}

var (
	policyType  = types.ObjectType{AttrTypes: map[string]attr.Type{"kind": types.StringType, "name": types.StringType}}
	volumesType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"snapshot": types.BoolType, "snapshot_move_data": types.BoolType, "fs_backup_by_default": types.BoolType,
		"csi_snapshot_timeout": tftypes.DurationType{}, "item_operation_timeout": tftypes.DurationType{},
		"data_mover": types.StringType, "parallel_files_upload": types.Int64Type, "group_snapshot_label_key": types.StringType,
		"resource_policy": policyType,
	}}
)

func expandVolumes(ctx context.Context, from types.Object, t *velerov1.BackupSpec, diags *diag.Diagnostics) {
	if from.IsNull() || from.IsUnknown() {
		return
	}
	var v volumes
	diags.Append(from.As(ctx, &v, basetypes.ObjectAsOptions{})...)
	t.SnapshotVolumes = v.Snapshot.ValueBoolPointer()
	t.SnapshotMoveData = v.SnapshotMoveData.ValueBoolPointer()
	t.DefaultVolumesToFsBackup = v.FSBackupByDefault.ValueBoolPointer()
	t.CSISnapshotTimeout = metav1.Duration{Duration: v.CSISnapshotTimeout.Duration()}
	t.ItemOperationTimeout = metav1.Duration{Duration: v.ItemOperationTimeout.Duration()}
	t.DataMover = v.DataMover.ValueString()
	t.VolumeGroupSnapshotLabelKey = v.GroupSnapshotLabelKey.ValueString()
	if files := v.ParallelFilesUpload.ValueInt64(); files > 0 {
		t.UploaderConfig = &velerov1.UploaderConfigForBackup{ParallelFilesUpload: int(files)}
	}
	if !v.ResourcePolicy.IsNull() {
		var p resourcePolicy
		diags.Append(v.ResourcePolicy.As(ctx, &p, basetypes.ObjectAsOptions{})...)
		t.ResourcePolicy = &corev1.TypedLocalObjectReference{Kind: p.Kind.ValueString(), Name: p.Name.ValueString()}
	}
}

// flattenVolumes gives null when the platform has none of it, unless the user
// has written an empty volumes.
func flattenVolumes(ctx context.Context, before types.Object, t *velerov1.BackupSpec, diags *diag.Diagnostics) types.Object {
	v := volumes{
		Snapshot:              types.BoolPointerValue(t.SnapshotVolumes),
		SnapshotMoveData:      types.BoolPointerValue(t.SnapshotMoveData),
		FSBackupByDefault:     types.BoolPointerValue(t.DefaultVolumesToFsBackup),
		CSISnapshotTimeout:    durationOrNull(t.CSISnapshotTimeout),
		ItemOperationTimeout:  durationOrNull(t.ItemOperationTimeout),
		DataMover:             textOrNull(t.DataMover),
		GroupSnapshotLabelKey: textOrNull(t.VolumeGroupSnapshotLabelKey),
		ParallelFilesUpload:   types.Int64Null(),
		ResourcePolicy:        types.ObjectNull(policyType.AttrTypes),
	}
	if t.UploaderConfig != nil && t.UploaderConfig.ParallelFilesUpload > 0 {
		v.ParallelFilesUpload = types.Int64Value(int64(t.UploaderConfig.ParallelFilesUpload))
	}
	if t.ResourcePolicy != nil {
		v.ResourcePolicy = objectFrom(ctx, policyType, resourcePolicy{
			Kind: types.StringValue(t.ResourcePolicy.Kind), Name: types.StringValue(t.ResourcePolicy.Name),
		}, diags)
	}
	value := objectFrom(ctx, volumesType, v, diags)
	if before.IsNull() && allNull(value) {
		return types.ObjectNull(volumesType.AttrTypes)
	}
	return value
}

func allNull(o types.Object) bool {
	for _, value := range o.Attributes() {
		if !value.IsNull() {
			return false
		}
	}
	return true
}

func durationOrNull(d metav1.Duration) tftypes.Duration {
	if d.Duration == 0 {
		return tftypes.NewDurationNull()
	}
	return tftypes.NewDuration(d.Duration)
}

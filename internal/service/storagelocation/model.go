package storagelocation

import (
	"context"
	"maps"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/tf/target"
	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
)

const (
	readWrite = string(velerov1.BackupStorageLocationAccessModeReadWrite)
	readOnly  = string(velerov1.BackupStorageLocationAccessModeReadOnly)
)

type model struct {
	target.Object
	ObjectStore          types.String     `tfsdk:"object_store"`
	Bucket               types.String     `tfsdk:"bucket"`
	Prefix               types.String     `tfsdk:"prefix"`
	S3                   types.Object     `tfsdk:"s3"`
	Config               types.Map        `tfsdk:"config"`
	CAPEM                types.String     `tfsdk:"ca_pem"`
	CASecret             types.Object     `tfsdk:"ca_secret"`
	Credential           types.Object     `tfsdk:"credential"`
	AccessKeyIDWO        types.String     `tfsdk:"access_key_id_wo"`
	SecretAccessKeyWO    types.String     `tfsdk:"secret_access_key_wo"`
	CredentialsWO        types.String     `tfsdk:"credentials_wo"`
	CredentialsWOVersion types.Int64      `tfsdk:"credentials_wo_version"`
	AccessMode           types.String     `tfsdk:"access_mode"`
	Default              types.Bool       `tfsdk:"default"`
	BackupSyncPeriod     tftypes.Duration `tfsdk:"backup_sync_period"`
	ValidationFrequency  tftypes.Duration `tfsdk:"validation_frequency"`
	WaitForAvailable     types.Bool       `tfsdk:"wait_for_available"`
	Phase                types.String     `tfsdk:"phase"`
	Message              types.String     `tfsdk:"message"`
	LastValidationTime   types.String     `tfsdk:"last_validation_time"`
	LastSyncedTime       types.String     `tfsdk:"last_synced_time"`
	Timeouts             timeouts.Value   `tfsdk:"timeouts"`
}

type secretKey struct {
	Name types.String `tfsdk:"name"`
	Key  types.String `tfsdk:"key"`
}

var secretKeyTypes = map[string]attr.Type{"name": types.StringType, "key": types.StringType}

// ownsSecret reports whether this resource keeps the credentials.
func (m *model) ownsSecret() bool { return !m.CredentialsWOVersion.IsNull() }

// expand makes Velero's object.
func (m *model) expand(ctx context.Context, diags *diag.Diagnostics) *velerov1.BackupStorageLocation {
	l := &velerov1.BackupStorageLocation{
		ObjectMeta: metav1.ObjectMeta{Namespace: m.VeleroNamespace.ValueString(), Name: m.Name.ValueString()},
		Spec: velerov1.BackupStorageLocationSpec{
			Provider:            m.ObjectStore.ValueString(),
			Config:              m.expandConfig(ctx, diags),
			Default:             m.Default.ValueBool(),
			AccessMode:          velerov1.BackupStorageLocationAccessMode(m.AccessMode.ValueString()),
			BackupSyncPeriod:    expandDuration(m.BackupSyncPeriod),
			ValidationFrequency: expandDuration(m.ValidationFrequency),
			Credential:          expandSecretKey(ctx, m.Credential, diags),
		},
	}
	l.Spec.ObjectStorage = &velerov1.ObjectStorageLocation{
		Bucket:    m.Bucket.ValueString(),
		Prefix:    m.Prefix.ValueString(),
		CACertRef: expandSecretKey(ctx, m.CASecret, diags),
	}
	if !m.CAPEM.IsNull() {
		l.Spec.ObjectStorage.CACert = []byte(m.CAPEM.ValueString())
	}
	if m.ownsSecret() {
		l.Spec.Credential = &corev1.SecretKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: secretName(m.Name.ValueString())},
			Key:                  versionKey(m.CredentialsWOVersion.ValueInt64()),
		}
	}
	return l
}

func (m *model) expandConfig(ctx context.Context, diags *diag.Diagnostics) map[string]string {
	config := map[string]string{}
	if !m.Config.IsNull() {
		diags.Append(m.Config.ElementsAs(ctx, &config, false)...)
	}
	if !m.S3.IsNull() {
		maps.Copy(config, expandS3(m.S3))
	}
	return config
}

// flatten takes what the platform says. What the platform does not keep (waits,
// write-only values, how a duration is written) stays as it is.
func (m *model) flatten(ctx context.Context, key ids.Protection, l *velerov1.BackupStorageLocation, diags *diag.Diagnostics) {
	m.SetKey(key)
	m.ObjectStore = types.StringValue(l.Spec.Provider)
	storage := l.Spec.ObjectStorage
	if storage == nil {
		storage = &velerov1.ObjectStorageLocation{}
	}
	m.Bucket = types.StringValue(storage.Bucket)
	m.Prefix = textOrNull(storage.Prefix)
	m.CAPEM = textOrNull(string(storage.CACert))
	m.CASecret = flattenSecretKey(storage.CACertRef)
	m.flattenConfig(ctx, l.Spec.Config, diags)
	m.flattenCredential(l.Spec.Credential)
	m.AccessMode = types.StringValue(readWrite)
	if l.Spec.AccessMode != "" {
		m.AccessMode = types.StringValue(string(l.Spec.AccessMode))
	}
	m.Default = types.BoolValue(l.Spec.Default)
	m.BackupSyncPeriod = flattenDuration(l.Spec.BackupSyncPeriod)
	m.ValidationFrequency = flattenDuration(l.Spec.ValidationFrequency)
	if m.WaitForAvailable.IsNull() || m.WaitForAvailable.IsUnknown() { // after import
		m.WaitForAvailable = types.BoolValue(true)
	}
	m.AccessKeyIDWO, m.SecretAccessKeyWO, m.CredentialsWO = types.StringNull(), types.StringNull(), types.StringNull()
	m.flattenStatus(&l.Status)
}

func (m *model) flattenStatus(s *velerov1.BackupStorageLocationStatus) {
	m.Phase = types.StringValue(string(velerov1.BackupStorageLocationPhaseUnavailable))
	if s.Phase != "" {
		m.Phase = types.StringValue(string(s.Phase))
	}
	m.Message = textOrNull(s.Message)
	m.LastValidationTime = flattenTime(s.LastValidationTime)
	m.LastSyncedTime = flattenTime(s.LastSyncedTime)
}

// flattenCredential tells a Secret that this resource owns from one of the
// user's by its name; the key carries the version.
func (m *model) flattenCredential(credential *corev1.SecretKeySelector) {
	m.Credential = types.ObjectNull(secretKeyTypes)
	m.CredentialsWOVersion = types.Int64Null()
	if credential == nil {
		return
	}
	if version, ok := versionOf(m.Name.ValueString(), credential); ok {
		m.CredentialsWOVersion = types.Int64Value(version)
		return
	}
	m.Credential = flattenSecretKey(credential)
}

func (m *model) flattenConfig(ctx context.Context, config map[string]string, diags *diag.Diagnostics) {
	rest := maps.Clone(config)
	s3 := types.ObjectNull(s3Types)
	if isS3(m.ObjectStore.ValueString()) {
		s3 = flattenS3(m.S3, rest)
	}
	m.S3 = s3
	if len(rest) == 0 {
		if m.Config.IsNull() || m.Config.IsUnknown() || len(m.Config.Elements()) > 0 {
			m.Config = types.MapNull(types.StringType)
		}
		return
	}
	value, problems := types.MapValueFrom(ctx, types.StringType, rest)
	diags.Append(problems...)
	m.Config = value
}

func expandSecretKey(ctx context.Context, from types.Object, diags *diag.Diagnostics) *corev1.SecretKeySelector {
	if from.IsNull() || from.IsUnknown() {
		return nil
	}
	var k secretKey
	diags.Append(from.As(ctx, &k, basetypes.ObjectAsOptions{})...)
	return &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: k.Name.ValueString()}, Key: k.Key.ValueString()}
}

func flattenSecretKey(s *corev1.SecretKeySelector) types.Object {
	if s == nil {
		return types.ObjectNull(secretKeyTypes)
	}
	return types.ObjectValueMust(secretKeyTypes, map[string]attr.Value{"name": types.StringValue(s.Name), "key": types.StringValue(s.Key)})
}

func expandDuration(d tftypes.Duration) *metav1.Duration {
	if !d.Known() {
		return nil
	}
	return &metav1.Duration{Duration: d.Duration()}
}

func flattenDuration(d *metav1.Duration) tftypes.Duration {
	if d == nil {
		return tftypes.NewDurationNull()
	}
	return tftypes.NewDuration(d.Duration)
}

func flattenTime(t *metav1.Time) types.String {
	if t == nil || t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339))
}

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// boolOrNull reads a flag of the plugin's configuration; null for what is none.
func boolOrNull(text string) types.Bool {
	value, err := strconv.ParseBool(text)
	if err != nil {
		return types.BoolNull()
	}
	return types.BoolValue(value)
}

package storagelocation

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
)

func full() *velerov1.BackupStorageLocation {
	return &velerov1.BackupStorageLocation{
		ObjectMeta: metav1.ObjectMeta{Namespace: "velero", Name: "s3"},
		Spec: velerov1.BackupStorageLocationSpec{
			Provider: "aws", AccessMode: velerov1.BackupStorageLocationAccessModeReadOnly, Default: true,
			Config: map[string]string{
				"region": "r", "s3Url": "u", "publicUrl": "p", "s3ForcePathStyle": "true", "insecureSkipTLSVerify": "false",
				"profile": "x", "kmsKeyId": "k", "serverSideEncryption": "AES256", "checksumAlgorithm": "", "tagging": "a=b&c=d", "other": "o",
			},
			Credential:          &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "mine"}, Key: "cloud"},
			BackupSyncPeriod:    &metav1.Duration{Duration: time.Minute},
			ValidationFrequency: &metav1.Duration{},
			StorageType: velerov1.StorageType{ObjectStorage: &velerov1.ObjectStorageLocation{
				Bucket: "b", Prefix: "pre", CACertRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "ca"}, Key: "ca.crt"},
			}},
		},
	}
}

// What is read can be written: nothing is lost or made up on the way.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	owned := full()
	owned.Spec.Credential = &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "vks-storage-location-s3"}, Key: "cloud-v7"}
	inline := full()
	inline.Spec.ObjectStorage.CACertRef, inline.Spec.ObjectStorage.CACert = nil, []byte("PEM")
	azure := full()
	azure.Spec.Provider = "azure"
	for name, want := range map[string]*velerov1.BackupStorageLocation{"all": full(), "owned Secret": owned, "inline CA": inline, "other store": azure} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var m model
			var diags diag.Diagnostics
			m.flatten(context.Background(), ids.Protection{Namespace: "velero", Name: "s3"}, want, &diags)
			if diff := cmp.Diff(want, m.expand(context.Background(), &diags)); diff != "" || diags.HasError() {
				t.Error(diff, diags)
			}
		})
	}
}

func TestFlattenCredential(t *testing.T) {
	t.Parallel()
	selector := func(name, key string) *corev1.SecretKeySelector {
		return &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: key}
	}
	for name, c := range map[string]struct {
		live  *corev1.SecretKeySelector
		owned bool
	}{
		"none":          {nil, false},
		"ours":          {selector("vks-storage-location-s3", "cloud-v3"), true},
		"another name":  {selector("cloud-credentials", "cloud-v3"), false},
		"another key":   {selector("vks-storage-location-s3", "cloud"), false},
		"odd version":   {selector("vks-storage-location-s3", "cloud-vx"), false},
		"of other name": {selector("vks-storage-location-s4", "cloud-v3"), false},
	} {
		m := model{}
		m.Name = types.StringValue("s3")
		m.flattenCredential(c.live)
		if m.ownsSecret() != c.owned || m.Credential.IsNull() != (c.live == nil || c.owned) {
			t.Errorf("%s: %v %v", name, m.CredentialsWOVersion, m.Credential)
		}
	}
}

// An s3 = {} or config = {} of the user means the same as none, and stays.
func TestFlattenKeepsEmpty(t *testing.T) {
	t.Parallel()
	nulls := map[string]attr.Value{}
	for name := range s3Keys {
		nulls[name] = types.StringNull()
		if s3Flags[name] {
			nulls[name] = types.BoolNull()
		}
	}
	m := model{S3: types.ObjectValueMust(s3Types, nulls), Config: types.MapValueMust(types.StringType, map[string]attr.Value{}), ObjectStore: types.StringValue("aws")}
	var diags diag.Diagnostics
	m.flattenConfig(context.Background(), nil, &diags)
	if m.S3.IsNull() || m.Config.IsNull() {
		t.Errorf("s3 %v, config %v", m.S3, m.Config)
	}
	none := model{ObjectStore: types.StringValue("aws")}
	none.flattenConfig(context.Background(), nil, &diags)
	if !none.S3.IsNull() || !none.Config.IsNull() {
		t.Errorf("s3 %v, config %v", none.S3, none.Config)
	}
}

func TestCredentialsFile(t *testing.T) {
	t.Parallel()
	keys := model{ObjectStore: types.StringValue("aws"), AccessKeyIDWO: types.StringValue("id"), SecretAccessKeyWO: types.StringValue("secret")}
	file, err := credentialsFile(&keys)
	if want := "[default]\naws_access_key_id=id\naws_secret_access_key=secret\n"; err != nil || string(file) != want {
		t.Errorf("got %q, %v", file, err)
	}
	whole := model{CredentialsWO: types.StringValue("{}")}
	if file, err = credentialsFile(&whole); err != nil || string(file) != "{}" {
		t.Errorf("got %q, %v", file, err)
	}
	if _, err = credentialsFile(&model{}); err == nil {
		t.Error("no credentials must be an error")
	}
}

func TestOtherDefault(t *testing.T) {
	t.Parallel()
	all := []velerov1.BackupStorageLocation{*full(), {ObjectMeta: metav1.ObjectMeta{Name: "t"}}}
	if got := otherDefault(all, "t"); got != "s3" {
		t.Errorf("got %q", got)
	}
	if got := otherDefault(all, "s3"); got != "" {
		t.Errorf("got %q: a location does not stand in its own way", got)
	}
}

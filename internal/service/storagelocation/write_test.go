package storagelocation

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// refusing is a Velero that takes Secrets and answers locations with an error.
type refusing struct {
	api
	kind   fault.Kind
	secret *corev1.Secret
}

func (r *refusing) Location(context.Context, string, string) (*velerov1.BackupStorageLocation, error) {
	return nil, &fault.Error{Kind: fault.NotFound}
}

func (r *refusing) ApplyLocation(context.Context, *velerov1.BackupStorageLocation) (*velerov1.BackupStorageLocation, error) {
	return nil, &fault.Error{Kind: r.kind}
}

func (r *refusing) Secret(context.Context, string, string) (*corev1.Secret, error) {
	if r.secret == nil {
		return nil, &fault.Error{Kind: fault.NotFound}
	}
	return r.secret, nil
}

func (r *refusing) ApplySecret(_ context.Context, _, _ string, data map[string][]byte) error {
	labels := map[string]string{"app.kubernetes.io/managed-by": "terraform-provider-vks"}
	r.secret = &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Data: data}
	return nil
}

func (r *refusing) DeleteSecret(context.Context, string, string) error {
	r.secret = nil
	return nil
}

// Credentials are not left behind for a location that was refused, and are where
// nobody knows whether it was.
func TestRefusedLocationLeavesNoCredentials(t *testing.T) {
	t.Parallel()
	for kind, stays := range map[fault.Kind]bool{fault.Forbidden: false, fault.Invalid: false, fault.Transient: true} {
		server := &refusing{kind: kind}
		m := &model{CredentialsWOVersion: types.Int64Value(1), CredentialsWO: types.StringValue("[default]")}
		_, err := create(t.Context(), server, m, m, &velerov1.BackupStorageLocation{})
		if fault.KindOf(err) != kind || (server.secret != nil) != stays {
			t.Errorf("%s: got %v; the Secret is there: %t", kind, err, server.secret != nil)
		}
	}
}

// A Secret of the user's that is not there is found before Velero is waited for.
func TestMissingKey(t *testing.T) {
	t.Parallel()
	ref := &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "mine"}, Key: "cloud"}
	for name, c := range map[string]struct {
		secret *corev1.Secret
		want   string
	}{
		"no Secret":  {nil, "there is no Secret mine in the namespace velero"},
		"no key":     {&corev1.Secret{Data: map[string][]byte{"a": {1}, "b": {2}}}, `the Secret velero/mine has no key "cloud"; it has: a, b`},
		"both there": {&corev1.Secret{Data: map[string][]byte{"cloud": {1}}}, ""},
	} {
		err := missingKey(t.Context(), &refusing{secret: c.secret}, "velero", "credential", ref)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// What was not known at plan is checked when it is.
func TestCredentialsFileRefusesTwo(t *testing.T) {
	t.Parallel()
	key, file := types.StringValue("key"), types.StringValue("[default]")
	aws, azure := types.StringValue("aws"), types.StringValue("azure")
	for name, c := range map[string]struct {
		m  model
		ok bool
	}{
		"keys":          {model{ObjectStore: aws, AccessKeyIDWO: key, SecretAccessKeyWO: key}, true},
		"file":          {model{ObjectStore: azure, CredentialsWO: file}, true},
		"both":          {model{ObjectStore: aws, AccessKeyIDWO: key, SecretAccessKeyWO: key, CredentialsWO: file}, false},
		"keys of azure": {model{ObjectStore: azure, AccessKeyIDWO: key, SecretAccessKeyWO: key}, false},
		"none":          {model{ObjectStore: aws}, false},
	} {
		if _, err := credentialsFile(&c.m); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package storagelocation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/velero"
)

// The credentials live in a Secret of this resource's own, under a key that
// carries their version. So a rotation changes the location's spec, which is
// what makes Velero validate at once (a changed Secret alone does not), nothing
// ever reads a mixture of old and new, and the version in use can be read back.
const (
	secretPrefix = "vks-storage-location-"
	keyPrefix    = "cloud-v"
)

func secretName(location string) string { return secretPrefix + location }

func versionKey(version int64) string { return keyPrefix + strconv.FormatInt(version, 10) }

// versionOf gives the version of the credentials when they are this resource's.
func versionOf(location string, credential *corev1.SecretKeySelector) (int64, bool) {
	number, ok := strings.CutPrefix(credential.Key, keyPrefix)
	if !ok || credential.Name != secretName(location) {
		return 0, false
	}
	version, err := strconv.ParseInt(number, 10, 64)
	return version, err == nil
}

// credentialsFile is what the plugin reads. config holds the write-only values.
func credentialsFile(config *model) ([]byte, error) {
	id, secret := config.AccessKeyIDWO.ValueString(), config.SecretAccessKeyWO.ValueString()
	text := config.CredentialsWO.ValueString()
	switch {
	case text != "" && (id != "" || secret != ""):
		return nil, &fault.Error{
			Kind: fault.Invalid, Op: "write credentials", Message: "there are both keys and a credentials file in the configuration",
			Advice: "Set either access_key_id_wo and secret_access_key_wo, or credentials_wo.",
		}
	case text != "":
		return []byte(text), nil
	case (id != "" || secret != "") && !isS3(config.ObjectStore.ValueString()):
		return nil, &fault.Error{
			Kind: fault.Invalid, Op: "write credentials", Message: "S3 keys go with object_store = \"aws\" only",
			Advice: "Give the file that the plugin reads in credentials_wo.",
		}
	}
	if id == "" || secret == "" {
		return nil, &fault.Error{
			Kind: fault.Invalid, Op: "write credentials", Message: "credentials_wo_version is set, but there are no credentials in the configuration",
			Advice: "Set access_key_id_wo and secret_access_key_wo, or credentials_wo, for as long as this resource is to keep the credentials.",
		}
	}
	profile := "default"
	if p, ok := config.S3.Attributes()["profile"].(types.String); ok && p.ValueString() != "" {
		profile = p.ValueString()
	}
	return fmt.Appendf(nil, "[%s]\naws_access_key_id=%s\naws_secret_access_key=%s\n", profile, id, secret), nil
}

// writeCredentials puts the credentials of this version into the Secret, beside
// what is in it: the location still points there.
func writeCredentials(ctx context.Context, to secrets, plan, config *model) error {
	file, err := credentialsFile(config)
	if err != nil {
		return err
	}
	namespace, name := plan.VeleroNamespace.ValueString(), secretName(plan.Name.ValueString())
	live, err := to.Secret(ctx, namespace, name)
	if fault.Gone(err) != nil {
		return err
	}
	data := map[string][]byte{}
	if err == nil {
		if !velero.Owned(live.Labels) {
			return &fault.Error{
				Kind: fault.AlreadyExists, Op: "write Secret " + namespace + "/" + name, Message: "a Secret of this name is there, and not of this provider",
				Advice: "Use it with credential = {name, key}, or remove it.",
			}
		}
		data = live.Data
	}
	if data == nil {
		data = map[string][]byte{}
	}
	data[versionKey(plan.CredentialsWOVersion.ValueInt64())] = file
	return to.ApplySecret(ctx, namespace, name, data)
}

// missingKey finds a Secret of the user's that is not there, or lacks its key:
// Velero would say so too, but not tell it from a cache that lags behind. An
// account that may not read Secrets leaves it to Velero.
func missingKey(ctx context.Context, from secrets, namespace, attribute string, ref *corev1.SecretKeySelector) error {
	live, err := from.Secret(ctx, namespace, ref.Name)
	refused := &fault.Error{Kind: fault.Invalid, Op: "read " + attribute, Advice: "Create it before this resource (depends_on), or correct " + attribute + "."}
	switch {
	case fault.IsNotFound(err):
		refused.Message = "there is no Secret " + ref.Name + " in the namespace " + namespace + " of Velero"
	case errors.Is(err, fault.Forbidden):
		return nil
	case err != nil:
		return err
	case live.Data[ref.Key] == nil:
		refused.Message = fmt.Sprintf("the Secret %s/%s has no key %q; it has: %s", namespace, ref.Name, ref.Key, strings.Join(slices.Sorted(maps.Keys(live.Data)), ", "))
	default:
		return nil
	}
	return refused
}

// dropOldCredentials leaves only the version in use.
func dropOldCredentials(ctx context.Context, from secrets, plan *model) error {
	namespace, name := plan.VeleroNamespace.ValueString(), secretName(plan.Name.ValueString())
	live, err := from.Secret(ctx, namespace, name)
	if err != nil {
		return err
	}
	key := versionKey(plan.CredentialsWOVersion.ValueInt64())
	if len(live.Data) == 1 || live.Data[key] == nil {
		return nil
	}
	return from.ApplySecret(ctx, namespace, name, map[string][]byte{key: live.Data[key]})
}

// credentialsGone reports whether the Secret has lost what the location needs:
// then they have to be written again. An account that may not read Secrets
// cannot tell, and must be able to plan all the same.
func credentialsGone(ctx context.Context, from secrets, m *model) (bool, error) {
	live, err := from.Secret(ctx, m.VeleroNamespace.ValueString(), secretName(m.Name.ValueString()))
	switch {
	case fault.IsNotFound(err):
		return true, nil
	case errors.Is(err, fault.Forbidden):
		return false, nil
	case err != nil:
		return false, err
	}
	return live.Data[versionKey(m.CredentialsWOVersion.ValueInt64())] == nil, nil
}

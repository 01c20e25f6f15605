package storagelocation

import (
	"context"
	"errors"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"k8s.io/utils/clock"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/target"
	"github.com/vksops/terraform-provider-vks/internal/velero"
)

// create writes the Secret, then the location. A location of that name is not
// taken over: that is what import is for. But one that a killed apply has left is
// carried on with.
func create(ctx context.Context, a api, plan, config *model, wanted *velerov1.BackupStorageLocation) (*velerov1.BackupStorageLocation, error) {
	left, err := leftover(ctx, a, wanted)
	if err != nil {
		return nil, err
	}
	if err := findSecrets(ctx, a, plan, wanted); err != nil {
		return nil, err
	}
	if wanted.Spec.Default {
		if err := refuseSecondDefault(ctx, a, wanted.Namespace, wanted.Name); err != nil {
			return nil, err
		}
	}
	if plan.ownsSecret() {
		if err := writeCredentials(ctx, a, plan, config); err != nil {
			return nil, err
		}
	}
	if left { // whatever verdict stands there, is about something else
		if _, err := a.RevalidateLocation(ctx, wanted.Namespace, wanted.Name); err != nil {
			return nil, err
		}
	}
	velero.MarkCreating(&wanted.ObjectMeta)
	created, err := a.ApplyLocation(ctx, wanted)
	if err != nil && !left {
		return nil, withoutSecret(ctx, a, plan, err)
	}
	return created, err
}

// findSecrets looks for the Secrets that the user names.
func findSecrets(ctx context.Context, a api, plan *model, wanted *velerov1.BackupStorageLocation) error {
	if ref := wanted.Spec.Credential; ref != nil && !plan.ownsSecret() {
		if err := missingKey(ctx, a, wanted.Namespace, "credential", ref); err != nil {
			return err
		}
	}
	if store := wanted.Spec.ObjectStorage; store != nil && store.CACertRef != nil {
		return missingKey(ctx, a, wanted.Namespace, "ca_secret", store.CACertRef)
	}
	return nil
}

// leftover reports whether a killed apply has left the location; any other that
// is there is an error.
func leftover(ctx context.Context, a api, wanted *velerov1.BackupStorageLocation) (bool, error) {
	live, err := a.Location(ctx, wanted.Namespace, wanted.Name)
	if err != nil {
		return false, fault.Gone(err)
	}
	if velero.Unfinished(&live.ObjectMeta) {
		return true, nil
	}
	return false, &fault.Error{
		Kind: fault.AlreadyExists, Op: "create storage location " + wanted.Name,
		Message: "a BackupStorageLocation of this name is in namespace " + wanted.Namespace + " already",
		Advice:  "Import it to manage it here (terraform import, or an import block), or choose another name.",
	}
}

// withoutSecret leaves no credentials behind where the location was refused.
func withoutSecret(ctx context.Context, a api, plan *model, refused error) error {
	if !plan.ownsSecret() || errors.Is(refused, fault.Transient) || errors.Is(refused, fault.Unreachable) {
		return refused // it may be there after all; the next apply writes both again
	}
	return errors.Join(refused, dropSecret(context.WithoutCancel(ctx), a, plan))
}

// update writes new credentials, then the location, then drops a Secret that is
// no longer wanted.
func update(ctx context.Context, a api, plan, state, config *model, wanted *velerov1.BackupStorageLocation) (*velerov1.BackupStorageLocation, error) {
	if wanted.Spec.Default && !state.Default.ValueBool() {
		if err := refuseSecondDefault(ctx, a, wanted.Namespace, wanted.Name); err != nil {
			return nil, err
		}
	}
	if err := findSecrets(ctx, a, plan, wanted); err != nil {
		return nil, err
	}
	if plan.ownsSecret() && !plan.CredentialsWOVersion.Equal(state.CredentialsWOVersion) {
		if err := writeCredentials(ctx, a, plan, config); err != nil {
			return nil, err
		}
	}
	// Before the write: whatever verdict comes after it, is about it.
	if _, err := a.RevalidateLocation(ctx, wanted.Namespace, wanted.Name); err != nil {
		return nil, err
	}
	updated, err := a.ApplyLocation(ctx, wanted)
	if err != nil {
		return nil, err
	}
	if state.ownsSecret() && !plan.ownsSecret() {
		return updated, a.DeleteSecret(ctx, wanted.Namespace, secretName(wanted.Name))
	}
	return updated, nil
}

// remove deletes the location, waits until it is gone, and deletes its Secret.
func remove(ctx context.Context, a api, c clock.Clock, state *model) error {
	namespace, name := state.VeleroNamespace.ValueString(), state.Name.ValueString()
	if err := a.DeleteLocation(ctx, namespace, name); err != nil {
		return err
	}
	err := target.Leaving(ctx, "storage location "+state.ID.ValueString(), c, func(ctx context.Context) ([]string, error) {
		live, err := a.Location(ctx, namespace, name)
		if err != nil {
			return nil, err
		}
		return live.Finalizers, nil
	})
	if err != nil {
		return err
	}
	return dropSecret(ctx, a, state)
}

// dropSecret deletes the Secret of the location when it is ours. State may not
// know of it: it forgets the version when the Secret has lost its key.
func dropSecret(ctx context.Context, from secrets, state *model) error {
	namespace, name := state.VeleroNamespace.ValueString(), secretName(state.Name.ValueString())
	live, err := from.Secret(ctx, namespace, name)
	switch {
	case fault.IsNotFound(err):
		return nil
	case fault.KindOf(err) == fault.Forbidden && !state.ownsSecret():
		return nil
	case err != nil:
		return err
	case !velero.Owned(live.Labels):
		return nil
	}
	return from.DeleteSecret(ctx, namespace, name)
}

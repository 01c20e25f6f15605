package storagelocation

import (
	"context"
	"errors"
	"strings"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"k8s.io/utils/clock"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/velero"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// create writes the Secret, then the location. A location of that name is not
// taken over: that is what import is for.
func create(ctx context.Context, a api, plan, config *model, wanted *velerov1.BackupStorageLocation) (*velerov1.BackupStorageLocation, error) {
	if err := absent(ctx, a, wanted); err != nil {
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
	return a.ApplyLocation(ctx, wanted)
}

func absent(ctx context.Context, a api, wanted *velerov1.BackupStorageLocation) error {
	_, err := a.Location(ctx, wanted.Namespace, wanted.Name)
	if err == nil {
		return &fault.Error{
			Kind: fault.AlreadyExists, Op: "create storage location " + wanted.Name,
			Message: "a BackupStorageLocation of this name is in namespace " + wanted.Namespace + " already",
			Advice:  "Import it to manage it here (terraform import, or an import block), or choose another name.",
		}
	}
	return fault.Gone(err)
}

// update writes new credentials, then the location, then drops a Secret that is
// no longer wanted.
func update(ctx context.Context, a api, plan, state, config *model, wanted *velerov1.BackupStorageLocation) (*velerov1.BackupStorageLocation, error) {
	if wanted.Spec.Default && !state.Default.ValueBool() {
		if err := refuseSecondDefault(ctx, a, wanted.Namespace, wanted.Name); err != nil {
			return nil, err
		}
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
	err := wait.For(ctx, wait.Options{What: "storage location " + name + " to be deleted", Clock: c}, func(ctx context.Context) (wait.Status, error) {
		live, err := a.Location(ctx, namespace, name)
		if fault.IsNotFound(err) || errors.Is(err, fault.RouteAbsent) {
			return wait.Status{Done: true}, nil
		}
		if err != nil {
			return passing(err)
		}
		return wait.Status{Pending: []wait.Pending{{What: "BackupStorageLocation " + name, Message: finalizers(live), Layer: wait.LayerCluster}}}, nil
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

func finalizers(l *velerov1.BackupStorageLocation) string {
	if len(l.Finalizers) == 0 {
		return "still there"
	}
	return "held by the finalizers " + strings.Join(l.Finalizers, ", ")
}

package backupschedule

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"k8s.io/utils/clock"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/target"
	"github.com/vksops/terraform-provider-vks/internal/velero"
)

// create writes the schedule. One of that name is not taken over: that is what
// import is for. But one that a killed apply has left is carried on with.
func create(ctx context.Context, a api, wanted *velerov1.Schedule) error {
	live, err := a.Schedule(ctx, wanted.Namespace, wanted.Name)
	if fault.Gone(err) != nil {
		return err
	}
	if err == nil && !velero.Unfinished(&live.ObjectMeta) {
		return &fault.Error{
			Kind: fault.AlreadyExists, Op: "create backup schedule " + wanted.Name,
			Message: "a Schedule of this name is in namespace " + wanted.Namespace + " already",
			Advice:  "Import it to manage it here (terraform import, or an import block), or choose another name.",
		}
	}
	if err == nil {
		if err := a.ResetSchedulePhase(ctx, wanted.Namespace, wanted.Name); err != nil {
			return err
		}
	}
	velero.MarkCreating(&wanted.ObjectMeta)
	_, err = a.ApplySchedule(ctx, wanted)
	return err
}

// update writes the schedule. The old verdict goes first where a new one will come.
func update(ctx context.Context, a api, plan, state *model, diags *diag.Diagnostics) error {
	live, err := a.Schedule(ctx, plan.VeleroNamespace.ValueString(), plan.Name.ValueString())
	if err != nil {
		return err
	}
	wanted := plan.expand(ctx, skipImmediately(plan, state, live), diags)
	if diags.HasError() {
		return nil
	}
	if !wanted.Spec.Paused && plan.WaitForEnabled.ValueBool() && judgedAnew(live, wanted) {
		if err := a.ResetSchedulePhase(ctx, wanted.Namespace, wanted.Name); err != nil {
			return err
		}
	}
	_, err = a.ApplySchedule(ctx, wanted)
	return err
}

// skipImmediately: Velero turns true into false once it has skipped, and fills
// in what is unset. So a value is sent when the user has changed it, and
// otherwise what stands there is left as it is.
func skipImmediately(plan, state *model, live *velerov1.Schedule) *bool {
	if !plan.SkipImmediately.IsNull() && !plan.SkipImmediately.Equal(state.SkipImmediately) {
		return plan.SkipImmediately.ValueBoolPointer()
	}
	return live.Spec.SkipImmediately
}

// remove deletes the schedule and waits until it is gone.
func remove(ctx context.Context, a api, c clock.Clock, key ids.Protection) error {
	if err := a.DeleteSchedule(ctx, key.Namespace, key.Name); err != nil {
		return err
	}
	return target.Leaving(ctx, "backup schedule "+key.String(), c, func(ctx context.Context) ([]string, error) {
		live, err := a.Schedule(ctx, key.Namespace, key.Name)
		if err != nil {
			return nil, err
		}
		return live.Finalizers, nil
	})
}

// refresh reads the schedule into the model.
func (r *scheduleResource) refresh(ctx context.Context, a api, key ids.Protection, m *model, to *diag.Diagnostics) error {
	live, err := a.Schedule(ctx, key.Namespace, key.Name)
	if err != nil {
		return err
	}
	m.flatten(ctx, key, live, r.clock.Now(), to)
	return nil
}

package backupschedule

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"k8s.io/utils/clock"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// create writes the schedule. One of that name is not taken over: that is what
// import is for.
func create(ctx context.Context, a api, wanted *velerov1.Schedule) error {
	_, err := a.Schedule(ctx, wanted.Namespace, wanted.Name)
	if err == nil {
		return &fault.Error{
			Kind: fault.AlreadyExists, Op: "create backup schedule " + wanted.Name,
			Message: "a Schedule of this name is in namespace " + wanted.Namespace + " already",
			Advice:  "Import it to manage it here (terraform import, or an import block), or choose another name.",
		}
	}
	if fault.Gone(err) != nil {
		return err
	}
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
	return wait.For(ctx, wait.Options{What: "backup schedule " + key.String() + " to be deleted", Clock: c}, func(ctx context.Context) (wait.Status, error) {
		live, err := a.Schedule(ctx, key.Namespace, key.Name)
		if fault.IsNotFound(err) || errors.Is(err, fault.RouteAbsent) {
			return wait.Status{Done: true}, nil
		}
		if err != nil {
			return passing(err)
		}
		message := "still there"
		if len(live.Finalizers) > 0 {
			message = "held by the finalizers " + strings.Join(live.Finalizers, ", ")
		}
		return wait.Status{Pending: []wait.Pending{{What: "Schedule " + key.Name, Message: message, Layer: wait.LayerCluster}}}, nil
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

func passing(err error) (wait.Status, error) {
	if !errors.Is(err, fault.Transient) && !errors.Is(err, fault.Unreachable) {
		return wait.Status{}, err
	}
	return wait.Status{Pending: []wait.Pending{{What: "API server of the cluster", Message: err.Error(), Layer: wait.LayerCluster}}}, nil
}

package backupschedule

import (
	"strings"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// ready is Velero's verdict on a schedule that is not paused.
func ready(s *velerov1.Schedule) (wait.Status, error) {
	switch s.Status.Phase {
	case velerov1.SchedulePhaseEnabled:
		return wait.Status{Done: true, Progress: "enabled"}, nil
	case velerov1.SchedulePhaseFailedValidation:
		message := strings.Join(s.Status.ValidationErrors, "; ")
		if message == "" {
			message = "Velero gives no reason"
		}
		return wait.Status{}, &fault.Error{
			Kind: fault.Invalid, Op: "enable backup schedule " + s.Name, Message: message,
			Advice: "The schedule is in the cluster and makes no backups. Correct it and apply again. A cron expression that was accepted here may be one that an older Velero does not know.",
		}
	default: // New, or nothing yet
		return wait.Status{
			Progress: "not looked at yet",
			Pending: []wait.Pending{{
				What: "Schedule " + s.Name, Message: "Velero has not looked at it yet; look at whether the Velero server runs", Layer: wait.LayerCluster,
			}},
		}, nil
	}
}

// judgedAnew reports whether the verdict that stands may be about something
// else than what is about to be written.
func judgedAnew(live, wanted *velerov1.Schedule) bool {
	return live.Spec.Schedule != wanted.Spec.Schedule || live.Spec.Paused != wanted.Spec.Paused ||
		live.Status.Phase != velerov1.SchedulePhaseEnabled
}

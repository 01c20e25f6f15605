package backupschedule

import (
	"context"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
)

// api is what this package needs of a cluster's Velero.
type api interface {
	Schedule(ctx context.Context, namespace, name string) (*velerov1.Schedule, error)
	FinishSchedule(ctx context.Context, namespace, name string) error
	ApplySchedule(ctx context.Context, s *velerov1.Schedule) (*velerov1.Schedule, error)
	ResetSchedulePhase(ctx context.Context, namespace, name string) error
	FollowSchedule(ctx context.Context, namespace, name string) (<-chan struct{}, func(context.Context) (*velerov1.Schedule, error))
	DeleteSchedule(ctx context.Context, namespace, name string) error
}

// locations is what the plan looks at.
type locations interface {
	Locations(ctx context.Context, namespace string) ([]velerov1.BackupStorageLocation, error)
}

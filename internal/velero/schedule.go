package velero

import (
	"context"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
)

// Schedule reads a Schedule.
func (c *Client) Schedule(ctx context.Context, namespace, name string) (*velerov1.Schedule, error) {
	return get[velerov1.Schedule](ctx, c, scheduleRef.In(namespace, name))
}

// ApplySchedule makes the schedule's spec be what s says, and gives what is stored.
func (c *Client) ApplySchedule(ctx context.Context, s *velerov1.Schedule) (*velerov1.Schedule, error) {
	return apply(ctx, c, scheduleRef.In(s.Namespace, s.Name), s)
}

// FinishSchedule says that the creation of the schedule has come to its end.
func (c *Client) FinishSchedule(ctx context.Context, namespace, name string) error {
	return c.finish(ctx, scheduleRef.In(namespace, name))
}

// ResetSchedulePhase forgets Velero's last verdict, so that the next one is
// known to be about the spec that is applied after it. Velero judges a schedule
// when its spec changes, and once a minute.
func (c *Client) ResetSchedulePhase(ctx context.Context, namespace, name string) error {
	_, err := c.kube.MergePatch(ctx, scheduleRef.In(namespace, name), []byte(`{"status":{"phase":"New","validationErrors":null}}`))
	return c.explain(err)
}

// FollowSchedule watches the schedule until ctx ends, like FollowLocation.
func (c *Client) FollowSchedule(ctx context.Context, namespace, name string) (changes <-chan struct{}, look func(context.Context) (*velerov1.Schedule, error)) {
	return follow[velerov1.Schedule](ctx, c, scheduleRef.In(namespace, name))
}

// DeleteSchedule deletes the schedule. Its backups stay, unless they carry its
// owner reference.
func (c *Client) DeleteSchedule(ctx context.Context, namespace, name string) error {
	return c.remove(ctx, scheduleRef.In(namespace, name))
}

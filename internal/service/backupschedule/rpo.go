package backupschedule

import (
	"github.com/hashicorp/terraform-plugin-framework/types"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/domain/protection"
	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
	"github.com/vksops/terraform-provider-vks/internal/velero"
)

// noteRPO keeps the rpo beside the cron that was derived from it: an import
// could not tell it otherwise. Velero copies it to the backups.
func (m *model) noteRPO(s *velerov1.Schedule) {
	if m.RPO.Known() {
		metav1.SetMetaDataAnnotation(&s.ObjectMeta, velero.RPOAnnotation, m.RPO.ValueString())
	}
}

// flattenTiming takes the cron for what the user wrote, unless it is derived. An
// import finds an rpo only where the cron is still the one that follows from it.
func (m *model) flattenTiming(key ids.Protection, s *velerov1.Schedule) {
	if m.RPO.IsNull() && m.Schedule.IsNull() {
		rpo := tftypes.NewDurationValue(s.Annotations[velero.RPOAnnotation])
		if rpo.Known() {
			if cron, err := protection.CronForRPO(rpo.Duration(), key.String()); err == nil && cron == s.Spec.Schedule {
				m.RPO = rpo
			}
		}
	}
	if m.RPO.IsNull() {
		m.Schedule = types.StringValue(s.Spec.Schedule)
	}
	m.EffectiveSchedule = types.StringValue(s.Spec.Schedule)
	m.LongestGapSeconds = longestGapSeconds(s.Spec.Schedule)
}

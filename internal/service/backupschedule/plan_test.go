package backupschedule

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
)

func named(m model) model {
	m.VeleroNamespace, m.Name = types.StringValue("velero"), types.StringValue("nightly")
	return m
}

func TestPlanTiming(t *testing.T) {
	t.Parallel()
	unknownCluster := named(model{RPO: tftypes.NewDurationValue("4h")})
	unknownCluster.ClusterID = types.StringUnknown()
	unknownRPO := named(model{})
	unknownRPO.RPO.StringValue = types.StringUnknown()
	for name, c := range map[string]struct {
		m     model
		known bool
		gap   int64
	}{
		"cron":                        {named(model{Schedule: types.StringValue("0 */2 * * *")}), true, 7200},
		"rpo":                         {named(model{RPO: tftypes.NewDurationValue("4h")}), true, 4 * 3600},
		"rpo that does not divide":    {named(model{RPO: tftypes.NewDurationValue("5h")}), true, 5 * 3600},
		"rpo of an unknown cluster":   {unknownCluster, false, 0},
		"unknown rpo":                 {unknownRPO, false, 0},
		"cron of an unknown cluster ": {model{Schedule: types.StringValue("@hourly")}, true, 3600},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			c.m.planTiming(nil, &diags)
			if diags.HasError() || c.m.EffectiveSchedule.IsUnknown() == c.known || c.m.LongestGapSeconds.ValueInt64() != c.gap {
				t.Errorf("%v %v %v", c.m.EffectiveSchedule, c.m.LongestGapSeconds, diags)
			}
		})
	}
}

// The same id gives the same schedule, and different ids do not all start at once.
func TestPlanTimingIsStable(t *testing.T) {
	t.Parallel()
	starts := map[string]bool{}
	for _, name := range []string{"a", "b", "c", "d", "a"} {
		m := named(model{RPO: tftypes.NewDurationValue("24h")})
		m.Name = types.StringValue(name)
		var diags diag.Diagnostics
		m.planTiming(nil, &diags)
		starts[m.EffectiveSchedule.ValueString()] = true
	}
	if len(starts) != 4 {
		t.Errorf("4 names start at %d times", len(starts))
	}
}

// A schedule that was changed behind our back makes everything uncertain that
// Velero reports.
func TestPlanTimingAfterDrift(t *testing.T) {
	t.Parallel()
	m := named(model{RPO: tftypes.NewDurationValue("4h"), Phase: types.StringValue("Enabled")})
	var diags diag.Diagnostics
	m.planTiming(&model{EffectiveSchedule: types.StringValue("@monthly")}, &diags)
	if !m.Phase.IsUnknown() || !m.NextRunTime.IsUnknown() || m.EffectiveSchedule.IsUnknown() {
		t.Errorf("phase %v, next %v, schedule %v", m.Phase, m.NextRunTime, m.EffectiveSchedule)
	}
}

func TestWarnOfRetention(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		retention string
		gap       int64
		want      int
	}{"enough": {"720h", 86400, 0}, "two gaps": {"48h", 86400, 0}, "less": {"47h", 86400, 1}, "less than one": {"1h", 86400, 1}} {
		m := model{Retention: tftypes.NewDurationValue(c.retention), LongestGapSeconds: types.Int64Value(c.gap)}
		var diags diag.Diagnostics
		m.warnOfRetention(&diags)
		if diags.WarningsCount() != c.want {
			t.Errorf("%s: %v", name, diags)
		}
	}
}

type someLocations []velerov1.BackupStorageLocation

func (l someLocations) Locations(context.Context, string) ([]velerov1.BackupStorageLocation, error) {
	return l, nil
}

func TestLocationWarning(t *testing.T) {
	t.Parallel()
	readOnly := velerov1.BackupStorageLocation{ObjectMeta: metav1.ObjectMeta{Name: "ro"}}
	readOnly.Spec.AccessMode = velerov1.BackupStorageLocationAccessModeReadOnly
	all := someLocations{readOnly, {ObjectMeta: metav1.ObjectMeta{Name: "rw"}}}
	for name, want := range map[string]bool{"rw": false, "ro": true, "none": true} {
		text, err := locationWarning(context.Background(), all, "velero", name)
		if err != nil || (text != "") != want {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

func set(names ...string) types.Set {
	values := make([]attr.Value, 0, len(names))
	for _, n := range names {
		values = append(values, types.StringValue(n))
	}
	return types.SetValueMust(types.StringType, values)
}

func TestFilters(t *testing.T) {
	t.Parallel()
	unknown := types.SetUnknown(types.StringType)
	for name, c := range map[string]struct {
		f    filters
		want int
	}{
		"nothing":               {filters{}, 0},
		"old":                   {filters{IncludedResources: set("pods"), IncludeClusterResources: types.BoolValue(true)}, 0},
		"scoped":                {filters{IncludedNamespaceResources: set("pods"), ExcludedClusterResources: set("*")}, 0},
		"mixed":                 {filters{IncludeClusterResources: types.BoolValue(false), IncludedNamespaceResources: set("pods")}, 1},
		"mixed with empty":      {filters{IncludedResources: set(), IncludedNamespaceResources: set("pods")}, 0},
		"mixed with unknown":    {filters{IncludedResources: unknown, IncludedNamespaceResources: set("pods")}, 0},
		"overlap":               {filters{IncludedNamespaces: set("a", "b"), ExcludedNamespaces: set("b", "c")}, 1},
		"star included":         {filters{IncludedNamespaces: set("*"), ExcludedNamespaces: set("b")}, 0},
		"star among others":     {filters{IncludedResources: set("*", "pods")}, 1},
		"star excluded, old":    {filters{ExcludedResources: set("*")}, 1},
		"star excluded, scoped": {filters{IncludedNamespaceResources: set("pods"), ExcludedNamespaceResources: set("*")}, 1},
		"star and more":         {filters{ExcludedClusterResources: set("*", "nodes")}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			c.f.validate(context.Background(), &diags)
			if diags.ErrorsCount() != c.want {
				t.Errorf("%d errors: %v", diags.ErrorsCount(), diags)
			}
		})
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	for phase, c := range map[velerov1.SchedulePhase]struct{ done, fails bool }{
		"": {}, velerov1.SchedulePhaseNew: {}, velerov1.SchedulePhaseEnabled: {done: true}, velerov1.SchedulePhaseFailedValidation: {fails: true},
	} {
		s := &velerov1.Schedule{}
		s.Status.Phase, s.Status.ValidationErrors = phase, []string{"invalid schedule"}
		status, err := ready(s)
		if status.Done != c.done || (err != nil) != c.fails {
			t.Errorf("%q: %+v %v", phase, status, err)
		}
	}
}

// Velero writes skipImmediately itself: it is sent when the user changed it only.
func TestSkipImmediately(t *testing.T) {
	t.Parallel()
	yes, no, unset := types.BoolValue(true), types.BoolValue(false), types.BoolNull()
	for name, c := range map[string]struct {
		plan, state types.Bool
		live, want  *bool
	}{
		"unchanged":     {yes, yes, ptr.To(false), ptr.To(false)},
		"never set":     {unset, unset, ptr.To(false), ptr.To(false)},
		"not filled in": {unset, unset, nil, nil},
		"now set":       {yes, unset, ptr.To(false), ptr.To(true)},
		"changed":       {no, yes, ptr.To(true), ptr.To(false)},
		"removed":       {unset, yes, ptr.To(false), ptr.To(false)},
	} {
		live := &velerov1.Schedule{}
		live.Spec.SkipImmediately = c.live
		got := skipImmediately(&model{SkipImmediately: c.plan}, &model{SkipImmediately: c.state}, live)
		if !ptr.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

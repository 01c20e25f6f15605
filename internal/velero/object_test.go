package velero

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

func TestSurplus(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ wanted, live, want map[string]any }{
		"same":        {map[string]any{"a": "1"}, map[string]any{"a": "1"}, nil},
		"changed":     {map[string]any{"a": "1"}, map[string]any{"a": "2"}, nil},
		"added":       {map[string]any{"a": "1"}, map[string]any{"a": "1", "b": "2"}, map[string]any{"b": nil}},
		"added below": {map[string]any{"m": map[string]any{"a": "1"}}, map[string]any{"m": map[string]any{"a": "1", "b": "2"}}, map[string]any{"m": map[string]any{"b": nil}}},
		"list":        {map[string]any{"l": []any{"a"}}, map[string]any{"l": []any{"a", "b"}}, nil},
		"nothing":     {nil, map[string]any{"a": "1"}, map[string]any{"a": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, surplus(c.wanted, c.live)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An object that is applied must hold what was set and nothing that Go's types
// print by themselves: the surplus of that would be removed and added for ever.
func TestUntyped(t *testing.T) {
	t.Parallel()
	obj, err := untyped(scheduleRef.In("velero", "nightly"), &velerov1.Schedule{
		ObjectMeta: metav1.ObjectMeta{Namespace: "velero", Name: "nightly"},
		Spec: velerov1.ScheduleSpec{
			Schedule: "@daily",
			Template: velerov1.BackupSpec{
				TTL: metav1.Duration{Duration: time.Hour}, SnapshotVolumes: ptr.To(false),
				Hooks: velerov1.BackupHooks{Resources: []velerov1.BackupResourceHookSpec{{Name: "h", PreHooks: []velerov1.BackupResourceHook{{
					Exec: &velerov1.ExecHook{Command: []string{"true"}},
				}}}}},
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"apiVersion": "velero.io/v1", "kind": "Schedule",
		"metadata": map[string]any{"namespace": "velero", "name": "nightly", "labels": map[string]any{managedByLabel: managedBy}},
		"spec": map[string]any{"schedule": "@daily", "template": map[string]any{
			"ttl": "1h0m0s", "snapshotVolumes": false,
			"hooks": map[string]any{"resources": []any{map[string]any{"name": "h", "pre": []any{map[string]any{"exec": map[string]any{"command": []any{"true"}}}}}}},
		}},
	}
	if diff := cmp.Diff(want, obj.Object); diff != "" {
		t.Error(diff)
	}
}

func TestUntypedKeepsEmptyTemplate(t *testing.T) {
	t.Parallel()
	obj, err := untyped(scheduleRef, &velerov1.Schedule{Spec: velerov1.ScheduleSpec{Schedule: "@daily"}})
	if err != nil {
		t.Fatal(err)
	}
	spec, _ := obj.Object["spec"].(map[string]any)
	if _, ok := spec["template"]; !ok {
		t.Error("the API requires a template")
	}
}

// Durations of locations mean something when they are 0: never.
func TestUntypedKeepsZeroFrequency(t *testing.T) {
	t.Parallel()
	obj, err := untyped(locationRef, &velerov1.BackupStorageLocation{Spec: velerov1.BackupStorageLocationSpec{
		Provider: "aws", Config: map[string]string{"checksumAlgorithm": ""}, ValidationFrequency: &metav1.Duration{},
		StorageType: velerov1.StorageType{ObjectStorage: &velerov1.ObjectStorageLocation{Bucket: "b"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"provider": "aws", "validationFrequency": "0s", "objectStorage": map[string]any{"bucket": "b"}, "config": map[string]any{"checksumAlgorithm": ""},
	}
	if diff := cmp.Diff(want, obj.Object["spec"]); diff != "" {
		t.Error(diff)
	}
}

func TestPodProblems(t *testing.T) {
	t.Parallel()
	waiting := func(reason string) corev1.ContainerStatus {
		return corev1.ContainerStatus{Name: "velero", Image: "v", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: "m"}}}
	}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p"}}
	pod.Status.InitContainerStatuses = []corev1.ContainerStatus{waiting("ImagePullBackOff")}
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{waiting("PodInitializing")}
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: "0/3 nodes"}}
	want := []string{"p: Unschedulable: 0/3 nodes", "p/velero (v): ImagePullBackOff: m"}
	if diff := cmp.Diff(want, podProblems(pod)); diff != "" {
		t.Error(diff)
	}
}

// Velero's installer writes into objects that all callers share. The race
// detector speaks up where two installations meet there.
func TestInstallationsDoNotMeet(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if crds, rest := objects(InstallSpec{Namespace: "velero", Image: DefaultImage}); len(crds) != len(crdRefs()) || len(rest) == 0 {
				t.Errorf("%d CRDs and %d objects", len(crds), len(rest))
			}
		})
	}
	all.Wait()
}

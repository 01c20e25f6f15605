package velerorun

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

func TestServerArgs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ command, args, want []string }{
		"velero install": {[]string{"/velero"}, []string{"server", "--features=EnableCSI"}, []string{"--features=EnableCSI"}},
		"all in command": {[]string{"/velero", "server", "--restore-only"}, nil, []string{"--restore-only"}},
		"of the machine": {nil, []string{"server", "--metrics-address=:8085", "--plugin-dir", "/plugins", "--log-level", "debug"}, []string{"--log-level", "debug"}},
		"unknown stays":  {nil, []string{"server", "--nonsense"}, []string{"--nonsense"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := serverArgs(&corev1.Container{Command: test.command, Args: test.args})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	field := &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.namespace"}}
	key := &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "s"}, Key: "k"}
	optional := key.DeepCopy()
	optional.Optional = ptr.To(true)
	p := pod{
		namespace: "backup",
		mounts:    []mount{{path: "/credentials", dir: "/here/c"}},
		env: []corev1.EnvVar{
			{Name: "FILE", Value: "/credentials/cloud"},
			{Name: "OTHER", Value: "/credentialsX"},
			{Name: "NS", ValueFrom: field},
			{Name: "MAYBE", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: optional}},
		},
	}
	absent := func(string, string) (string, error) { return "", errors.New("no secret") }
	got, err := p.environment(absent)
	want := []string{"FILE=/here/c/cloud", "OTHER=/credentialsX", "NS=backup"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	p.env = append(p.env, corev1.EnvVar{Name: "MUST", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: key}})
	if _, err := p.environment(absent); !errors.As(err, &missingEnv{}) {
		t.Errorf("error for a variable without its secret: %v", err)
	}
}

func TestDeploymentStatus(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	deployment := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "velero", Generation: 3},
		Spec:       appsv1.DeploymentSpec{Replicas: ptr.To[int32](1), ProgressDeadlineSeconds: ptr.To[int32](60)},
	}
	for name, test := range map[string]struct {
		state     state
		after     time.Duration
		available int32
		reasons   []string
	}{
		"starting":  {state{since: start}, time.Second, 0, []string{"MinimumReplicasUnavailable", "ReplicaSetUpdated"}},
		"too late":  {state{since: start}, time.Minute, 0, []string{"MinimumReplicasUnavailable", "ProgressDeadlineExceeded"}},
		"ready":     {state{since: start, phase: ready, wasReady: true}, time.Hour, 1, []string{"MinimumReplicasAvailable", "NewReplicaSetAvailable"}},
		"crashed":   {state{since: start, wasReady: true}, time.Hour, 0, []string{"MinimumReplicasUnavailable", "NewReplicaSetAvailable"}},
		"no pod":    {state{since: start, phase: noPod}, 0, 0, []string{"MinimumReplicasUnavailable", "ReplicaSetUpdated", "FailedCreate"}},
		"scaled in": {state{phase: scaledToZero}, 0, 0, []string{"MinimumReplicasAvailable", "NewReplicaSetAvailable"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := deploymentStatus(deployment, test.state, metav1.NewTime(start.Add(test.after)))
			var reasons []string
			for _, c := range got.Conditions {
				reasons = append(reasons, c.Reason)
			}
			if diff := cmp.Diff(test.reasons, reasons); diff != "" {
				t.Error(diff)
			}
			if got.AvailableReplicas != test.available || got.ObservedGeneration != 3 {
				t.Errorf("status %+v", got)
			}
		})
	}
}

func TestStatusKeepsTimes(t *testing.T) {
	t.Parallel()
	first := metav1.NewTime(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	d := &appsv1.Deployment{}
	d.Status = deploymentStatus(d, state{since: first.Time}, first)
	if again := deploymentStatus(d, state{since: first.Time}, metav1.NewTime(first.Add(time.Second))); !sameStatus(d.Status, again) {
		t.Error("nothing happened, but the status differs")
	}
	later := metav1.NewTime(first.Add(time.Minute))
	now := deploymentStatus(d, state{since: first.Time, phase: ready, wasReady: true}, later)
	if now.Conditions[0].LastTransitionTime != later || now.Conditions[1].LastTransitionTime != first || now.Conditions[1].LastUpdateTime != later {
		t.Errorf("conditions %+v", now.Conditions)
	}
}

package dataprotection

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/vksops/terraform-provider-vks/internal/velero"
)

func deployment(generation, observed int64, updated, available int32, conditions ...appsv1.DeploymentCondition) *appsv1.Deployment {
	d := &appsv1.Deployment{}
	d.Name, d.Generation = "velero", generation
	d.Status = appsv1.DeploymentStatus{ObservedGeneration: observed, UpdatedReplicas: updated, AvailableReplicas: available, Conditions: conditions}
	return d
}

func agent(generation, observed int64, desired, updated, available int32) *appsv1.DaemonSet {
	d := &appsv1.DaemonSet{}
	d.Name, d.Generation = "node-agent", generation
	d.Status = appsv1.DaemonSetStatus{ObservedGeneration: observed, DesiredNumberScheduled: desired, UpdatedNumberScheduled: updated, NumberAvailable: available}
	return d
}

func TestRollout(t *testing.T) {
	t.Parallel()
	scaled := deployment(1, 1, 0, 0)
	scaled.Spec.Replicas = ptr.To(int32(0))
	refused := appsv1.DeploymentCondition{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Message: "violates PodSecurity"}
	for name, c := range map[string]struct {
		found velero.Installation
		want  []string
	}{
		"runs":                {velero.Installation{Server: deployment(2, 2, 1, 1)}, nil},
		"with agents":         {velero.Installation{Server: deployment(2, 2, 1, 1), NodeAgent: agent(1, 1, 3, 3, 3)}, nil},
		"agents on no nodes":  {velero.Installation{Server: deployment(2, 2, 1, 1), NodeAgent: agent(1, 1, 0, 0, 0)}, nil},
		"old status":          {velero.Installation{Server: deployment(3, 2, 1, 1)}, []string{"not looked at the change"}},
		"old pods":            {velero.Installation{Server: deployment(2, 2, 0, 1)}, []string{"0 of 1 pods are up to date"}},
		"refused":             {velero.Installation{Server: deployment(1, 1, 0, 0, refused)}, []string{"violates PodSecurity"}},
		"scaled to zero":      {velero.Installation{Server: scaled}, []string{"scaled to 0"}},
		"agents rolling":      {velero.Installation{Server: deployment(2, 2, 1, 1), NodeAgent: agent(2, 2, 3, 1, 3)}, []string{"1 of 3 nodes"}},
		"agents old status":   {velero.Installation{Server: deployment(2, 2, 1, 1), NodeAgent: agent(2, 1, 3, 3, 3)}, []string{"not looked at the change"}},
		"neither the one nor": {velero.Installation{Server: deployment(1, 0, 0, 0), NodeAgent: agent(1, 1, 3, 0, 0)}, []string{"not looked at", "0 of 3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status := rollout(&c.found)
			if status.Done != (len(c.want) == 0) || len(status.Pending) != len(c.want) {
				t.Fatalf("%+v", status)
			}
			for i, text := range c.want {
				if !strings.Contains(status.Pending[i].Message, text) {
					t.Errorf("%q lacks %q", status.Pending[i].Message, text)
				}
			}
		})
	}
}

package velerorun

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

type phase int

const (
	// notReady: the pod would be there, but its container does not run.
	notReady phase = iota
	// noPod: the pod would not even be created.
	noPod
	ready
	scaledToZero
)

// state is how a server fares.
type state struct {
	phase phase
	// since is when the present pod template was first seen.
	since time.Time
	// wasReady says that this template has been available before.
	wasReady bool
	// message says why there is no pod.
	message string
}

func replicas(d *appsv1.Deployment) int32 { return ptr.Deref(d.Spec.Replicas, 1) }

func templateOf(d *appsv1.Deployment) (string, error) {
	raw, err := json.Marshal(d.Spec.Template)
	return string(raw), err
}

// replicaSet is the name that messages mention.
func replicaSet(d *appsv1.Deployment) string {
	template, _ := templateOf(d) // a template that came from the API can be written as JSON
	h := fnv.New32a()
	_, _ = h.Write([]byte(template))
	return fmt.Sprintf("%s-%08x", d.Name, h.Sum32())
}

func deadline(d *appsv1.Deployment) time.Duration {
	return time.Duration(ptr.Deref(d.Spec.ProgressDeadlineSeconds, 600)) * time.Second
}

// untilDeadline is when a server that is not ready becomes one that has failed
// to progress; not positive when that is past or does not matter.
func (s state) untilDeadline(d *appsv1.Deployment, now time.Time) time.Duration {
	if s.phase == ready || s.phase == scaledToZero || s.wasReady {
		return 0
	}
	return s.since.Add(deadline(d)).Sub(now)
}

// deploymentStatus is what the Deployment controller would write.
func deploymentStatus(d *appsv1.Deployment, s state, now metav1.Time) appsv1.DeploymentStatus {
	status := appsv1.DeploymentStatus{ObservedGeneration: d.Generation, CollisionCount: d.Status.CollisionCount}
	want := replicas(d)
	switch s.phase {
	case ready:
		status.Replicas, status.UpdatedReplicas, status.ReadyReplicas, status.AvailableReplicas = want, want, want, want
	case notReady:
		status.Replicas, status.UpdatedReplicas, status.UnavailableReplicas = want, want, want
	case noPod:
		status.UnavailableReplicas = want
	case scaledToZero:
	}
	conditions := []appsv1.DeploymentCondition{availability(s), progress(d, s, now)}
	if s.phase == noPod {
		conditions = append(conditions, condition(appsv1.DeploymentReplicaFailure, true, "FailedCreate", s.message))
	}
	for _, c := range conditions {
		status.Conditions = append(status.Conditions, keepTimes(d.Status.Conditions, c, now))
	}
	return status
}

func availability(s state) appsv1.DeploymentCondition {
	if s.phase == ready || s.phase == scaledToZero {
		return condition(appsv1.DeploymentAvailable, true, "MinimumReplicasAvailable", "Deployment has minimum availability.")
	}
	return condition(appsv1.DeploymentAvailable, false, "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
}

func progress(d *appsv1.Deployment, s state, now metav1.Time) appsv1.DeploymentCondition {
	name := replicaSet(d)
	switch {
	case s.phase == ready || s.phase == scaledToZero || s.wasReady:
		return condition(appsv1.DeploymentProgressing, true, "NewReplicaSetAvailable",
			fmt.Sprintf("ReplicaSet %q has successfully progressed.", name))
	case s.untilDeadline(d, now.Time) <= 0:
		return condition(appsv1.DeploymentProgressing, false, "ProgressDeadlineExceeded",
			fmt.Sprintf("ReplicaSet %q has timed out progressing.", name))
	default:
		return condition(appsv1.DeploymentProgressing, true, "ReplicaSetUpdated",
			fmt.Sprintf("ReplicaSet %q is progressing.", name))
	}
}

func condition(kind appsv1.DeploymentConditionType, is bool, reason, message string) appsv1.DeploymentCondition {
	status := corev1.ConditionFalse
	if is {
		status = corev1.ConditionTrue
	}
	return appsv1.DeploymentCondition{Type: kind, Status: status, Reason: reason, Message: message}
}

// keepTimes moves the transition time only when the status changes, and the
// update time only when anything does.
func keepTimes(old []appsv1.DeploymentCondition, c appsv1.DeploymentCondition, now metav1.Time) appsv1.DeploymentCondition {
	c.LastUpdateTime, c.LastTransitionTime = now, now
	for _, o := range old {
		if o.Type != c.Type {
			continue
		}
		if o.Status == c.Status {
			c.LastTransitionTime = o.LastTransitionTime
			if o.Reason == c.Reason && o.Message == c.Message {
				c.LastUpdateTime = o.LastUpdateTime
			}
		}
	}
	return c
}

func daemonSetStatus(d *appsv1.DaemonSet, nodes int32) appsv1.DaemonSetStatus {
	status := appsv1.DaemonSetStatus{
		ObservedGeneration:     d.Generation,
		DesiredNumberScheduled: nodes,
		CurrentNumberScheduled: nodes,
		UpdatedNumberScheduled: nodes,
	}
	if cannotPull(&d.Spec.Template.Spec) {
		status.NumberUnavailable = nodes
	} else {
		status.NumberReady, status.NumberAvailable = nodes, nodes
	}
	return status
}

func sameStatus(a, b any) bool { return equality.Semantic.DeepEqual(a, b) }

// ignoreGone drops what is no failure: the object went away meanwhile, or it
// changed, and then the news of that is on its way.
func ignoreGone(err error) error {
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}

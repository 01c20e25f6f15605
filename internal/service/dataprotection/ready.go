package dataprotection

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/vksops/terraform-provider-vks/internal/velero"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// rollout says whether the server, and the node agent where there is one, run
// as they are written.
func rollout(found *velero.Installation) wait.Status {
	var pending []wait.Pending
	if message := serverPending(found.Server); message != "" {
		pending = append(pending, wait.Pending{What: "Deployment " + found.Server.Name, Message: message, Layer: wait.LayerCluster})
	}
	if message := agentPending(found.NodeAgent); message != "" {
		pending = append(pending, wait.Pending{What: "DaemonSet " + found.NodeAgent.Name, Message: message, Layer: wait.LayerCluster})
	}
	if len(pending) == 0 {
		return wait.Status{Done: true, Progress: "running"}
	}
	return wait.Status{Progress: pending[0].What + ": " + pending[0].Message, Pending: pending}
}

func serverPending(d *appsv1.Deployment) string {
	wanted := int32(1)
	if d.Spec.Replicas != nil {
		wanted = *d.Spec.Replicas
	}
	switch {
	case wanted == 0:
		return "scaled to 0 replicas: nothing runs backups"
	case d.Status.ObservedGeneration < d.Generation:
		return "the cluster has not looked at the change yet"
	case d.Status.UpdatedReplicas < wanted || d.Status.AvailableReplicas < wanted:
		message := fmt.Sprintf("%d of %d pods are up to date, %d available", d.Status.UpdatedReplicas, wanted, d.Status.AvailableReplicas)
		for _, c := range d.Status.Conditions {
			bad := c.Status != corev1.ConditionTrue
			if c.Type == appsv1.DeploymentReplicaFailure {
				bad = !bad
			}
			if bad && c.Message != "" {
				message += "; " + c.Message
			}
		}
		return message
	}
	return ""
}

func agentPending(d *appsv1.DaemonSet) string {
	switch {
	case d == nil:
		return ""
	case d.Status.ObservedGeneration < d.Generation:
		return "the cluster has not looked at the change yet"
	case d.Status.UpdatedNumberScheduled < d.Status.DesiredNumberScheduled || d.Status.NumberAvailable < d.Status.DesiredNumberScheduled:
		return fmt.Sprintf("%d of %d nodes run the present version, %d available",
			d.Status.UpdatedNumberScheduled, d.Status.DesiredNumberScheduled, d.Status.NumberAvailable)
	}
	return ""
}

package velero

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/vksops/terraform-provider-vks/internal/kube"
)

var podRef = kube.Ref{GVR: corev1.SchemeGroupVersion.WithResource("pods"), Kind: "Pod"}

// normal are reasons to wait that pass by themselves.
var normal = map[string]bool{"ContainerCreating": true, "PodInitializing": true}

// PodProblems says why pods of the namespace do not run: images that cannot be
// pulled, containers that crash, no node to run on. It is for messages, so what
// cannot be read is left out.
func (c *Client) PodProblems(ctx context.Context, namespace string) []string {
	pods, err := list[corev1.Pod](ctx, c, podRef.In(namespace, ""))
	if err != nil {
		return nil
	}
	var problems []string
	for i := range pods {
		problems = append(problems, podProblems(&pods[i])...)
	}
	return problems
}

func podProblems(p *corev1.Pod) []string {
	var problems []string
	for _, condition := range p.Status.Conditions {
		if condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse {
			problems = append(problems, fmt.Sprintf("%s: %s: %s", p.Name, condition.Reason, condition.Message))
		}
	}
	containers := append(append([]corev1.ContainerStatus(nil), p.Status.InitContainerStatuses...), p.Status.ContainerStatuses...)
	for i := range containers {
		waiting := containers[i].State.Waiting
		if waiting == nil || normal[waiting.Reason] {
			continue
		}
		problems = append(problems, fmt.Sprintf("%s/%s (%s): %s: %s", p.Name, containers[i].Name, containers[i].Image, waiting.Reason, waiting.Message))
	}
	return problems
}

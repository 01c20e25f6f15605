package supervisor

import (
	"context"
	"errors"
	"slices"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

const conditionInitialized = "ControlPlaneInitialized"

// towardsControlPlane are the conditions that say how far a control plane has come,
// in either version of the Cluster API.
var towardsControlPlane = []string{"TopologyReconciled", "InfrastructureReady", conditionInitialized, "ControlPlaneAvailable", "ControlPlaneReady"}

// initialized reports whether the control plane has ever been up. It stays so:
// one that is down later is a cluster that is not well, and not one to wait for.
func (c *Cluster) initialized() bool {
	if done, _ := c.status().at("initialization")["controlPlaneInitialized"].(bool); done {
		return true
	}
	conditions, _ := c.Conditions()
	return kube.FindCondition(conditions, conditionInitialized).True()
}

// unreachable tells a cluster that does not exist from one that is not there
// yet: only the first may remove anything from state.
func (c *Client) unreachable(ctx context.Context, op, namespace, name string, cause error) error {
	live, err := c.GetCluster(ctx, namespace, name)
	if err != nil {
		return missing(namespace, name, err)
	}
	return c.notUp(op, live, cause)
}

// notUp is the error of a cluster that exists, but cannot be reached yet: what is
// missing, and whose it is.
func (c *Client) notUp(op string, live *Cluster, cause error) error {
	text := "the cluster exists, but cannot be reached yet: " + errorText(cause)
	if phase := live.Phase(); phase != "" {
		text += " (phase " + phase + ")"
	}
	conditions, _ := live.Conditions()
	for _, condition := range conditions {
		if slices.Contains(towardsControlPlane, condition.Type) && !condition.True() && condition.Message != "" {
			text += "\n  - " + condition.Type + ": " + condition.Message
		}
	}
	return &fault.Error{
		Kind: fault.Transient, Op: op, Where: c.where, Err: cause, Message: text,
		Advice: "Layer: " + string(wait.LayerSupervisor) + ". Wait until the cluster is available (wait_for of vks_cluster does that), then run the same command again.",
	}
}

// NeedsRole says whose a refusal to read in a vSphere Namespace is. Any other
// error stays as it is.
func NeedsRole(err error, namespace string) error {
	return fault.Advise(err, fault.Forbidden, "It takes a role in the vSphere Namespace "+namespace+", such as VIEW (permissions of vks_namespace), and a namespace that exists. Layer: "+string(wait.LayerNamespace)+".")
}

// missing says what to do about a cluster that does not exist.
func missing(namespace, name string, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.NotFound {
		return NeedsRole(err, namespace)
	}
	told := *f
	told.Message = "there is no VKS cluster " + namespace + "/" + name + " (" + f.Said() + ")"
	told.Advice = "Correct cluster_id (NAMESPACE/NAME). If the same configuration makes the cluster, refer to its id (cluster_id = vks_cluster.example.id), so that it comes first."
	return &told
}

func errorText(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Said()
	}
	return err.Error()
}

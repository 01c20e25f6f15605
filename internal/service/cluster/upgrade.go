package cluster

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vksops/terraform-provider-vks/internal/domain/release"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

var atVersion = path.Root("kubernetes_version")

// skipChecksAnnotation lets an upgrade begin though software in the cluster is
// configured so that it may block it.
const skipChecksAnnotation = "kubernetes.vmware.com/dangerous-skip-misconfigured-software-check-for-update"

// upgrades reports whether the plan moves an existing cluster to another release.
func upgrades(state, plan model) bool {
	live, asked := state.LiveVersion.ValueString(), plan.KubernetesVersion
	return live != "" && !asked.IsUnknown() && !release.SatisfiedBy(asked.ValueString(), live, state.KubernetesRelease.ValueString())
}

// checkBlocked says at plan what the platform would refuse or put off: as the
// refresh has found it, without another request.
func checkBlocked(ctx context.Context, state, plan model, to *diag.Diagnostics) {
	if !upgrades(state, plan) {
		return
	}
	conditions := map[string]conditionModel{}
	var list []conditionModel
	to.Append(state.Conditions.ElementsAs(ctx, &list, false)...)
	for _, c := range list {
		conditions[c.Type.ValueString()] = c
	}
	blocked := func(name, advice string, layer wait.Layer, warn bool) {
		detail := fmt.Sprintf("%s runs %s and is to become %s, but %s is not true:\n\n%s\n\n%s\n\nLayer: %s.", state.who(), state.LiveVersion.ValueString(),
			plan.KubernetesVersion.ValueString(), name, said(conditions[name]), advice, layer)
		if warn {
			to.AddAttributeWarning(atVersion, "Upgrade may be blocked", detail)
			return
		}
		to.AddAttributeError(atVersion, "Upgrade is blocked", detail)
	}
	if isFalse(conditions[conditionChecks]) {
		_, skipped := texts(plan.Annotations)[skipChecksAnnotation]
		blocked(conditionChecks, checksAdvice, wait.LayerCluster, skipped)
	}
	if isFalse(conditions[conditionAddons]) {
		blocked(conditionAddons, addonsAdvice, wait.LayerCluster, false)
	}
	if topology := conditions[conditionReconciled]; isFalse(topology) {
		blocked(conditionReconciled, topologyAdvice, layerOf(conditionReconciled, topology.Message.ValueString()), !underWay(topology.Reason.ValueString()))
	}
}

const (
	checksAdvice = "The platform refuses the upgrade until the check succeeds. Correct what it names inside the cluster: a PodDisruptionBudget that allows no disruption, " +
		"or an admission webhook of other software. It names one problem at a time: plan again to see the next. " +
		"To go on with software that is configured like this all the same, set the annotation " + skipChecksAnnotation + ` = "" in annotations; nodes may then not drain.`
	addonsAdvice = "The platform refuses the upgrade until all add-ons are reconciled. It can pass by itself in a young cluster, or right after a change: " +
		"plan again in some minutes. Else look at the add-ons of the cluster."
	topologyAdvice = "The platform does not begin an upgrade before the change before it is complete: an upgrade, a hook, or a change that it could not act on. " +
		"Wait until it is, or correct what it says, and plan again."
)

func isFalse(c conditionModel) bool { return c.Status.ValueString() == "False" }

// underWay tells an upgrade that is not over yet, which no other may follow, from
// a topology that is refused, which another version may be the cure for.
func underWay(reason string) bool {
	return strings.Contains(reason, "Upgrad") || strings.Contains(reason, "HookBlocking")
}

func said(c conditionModel) string {
	text := strings.Join(strings.Fields(c.Message.ValueString()), " ")
	switch reason := c.Reason.ValueString(); {
	case text == "":
		return reason
	case reason != "":
		return reason + ": " + text
	}
	return text
}

// warnOfLeaving: a plan of nothing would read as if all were well.
func warnOfLeaving(state model, to *diag.Diagnostics) {
	if state.Phase.ValueString() == "Deleting" {
		to.AddWarning("VKS cluster is being deleted", state.who()+"\n\nSomebody, or an apply that was cut short, has begun to delete it. "+
			"This plan is of no use to it; when it is gone, the next one makes it anew.")
	}
}

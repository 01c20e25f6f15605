package cluster

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

// asked is the part of a model that its author decides on.
type asked []attr.Value

func (m *model) asked() asked {
	return asked{
		m.Name, m.Namespace, m.KubernetesVersion, m.ClusterClass, m.ClusterClassNamespace, m.PinClusterClass,
		m.VMClass, m.StorageClass, m.Network, m.ControlPlane, m.NodePools, m.Variables, m.Labels, m.Annotations, m.AvailabilityGates,
		m.ServerValidation, m.WaitFor, m.DeletionProtection, m.Timeouts, m.CNI,
	}
}

func (a asked) equal(b asked) bool {
	for i := range a {
		if !a[i].Equal(b[i]) {
			return false
		}
	}
	return true
}

// complete reports whether a plan can be shown to the server.
func (m *model) complete(ctx context.Context) bool {
	for i, value := range m.asked() {
		raw, err := value.ToTerraformValue(ctx)
		if err != nil {
			return false
		}
		const class, classNamespace = 3, 4 // the platform's choice may be open
		if i != class && i != classNamespace && !raw.IsFullyKnown() {
			return false
		}
	}
	return true
}

// keepAnswers plans that the platform says what it said before.
func (m *model) keepAnswers(state model) {
	m.ClusterClass, m.ClusterClassNamespace = state.ClusterClass, state.ClusterClassNamespace
	m.APIEndpoint, m.Phase, m.LiveVersion, m.KubernetesRelease = state.APIEndpoint, state.Phase, state.LiveVersion, state.KubernetesRelease
	m.Conditions, m.NodeCounts, m.FailureDomains = state.Conditions, state.NodeCounts, state.FailureDomains
}

// forgetAnswers plans that the platform may say something else.
func (m *model) forgetAnswers(config model) {
	if config.ClusterClass.IsNull() {
		m.ClusterClass = types.StringUnknown()
	}
	if config.ClusterClassNamespace.IsNull() {
		m.ClusterClassNamespace = types.StringUnknown()
	}
	// The framework marks nothing as unknown when only a default of the provider
	// changes, as only ModifyPlan knows of it.
	if m.APIEndpoint.IsNull() {
		m.APIEndpoint = types.StringUnknown()
	}
	m.Phase, m.LiveVersion, m.KubernetesRelease = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	m.Conditions = types.ListUnknown(conditionType())
	m.NodeCounts = types.ObjectUnknown(typesOf(countsType()))
	m.FailureDomains = types.ListUnknown(types.StringType)
}

// answer writes what the platform says about the cluster.
func (m *model) answer(ctx context.Context, c *supervisor.Cluster, diags *diag.Diagnostics) {
	m.ID = types.StringValue(m.key().String())
	class, namespace := c.Class()
	if m.ClusterClass.IsUnknown() || m.ClusterClass.IsNull() {
		m.ClusterClass = text(class)
	}
	if m.ClusterClassNamespace.IsUnknown() || m.ClusterClassNamespace.IsNull() {
		m.ClusterClassNamespace = text(namespace)
	}
	m.APIEndpoint, m.Phase, m.LiveVersion, m.KubernetesRelease = text(c.Endpoint()), text(c.Phase()), text(c.Version()), text(c.Release())

	conditions, _ := c.Conditions()
	entries := make([]conditionModel, 0, len(conditions))
	for _, one := range conditions {
		entries = append(entries, conditionModel{
			Type: types.StringValue(one.Type), Status: types.StringValue(one.Status),
			Reason: types.StringValue(one.Reason), Message: types.StringValue(one.Message),
		})
	}
	list, problems := types.ListValueFrom(ctx, conditionType(), entries)
	diags.Append(problems...)
	m.Conditions = list

	m.NodeCounts = toObject(ctx, countsType(), nodeCounts(c), diags)
	m.FailureDomains = textList(c.FailureDomains())
}

func nodeCounts(c *supervisor.Cluster) *nodeCountsModel {
	counts := &nodeCountsModel{}
	if have, ok := c.ControlPlane(); ok {
		counts.ControlPlane = flattenCounts(have)
	}
	if have, ok := c.Workers(); ok {
		counts.Workers = flattenCounts(have)
	}
	return counts
}

func flattenCounts(r supervisor.Replicas) *countsModel {
	return &countsModel{
		Desired: types.Int64Value(r.Desired), Current: types.Int64Value(r.Current), UpToDate: types.Int64Value(r.UpToDate),
		Ready: types.Int64Value(r.Ready), Available: types.Int64Value(r.Available),
	}
}

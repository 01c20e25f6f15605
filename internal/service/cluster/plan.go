package cluster

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/domain/release"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
)

const networkAdvice = "VKS cannot change the network of a cluster. Put the old values back; or, if the cluster may go with all that is in it, give it another name as well, which replaces it. To keep what runs in it, create a second vks_cluster with the new network and move the workloads."

// ValidateConfig finds what cannot be right in the configuration alone.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	p := config.parts(ctx, &resp.Diagnostics)
	config.expand(ctx, &resp.Diagnostics) // reports variables that are set twice
	for name, pool := range p.pools {
		validatePool(ctx, atPools.AtMapKey(name), pool, &resp.Diagnostics)
	}
	validateCNI(ctx, config, p, &resp.Diagnostics)
	warnOfControlPlane(ctx, config, p, &resp.Diagnostics)
	if p.network != nil {
		validateNetwork(p, &resp.Diagnostics)
		warnOfPods(ctx, config, p, &resp.Diagnostics)
	}
}

func validatePool(ctx context.Context, at path.Path, pool poolModel, diags *diag.Diagnostics) {
	switch {
	case pool.Replicas.IsUnknown() || pool.Autoscaler.IsUnknown():
	case pool.Replicas.IsNull() == pool.Autoscaler.IsNull():
		diags.AddAttributeError(at, "Invalid node pool", "Exactly one of replicas and autoscaler must be set.")
	}
	a := object[autoscalerModel](ctx, pool.Autoscaler, diags)
	if a == nil || a.Min.IsUnknown() || a.Max.IsUnknown() {
		return
	}
	if a.Min.ValueInt64() > a.Max.ValueInt64() {
		diags.AddAttributeError(at.AtName("autoscaler"), "Invalid node pool", fmt.Sprintf("min (%d) is more than max (%d).", a.Min.ValueInt64(), a.Max.ValueInt64()))
	}
}

// ModifyPlan fills in defaults of the provider, and finds changes that the
// platform would refuse or never finish. Of a plan that changes nothing it asks
// the Supervisor nothing.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		var state model
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		state.refuseDeletion(&resp.Diagnostics)
		return
	}
	var config, plan model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var state *model
	if !req.State.Raw.IsNull() {
		state = new(model)
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	r.fillPlan(config, state, &plan)
	if state != nil && state.replacedBy(plan) {
		state.refuseDeletion(&resp.Diagnostics)
		state = nil
	}
	if state != nil {
		checkChange(ctx, *state, plan, &resp.Diagnostics)
		r.checkAddedCNI(ctx, *state, plan, &resp.Diagnostics)
	} else {
		r.checkSupervisor(ctx, plan, &resp.Diagnostics)
	}
	checkNodes(ctx, config, plan, state, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if unchanged := state != nil && resp.Plan.Raw.Equal(req.State.Raw); !unchanged && r.Configured {
		r.askSupervisor(ctx, plan, state, &resp.Diagnostics)
	}
}

// askSupervisor looks what it has to make the cluster of and, where that is
// wanted, what it says to the cluster.
func (r *Resource) askSupervisor(ctx context.Context, plan model, state *model, to *diag.Diagnostics) {
	r.checkRelease(ctx, plan, state, to)
	if plan.ServerValidation.ValueBool() && !to.HasError() {
		r.dryRun(ctx, plan, state, to)
	}
}

// replacedBy: another name or namespace is another cluster.
func (m *model) replacedBy(plan model) bool {
	return plan.key() != m.key() || plan.Name.IsUnknown() || plan.Namespace.IsUnknown()
}

// refuseDeletion speaks for a protected cluster: at plan, so that nothing else is
// destroyed on the way to it, and in Delete.
func (m *model) refuseDeletion(diags *diag.Diagnostics) {
	if m.DeletionProtection.ValueBool() {
		diags.AddAttributeError(path.Root("deletion_protection"), "VKS cluster is protected from deletion",
			m.who()+"\n\nTo delete or replace it, with everything in it, first apply this change:\n\n  deletion_protection = false")
	}
}

// fillPlan sets what the schema cannot: the provider's default, and which
// answers of the platform may change in this apply.
func (r *Resource) fillPlan(config model, state *model, plan *model) {
	if config.DeletionProtection.IsNull() {
		plan.DeletionProtection = types.BoolValue(r.Configured && r.Data.Config().Defaults.DeletionProtection)
	}
	// The id of a cluster that does not exist stays unknown, though it could be
	// told: what refers to it waits for the cluster.
	if state == nil {
		return
	}
	if plan.asked().equal(state.asked()) {
		plan.keepAnswers(*state)
		return
	}
	plan.forgetAnswers(config)
}

// dryRun has admission look at the planned cluster.
func (r *Resource) dryRun(ctx context.Context, plan model, state *model, to *diag.Diagnostics) {
	if !plan.complete(ctx) {
		return // there is nothing to show to the server yet
	}
	client, err := r.client(ctx)
	if err != nil {
		diags.AddError(to, "Unable to validate VKS cluster", plan.who(), err)
		return
	}
	ctx, warnings := kube.WithWarnings(ctx)
	spec := plan.expand(ctx, to)
	if to.HasError() {
		return
	}
	spec, live, err := settle(ctx, client, spec, state != nil)
	switch {
	case err != nil:
	case live != nil:
		spec = keepCNI(spec, live, state.expand(ctx, to))
	case spec.CNI != nil && addonsAt(spec.Version):
		spec = spec.WithVariable(addonsVariable, cniReference(spec.CNI.Name))
	}
	if err == nil {
		_, err = client.ApplyCluster(ctx, spec, true)
	}
	diags.AddWarnings(to, plan.who(), warnings.Texts())
	switch {
	case err == nil:
	case fault.IsNotFound(err) && strings.Contains(err.Error(), "namespaces"):
		to.AddWarning("VKS cluster not validated", plan.who()+"\n\nThe vSphere Namespace does not exist yet, so that the Supervisor could not check the cluster. It will when the cluster is created.")
	default:
		diags.AddError(to, "Supervisor rejects VKS cluster", plan.who(), explain(ctx, client, spec, err))
	}
}

// checkChange finds what an existing cluster cannot become.
func checkChange(ctx context.Context, state, plan model, diags *diag.Diagnostics) {
	before, after := state.parts(ctx, diags), plan.parts(ctx, diags)
	if before.network != nil && after.network != nil {
		checkNetwork(*before.network, *after.network, diags)
	}
	if before.controlPlane != nil && after.controlPlane != nil && !after.controlPlane.Replicas.IsUnknown() {
		was, is := before.controlPlane.Replicas.ValueInt64(), after.controlPlane.Replicas.ValueInt64()
		if is < was {
			diags.AddAttributeError(atControlPlane.AtName("replicas"), "Control plane cannot shrink",
				fmt.Sprintf("%s has %d control plane machines, and VKS cannot go back to %d. Set replicas = %d.", state.who(), was, is, was))
		}
	}
	checkCNI(ctx, state, plan, diags)
	warnOfKubeProxy(state, plan, diags)
	if live, asked := state.LiveVersion.ValueString(), plan.KubernetesVersion; !asked.IsUnknown() && live != "" {
		checkVersion(state.who(), live, asked.ValueString(), diags)
	}
	checkBlocked(ctx, state, plan, diags)
	warnOfLeaving(state, diags)
}

func checkVersion(who, live, asked string, diags *diag.Diagnostics) {
	switch {
	case release.Older(asked, live):
		diags.AddAttributeError(atVersion, "Kubernetes version cannot be lowered",
			fmt.Sprintf("%s runs %s, and cannot go back to %s.", who, live, asked))
	case release.Minors(asked, live) > 1:
		diags.AddAttributeError(atVersion, "Kubernetes version skips a minor version",
			fmt.Sprintf("%s runs %s. Kubernetes is upgraded by one minor version at a time: apply the next one first, then %s.", who, live, asked))
	}
}

func checkNetwork(before, after networkModel, diags *diag.Diagnostics) {
	for _, c := range []struct {
		name    string
		was, is interface {
			IsUnknown() bool
			String() string
		}
	}{
		{"pods", before.Pods, after.Pods},
		{"services", before.Services, after.Services},
		{"service_domain", before.ServiceDomain, after.ServiceDomain},
		{"api_server_port", before.APIServerPort, after.APIServerPort},
	} {
		if c.is.IsUnknown() || strings.Contains(c.is.String(), "<unknown>") || c.was.String() == c.is.String() {
			continue
		}
		diags.AddAttributeError(atNetwork.AtName(c.name), "Network of a VKS cluster cannot change",
			fmt.Sprintf("%s is %s, and %s is planned. %s", c.name, c.was, c.is, networkAdvice))
	}
}

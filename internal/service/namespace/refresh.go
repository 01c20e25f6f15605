package namespace

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/tf/target"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// refresh brings m to what is live. others are grants that m does not name and
// that are managed all the same. The first read of an import, and exclusive
// permissions, show the grants of everybody but the system; with a nil system
// they do not.
func (r *namespaceResource) refresh(
	ctx context.Context, from api, m *model, live *vcenter.Namespace, others []vcenter.Access, system *systemGrants, to *diag.Diagnostics,
) error {
	imported := m.SupervisorID.IsNull()
	seen, err := m.observe(ctx, from, live)
	if err == nil {
		err = m.observeLibraries(ctx, from, &seen)
	}
	if err != nil {
		return err
	}
	seen.managed = m.grants(ctx, to)
	seen.managed = append(seen.managed, without(others, seen.managed)...)
	if system != nil && (imported || m.ExclusivePermissions.ValueBool()) {
		seen.extra, err = system.strip(ctx, from, live.Name, without(live.Access, seen.managed))
		if err != nil {
			return err
		}
	}
	m.flatten(ctx, seen, to)
	if imported {
		m.settingsOfImport(r.Data.Config().Defaults.DeletionProtection)
	}
	return nil
}

// settingsOfImport gives a value to what only the configuration knows.
func (m *model) settingsOfImport(protection bool) {
	m.ExclusivePermissions = types.BoolValue(false)
	m.ForceDestroy = types.BoolValue(false)
	m.DeletionProtection = types.BoolValue(protection)
}

// settle waits until the namespace is RUNNING, and reads it back however that
// ended. others are grants that plan does not name and that may still be there.
func (r *namespaceResource) settle(
	ctx context.Context, on api, plan *model, follow *settling, operation string, others []vcenter.Access, to *diag.Diagnostics,
) {
	defer r.Data.NamespaceChanged()
	last, err := r.await(ctx, on, plan, follow, nil)
	if err == nil && follow.before == "" && plan.ExclusivePermissions.ValueBool() {
		last, err = r.exclude(ctx, on, plan, follow.where, last, to)
	}
	if err != nil {
		diags.AddWaitError(to, "vSphere Namespace did not become ready", plan.who(), operation, err)
	}
	defer plan.forgetUnknown()
	if last == nil {
		last = &vcenter.Namespace{Name: plan.Name.ValueString(), ConfigStatus: vcenter.StatusConfiguring}
		plan.flattenStatus(ctx, last, to)
		return
	}
	var system *systemGrants
	if to.HasError() {
		system = newSystemGrants(nil)
	} else {
		// A grant that somebody makes right now is not of this apply, whose outcome
		// the plan has fixed: the next plan shows it.
		others = nil
	}
	if to.HasError() && !plan.Zones.IsNull() {
		plan.flattenZones(last.Zones, nil)
	}
	// The wait may have used up the context's time; nothing else does.
	ctx = context.WithoutCancel(ctx)
	if plan.ResourcePools.IsUnknown() {
		r.readPools(ctx, on, plan, last, to)
	}
	if err := r.refresh(ctx, on, plan, last, others, system, to); err != nil {
		diags.AddError(to, "Unable to read vSphere Namespace", plan.who(), err)
		plan.flattenStatus(ctx, last, to)
	}
}

// await waits until the namespace is RUNNING, and gives what was seen last: seen,
// when nothing was.
func (r *namespaceResource) await(ctx context.Context, on api, plan *model, follow *settling, seen *vcenter.Namespace) (*vcenter.Namespace, error) {
	err := wait.For(ctx, r.waiting(ctx, plan, "to become RUNNING"), func(ctx context.Context) (wait.Status, error) {
		live, err := on.Namespace(ctx, plan.Name.ValueString())
		if err == nil {
			seen = live
		}
		return follow.judge(live, err)
	})
	return seen, err
}

// exclude takes away the grants that a namespace got beside those of its
// creation. It has to be RUNNING for that, and becomes so again.
func (r *namespaceResource) exclude(
	ctx context.Context, on api, plan *model, where string, live *vcenter.Namespace, to *diag.Diagnostics,
) (*vcenter.Namespace, error) {
	revoked, err := revokeOthers(ctx, on, live.Name, plan.grants(ctx, to))
	if err != nil || !revoked {
		return live, err
	}
	return r.await(ctx, on, plan, &settling{where: where, before: live.ConfigStatus}, live)
}

func (r *namespaceResource) waiting(ctx context.Context, m *model, until string) wait.Options {
	return wait.Options{
		What:     m.who() + " " + until,
		Progress: target.Progress(ctx, m.Name.ValueString()),
	}
}

// forgetUnknown makes null what vCenter has not told.
func (m *model) forgetUnknown() {
	if m.ResourcePools.IsUnknown() {
		m.ResourcePools = types.MapNull(poolsType)
	}
	m.flattenNetwork(vcenter.NetworkSpec{})
}

// keepStatus takes over what was not known at plan and cannot have changed.
func (m *model) keepStatus(state *model) {
	if m.Messages.IsUnknown() {
		m.Messages = state.Messages
	}
	if m.ConfigStatus.IsUnknown() {
		m.ConfigStatus = state.ConfigStatus
	}
}

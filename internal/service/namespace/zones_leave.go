package namespace

import (
	"context"
	"errors"
	"slices"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// removeZones asks for the removal of zones that the plan does not name. leaves
// are all zones that the namespace is on its way out of: a removal that an
// earlier apply did not wait for to its end is followed, too.
func removeZones(ctx context.Context, on api, plan, state *model) (removed bool, leaves []string, err error) {
	if plan.Zones.IsNull() {
		return false, nil, nil
	}
	live, err := on.Namespace(ctx, plan.Name.ValueString())
	if err != nil {
		return false, nil, err
	}
	leaves = leavingZones(live)
	if plan.Zones.Equal(state.Zones) {
		return false, leaves, nil
	}
	for _, zone := range plan.zonesToRemove(live.Zones) {
		if err := fault.Gone(on.RemoveNamespaceZone(ctx, live.Name, zone)); err != nil {
			return removed, leaves, err
		}
		removed, leaves = true, append(leaves, zone)
	}
	return removed, leaves, nil
}

// awaitDrained waits until zones that are to be written are not being removed
// any more: vCenter takes a zone back only when it is gone. A namespace that is
// not well does not drain; what to do about that is vCenter's answer.
func (r *namespaceResource) awaitDrained(ctx context.Context, on api, plan *model, written []vcenter.ZoneSpec) error {
	if len(written) == 0 || plan.Zones.IsNull() {
		return nil
	}
	err := wait.For(ctx, r.waiting(ctx, plan, "to have left zones that it is to be in again"), func(ctx context.Context) (wait.Status, error) {
		live, err := on.Namespace(ctx, plan.Name.ValueString())
		switch {
		case passing(err):
			return pending(err.Error()), nil
		case err != nil:
			return wait.Status{}, err
		}
		again := slices.DeleteFunc(leavingZones(live), func(zone string) bool {
			return !slices.ContainsFunc(written, func(s vcenter.ZoneSpec) bool { return s.Name == zone })
		})
		if len(again) == 0 || live.ConfigStatus == vcenter.StatusError || live.ConfigStatus == vcenter.StatusRemoving {
			return wait.Status{Done: true}, nil
		}
		return draining(again), nil
	})
	var timeout *wait.TimeoutError
	if !errors.As(err, &timeout) {
		return err
	}
	return &fault.Error{
		Kind: fault.Transient, Where: on.Where(), Err: err,
		Advice: "Nothing was written. Apply again when the removal is complete, or raise timeouts.update.",
	}
}

// leavingZones gives the zones that are being taken from a namespace.
func leavingZones(live *vcenter.Namespace) []string {
	var names []string
	for _, z := range live.Zones {
		if z.MarkedForRemoval {
			names = append(names, z.Name)
		}
	}
	return names
}

// stillIn says which of the zones a namespace is still in.
func stillIn(live *vcenter.Namespace, zones []string) []string {
	var still []string
	for _, z := range live.Zones {
		if slices.Contains(zones, z.Name) {
			still = append(still, z.Name)
		}
	}
	return still
}

package namespace

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// need is something that came with a later release than the first that this
// resource works with.
type need struct {
	at    path.Path
	what  string
	since vcenter.Version
}

// needs lists what m has beyond what state, which is nil for a creation, has got
// from this vCenter already.
func (m *model) needs(state *model) []need {
	var all []need
	if len(m.VMClasses.Elements()) > 0 && (state == nil || !m.VMClasses.Equal(state.VMClasses)) {
		all = append(all, need{path.Root("vm_classes"), "vm_classes", vcenter.Version702})
	}
	if state == nil || !m.Permissions.Equal(state.Permissions) {
		all = append(all, m.permissionNeeds()...)
	}
	if len(m.ContentLibraries.Elements()) > 0 && (state == nil || !m.ContentLibraries.Equal(state.ContentLibraries)) {
		all = append(all, need{path.Root("content_libraries"), "content_libraries", vcenter.Version702})
	}
	if len(m.Zones.Elements()) > 0 && (state == nil || !m.Zones.Equal(state.Zones)) {
		all = append(all, need{path.Root("zones"), "zones", vcenter.Version9})
	}
	if state == nil {
		all = append(all, m.networkNeeds()...)
	}
	return all
}

// permissionNeeds names each need once.
func (m *model) permissionNeeds() []need {
	var owner, external bool
	for _, element := range m.Permissions.Elements() {
		if object, ok := element.(types.Object); ok {
			values := object.Attributes()
			role, _ := values["role"].(types.String)
			provider, _ := values["identity_provider"].(types.String)
			owner, external = owner || role.ValueString() == roleOwner, external || provider.ValueString() != ""
		}
	}
	var all []need
	if owner {
		all = append(all, need{path.Root("permissions"), "the role OWNER", vcenter.Version702})
	}
	if external {
		all = append(all, need{path.Root("permissions"), "permissions.identity_provider", vcenter.Version8001})
	}
	return all
}

func (m *model) networkNeeds() []need {
	if m.Network.IsNull() || m.Network.IsUnknown() {
		return nil
	}
	var all []need
	at, n := path.Root("network"), networkOf(m.Network)
	if n.Provider.ValueString() == vcenter.ProviderVPC {
		all = append(all, need{at.AtName("provider"), "the provider NSX_VPC", vcenter.Version9})
	}
	if len(vpcOf(n.VPC).SharedSubnets.Elements()) > 0 {
		all = append(all, need{at.AtName("vpc").AtName("shared_subnets"), "network.vpc.shared_subnets", vcenter.Version91})
	}
	if len(n.Networks.Elements()) == 1 {
		all = append(all, need{at.AtName("networks"), "network.networks", vcenter.Version701})
	}
	if len(n.Networks.Elements()) > 1 {
		all = append(all, need{at.AtName("networks"), "more than one of network.networks", vcenter.Version91})
	}
	if !n.NSX.IsNull() && !n.NSX.IsUnknown() {
		all = append(all, need{at.AtName("nsx"), "network.nsx", vcenter.Version702})
	}
	return all
}

// versions refuses what this vCenter is too old for.
func (p *planner) versions(ctx context.Context, from api) (answered bool) {
	state := p.state
	if p.replace || p.replaceNetwork {
		state = nil
	}
	return checkVersion(ctx, from, p.plan.who(), p.plan.needs(state), p.diags)
}

// checkVersion reports whether vCenter answered; it is only asked where something
// depends on it.
func checkVersion(ctx context.Context, from catalog, who string, needs []need, to *diag.Diagnostics) (answered bool) {
	if len(needs) == 0 {
		return true
	}
	has, err := from.Version(ctx)
	if err != nil {
		diags.AddError(to, "Unable to read the version of vCenter", who, err)
		return false
	}
	for _, n := range needs {
		if !has.AtLeast(n.since) {
			diags.AddAttributeError(to, n.at, "vCenter is too old", who, &fault.Error{
				Kind: fault.Unsupported, Where: from.Where(),
				Message: fmt.Sprintf("%s needs vCenter %s or later; this one is %s.", n.what, n.since.Release(), has),
				Advice:  "Leave it out, or upgrade vCenter and the Supervisor.",
			})
		}
	}
	return true
}

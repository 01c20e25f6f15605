package namespace

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// createdKey is of private state: it notes that this resource made the namespace,
// and with it the network. Of one that was imported nobody knows the values of
// network.nsx, since vCenter does not tell them.
const createdKey = "created"

// rememberCreated notes it.
func rememberCreated(ctx context.Context, to privateSetter) diag.Diagnostics {
	return to.SetKey(ctx, createdKey, []byte("true"))
}

func wasCreated(ctx context.Context, from privateGetter, to *diag.Diagnostics) bool {
	raw, problems := from.GetKey(ctx, createdKey)
	to.Append(problems...)
	return len(raw) > 0
}

// nsx plans values of network.nsx that come or go. A namespace that was created
// here has none but those of its creation: others are another namespace. For one
// that was imported they are only written down.
func (p *planner) nsx(state types.Object) {
	if p.config.Network.IsNull() || p.replaceNetwork {
		return
	}
	want := networkOf(p.config.Network)
	names := unlikeNSX(want.NSX, networkOf(state).NSX)
	switch {
	case present(want.Provider) && want.Provider.ValueString() != vcenter.ProviderNCP:
		// Others have none, and an unknown one can only be null.
	case len(names) == 0:
	case p.created:
		p.replaceNetwork = true
	default:
		p.diags.AddAttributeWarning(path.Root("network").AtName("nsx"), "NSX network is only noted", p.plan.who()+
			"\n\nIt was imported, and vCenter does not tell how its NSX network was made. Nothing is sent to vCenter for "+strings.Join(names, ", ")+
			" in network.nsx: the state takes over what the configuration says. Make sure that it is what the namespace has.")
	}
}

// unlikeNSX names the values that one has and the other has not. Of an object
// that is unknown all may be set.
func unlikeNSX(want, have types.Object) []string {
	var names []string
	for name := range nsxType.AttrTypes {
		if setNSX(want, name) != setNSX(have, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// setNSX: to write a default down that does not depend on the Supervisor is to
// say nothing.
func setNSX(o types.Object, name string) bool {
	value := o.Attributes()[name]
	switch {
	case o.IsUnknown():
		return true
	case value == nil, value.IsNull():
		return false
	}
	return !value.Equal(nsxDefaults[name])
}

var nsxDefaults = map[string]attr.Value{"routed_mode": types.BoolValue(false), "load_balancer_size": types.StringValue("SMALL")}

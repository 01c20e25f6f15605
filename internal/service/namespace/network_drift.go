package namespace

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// seenNetworkKey is of private state: the network that vCenter told of last. The
// state has what was settled.
const seenNetworkKey = "seen_network"

// rememberNetwork notes what vCenter told.
func rememberNetwork(ctx context.Context, to privateSetter, live vcenter.NetworkSpec) diag.Diagnostics {
	text, err := json.Marshal(live)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to keep private state", err.Error())}
	}
	return to.SetKey(ctx, seenNetworkKey, text)
}

// rememberedNetwork gives what was noted; nothing, when nothing was.
func rememberedNetwork(ctx context.Context, from privateGetter, to *diag.Diagnostics) (live vcenter.NetworkSpec) {
	raw, problems := from.GetKey(ctx, seenNetworkKey)
	to.Append(problems...)
	_ = json.Unmarshal(raw, &live)
	return live
}

// seenNetwork is the attribute as it would be, had what vCenter tells of been
// settled: what it does not tell is as in state.
func seenNetwork(state types.Object, live vcenter.NetworkSpec) types.Object {
	if state.IsNull() || state.IsUnknown() {
		return state
	}
	n := networkOf(state)
	if live.Provider != "" {
		n.Provider = types.StringValue(live.Provider)
	}
	if len(live.Networks) > 0 {
		n.Networks = listOf(live.Networks)
	}
	if live.VPC != nil {
		n.VPC = vpcFrom(live.VPC).object()
	}
	return n.object()
}

// tellNetwork says what of the settled network is no longer so. What somebody
// added is left alone.
func (m *model) tellNetwork(live vcenter.NetworkSpec, where string, to *diag.Diagnostics) {
	had, has := networkSettings(m.Network), networkSettings(seenNetwork(m.Network, live))
	var lines []string
	for _, name := range []string{settingProvider, settingNetworks, settingVPC, settingSize, settingCIDRs, settingSubnets} {
		if text := lost(had[name], has[name]); text != "" {
			lines = append(lines, fmt.Sprintf("  network.%s: %s", name, text))
		}
	}
	if len(lines) == 0 {
		return
	}
	to.AddAttributeWarning(path.Root("network"), "Network was changed outside of Terraform", fmt.Sprintf(
		"%s (%s)\n\nOf the network that was settled for it, this is different now:\n\n%s\n\n"+
			"Terraform does not change it back, and does not replace the namespace for it. Change it back in vCenter, or write into the configuration what is there now.",
		m.who(), where, strings.Join(lines, "\n")))
}

// lost describes what of a settled value is not there any more.
func lost(had, has attr.Value) string {
	if had.IsNull() || had.IsUnknown() {
		return ""
	}
	list, isList := had.(types.List)
	if !isList {
		if !differs(has, had) {
			return ""
		}
		return fmt.Sprintf("%s, and was %s", has, had)
	}
	now, _ := has.(types.List)
	gone := slices.DeleteFunc(inOrder(list), func(text string) bool { return slices.Contains(inOrder(now), text) })
	if len(gone) == 0 {
		return ""
	}
	return "without " + strings.Join(gone, ", ")
}

package namespace

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// importedKey is of private state: the grantees that an import found. The import
// shows everybody's grants, so that a configuration that names them all has
// nothing to change. Those that it does not name are somebody else's.
const importedKey = "imported_grantees"

type privateGetter interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateSetter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// rememberImported notes the grantees of list; an empty one forgets.
func rememberImported(ctx context.Context, to privateSetter, list []vcenter.Access) diag.Diagnostics {
	keys := make([]string, 0, len(list))
	for _, a := range list {
		keys = append(keys, granteeKey(a))
	}
	text, err := json.Marshal(keys)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to keep private state", err.Error())}
	}
	return to.SetKey(ctx, importedKey, text)
}

// foreign gives the grants of state that are somebody else's: the import found
// them, and plan does not name them.
func foreign(ctx context.Context, from privateGetter, state, plan []vcenter.Access, diags *diag.Diagnostics) []vcenter.Access {
	raw, problems := from.GetKey(ctx, importedKey)
	diags.Append(problems...)
	var keys []string
	_ = json.Unmarshal(raw, &keys) // nothing kept, as for what was created here, is none
	return slices.DeleteFunc(without(state, plan), func(a vcenter.Access) bool { return !slices.Contains(keys, granteeKey(a)) })
}

// revoked warns of whom exclusive_permissions will take the access from: the
// plan itself does not show grants that state never had.
func (p *planner) revoked(ctx context.Context, from api) (answered bool) {
	if p.state == nil || p.state.ExclusivePermissions.ValueBool() || !p.plan.ExclusivePermissions.ValueBool() {
		return true
	}
	live, err := from.SharedNamespace(ctx, p.state.Name.ValueString())
	if err != nil {
		return true // the apply asks again
	}
	named := append(p.state.grants(ctx, p.diags), p.plan.knownGrants(ctx, p.diags)...)
	others, err := newSystemGrants(nil).strip(ctx, from, live.Name, without(live.Access, named))
	if err == nil && len(others) > 0 {
		p.diags.AddAttributeWarning(path.Root("exclusive_permissions"), "Permissions of others will be revoked", fmt.Sprintf(
			"%s (%s)\n\nWith exclusive_permissions the apply takes away the access of: %s. To keep some, name them in permissions.",
			p.plan.who(), from.Where(), strings.Join(spelled(others), ", ")))
	}
	return true
}

// spelled are grants for people to read.
func spelled(grants []vcenter.Access) []string {
	var names []string
	for _, a := range grants {
		names = append(names, fmt.Sprintf("%s@%s (%s, %s)", a.Principal, a.Domain, a.Type, a.Role))
	}
	return names
}

// tellForeign says what becomes of grants that leave the state.
func (p *planner) tellForeign(ctx context.Context, private privateGetter) {
	if p.state == nil || p.plan.Permissions.IsUnknown() || p.plan.ExclusivePermissions.ValueBool() {
		return
	}
	names := spelled(foreign(ctx, private, p.state.grants(ctx, p.diags), p.plan.knownGrants(ctx, p.diags), p.diags))
	if len(names) > 0 {
		p.diags.AddAttributeWarning(path.Root("permissions"), "Imported permissions stay in vCenter", p.plan.who()+
			"\n\nThe import found grants that the configuration does not name: "+strings.Join(names, ", ")+
			". They leave the state and stay as they are in vCenter, since they may be somebody else's. To manage them, name them in permissions; to take them away, revoke them in vCenter or set exclusive_permissions = true.")
	}
}

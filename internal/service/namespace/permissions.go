package namespace

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// grants gives the permissions as vCenter's grants.
func (m *model) grants(ctx context.Context, diags *diag.Diagnostics) []vcenter.Access {
	if m.Permissions.IsNull() || m.Permissions.IsUnknown() {
		return nil
	}
	var list []permissionModel
	diags.Append(m.Permissions.ElementsAs(ctx, &list, false)...)
	grants := make([]vcenter.Access, 0, len(list))
	for _, p := range list {
		grants = append(grants, p.grant())
	}
	slices.SortFunc(grants, compareGrants)
	return grants
}

// knownGrants are those grants of a plan of which the grantee is known.
func (m *model) knownGrants(ctx context.Context, diags *diag.Diagnostics) []vcenter.Access {
	var grants []vcenter.Access
	for _, p := range m.knownPermissions(ctx, diags) {
		grants = append(grants, p.grant())
	}
	return grants
}

func (p permissionModel) grant() vcenter.Access {
	return vcenter.Access{
		Type: p.Type.ValueString(), Principal: p.Principal.ValueString(), Domain: p.Domain.ValueString(),
		Role: p.Role.ValueString(), IdentityProvider: p.IdentityProvider.ValueString(),
	}
}

func compareGrants(a, b vcenter.Access) int { return strings.Compare(granteeKey(a), granteeKey(b)) }

// granteeKey says who a grant is for. SSO does not look at case.
func granteeKey(a vcenter.Access) string {
	return strings.ToLower(a.Type + "/" + a.Domain + "/" + a.Principal)
}

func findGrant(list []vcenter.Access, who vcenter.Access) (vcenter.Access, bool) {
	key := granteeKey(who)
	i := slices.IndexFunc(list, func(a vcenter.Access) bool { return granteeKey(a) == key })
	if i < 0 {
		return vcenter.Access{}, false
	}
	return list[i], true
}

// without gives the grants of list whose grantees are not in others.
func without(list, others []vcenter.Access) []vcenter.Access {
	var rest []vcenter.Access
	for _, a := range list {
		if _, ok := findGrant(others, a); !ok {
			rest = append(rest, a)
		}
	}
	return rest
}

// flattenGrants makes the attribute from what is live of the managed grants,
// spelled as they were written, and from the extra ones. It stays null or empty
// as it was when there are none.
func (m *model) flattenGrants(ctx context.Context, live, managed, extra []vcenter.Access, diags *diag.Diagnostics) {
	list := []permissionModel{}
	add := func(spelled, live vcenter.Access) {
		p := permissionModel{
			Principal: types.StringValue(spelled.Principal), Domain: types.StringValue(spelled.Domain), Type: types.StringValue(spelled.Type),
			Role: types.StringValue(live.Role), IdentityProvider: types.StringNull(),
		}
		if live.IdentityProvider != "" {
			p.IdentityProvider = types.StringValue(live.IdentityProvider)
		}
		list = append(list, p)
	}
	for _, a := range managed {
		if found, ok := findGrant(live, a); ok {
			add(a, found)
		}
	}
	for _, a := range extra {
		add(a, a)
	}
	if len(list) == 0 && m.Permissions.IsNull() {
		return
	}
	set, problems := types.SetValueFrom(ctx, permissionType, list)
	diags.Append(problems...)
	m.Permissions = set
}

// changeGrants brings the grants from state to plan with calls about single
// grantees, so that the grants of others are never touched.
func changeGrants(ctx context.Context, on api, name string, state, plan []vcenter.Access) (changed bool, err error) {
	for _, want := range plan {
		have, ok := findGrant(state, want)
		if ok && have.Role == want.Role && have.IdentityProvider == want.IdentityProvider {
			continue
		}
		if err := putGrant(ctx, on, name, want, ok); err != nil {
			return changed, err
		}
		changed = true
	}
	for _, old := range without(state, plan) {
		if err := fault.Gone(on.RevokeAccess(ctx, name, old)); err != nil {
			return changed, err
		}
		changed = true
	}
	return changed, nil
}

// putGrant sets a grant. exists is what state says; vCenter may know better.
func putGrant(ctx context.Context, on access, name string, want vcenter.Access, exists bool) error {
	if exists {
		err := on.SetAccess(ctx, name, want)
		if !fault.IsNotFound(err) {
			return err
		}
	}
	err := on.GrantAccess(ctx, name, want)
	if errors.Is(err, fault.AlreadyExists) {
		return on.SetAccess(ctx, name, want)
	}
	return err
}

// revokeOthers takes away the grants that plan does not name.
func revokeOthers(ctx context.Context, on api, name string, plan []vcenter.Access) (changed bool, err error) {
	live, err := on.Namespace(ctx, name)
	if err != nil {
		return false, err
	}
	others, err := newSystemGrants(nil).strip(ctx, on, name, without(live.Access, plan))
	if err != nil {
		return false, err
	}
	for _, a := range others {
		if err := fault.Gone(on.RevokeAccess(ctx, name, a)); err != nil {
			return changed, err
		}
		changed = true
	}
	return changed, nil
}

// systemGrants remembers grantees whose grants come with the system: the list of
// a namespace does not tell them from others, only a question about each does.
// The answers are kept in private state, so that each is asked once.
type systemGrants struct {
	keys    map[string]bool
	learned bool
}

const systemGrantsKey = "system_grants"

func newSystemGrants(saved []byte) *systemGrants {
	s := &systemGrants{keys: map[string]bool{}}
	var keys []string
	if json.Unmarshal(saved, &keys) == nil {
		for _, key := range keys {
			s.keys[key] = true
		}
	}
	return s
}

func (s *systemGrants) saved() ([]byte, error) {
	keys := make([]string, 0, len(s.keys))
	for key := range s.keys {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return json.Marshal(keys)
}

// strip leaves out the system's own grants.
func (s *systemGrants) strip(ctx context.Context, from access, name string, list []vcenter.Access) ([]vcenter.Access, error) {
	var rest []vcenter.Access
	for _, a := range list {
		if s.keys[granteeKey(a)] {
			continue
		}
		info, err := from.Access(ctx, name, a)
		switch {
		case fault.IsNotFound(err):
			// Revoked meanwhile.
		case err != nil:
			return nil, err
		case info.Inherited:
			s.keys[granteeKey(a)], s.learned = true, true
		default:
			rest = append(rest, a)
		}
	}
	slices.SortFunc(rest, compareGrants)
	return rest, nil
}

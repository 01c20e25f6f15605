package namespace

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// blank is a model whose attributes are all null, with the types of the schema.
func blank() *model {
	return &model{
		ContainerDefaults: types.ObjectNull(containerDefaults.attributeTypes()),
		ObjectLimits:      types.ObjectNull(objectLimits.attributeTypes()),
		StoragePolicies:   types.MapNull(policyType),
		VMClasses:         types.SetNull(types.StringType),
		Permissions:       types.SetNull(permissionType),
		ContentLibraries:  types.SetNull(types.StringType),
		Zones:             types.MapNull(zoneType),
		Network:           types.ObjectNull(networkType.AttrTypes),
		ResourcePools:     types.MapNull(poolsType),
	}
}

func policies(limits map[string]*int64) types.Map {
	elements := map[string]attr.Value{}
	for name, limit := range limits {
		elements[name] = types.ObjectValueMust(policyType.AttrTypes, map[string]attr.Value{"limit_mib": types.Int64PointerValue(limit)})
	}
	return types.MapValueMust(policyType, elements)
}

func permissions(t *testing.T, grants ...vcenter.Access) types.Set {
	t.Helper()
	list := []permissionModel{}
	for _, a := range grants {
		list = append(list, permissionModel{
			Principal: types.StringValue(a.Principal), Domain: types.StringValue(a.Domain),
			Type: types.StringValue(a.Type), Role: types.StringValue(a.Role), IdentityProvider: textOrNull(a.IdentityProvider),
		})
	}
	set, problems := types.SetValueFrom(t.Context(), permissionType, list)
	check(t, problems)
	return set
}

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

func check(t *testing.T, problems diag.Diagnostics) {
	t.Helper()
	for _, p := range problems {
		t.Fatalf("%s: %s", p.Summary(), p.Detail())
	}
}

// platform answers catalog and access from memory.
type platform struct {
	api
	policies  []vcenter.StoragePolicy
	later     []vcenter.StoragePolicy // known after Forget
	inherited []string
	calls     []string
	failing   map[string]error
}

func (p *platform) Where() string { return "vCenter vc" }

func (p *platform) Forget() { p.policies = append(p.policies, p.later...) }

func (p *platform) StoragePolicies(context.Context) ([]vcenter.StoragePolicy, error) {
	return p.policies, nil
}

func (p *platform) call(verb string, a vcenter.Access) error {
	call := strings.TrimSpace(verb + " " + a.Principal + " " + a.Role)
	p.calls = append(p.calls, call)
	return p.failing[call]
}

func (p *platform) Access(_ context.Context, _ string, who vcenter.Access) (vcenter.AccessInfo, error) {
	return vcenter.AccessInfo{Role: who.Role, Inherited: slices.Contains(p.inherited, who.Principal)}, p.call("ask", vcenter.Access{Principal: who.Principal})
}

func (p *platform) GrantAccess(_ context.Context, _ string, a vcenter.Access) error {
	return p.call("grant", a)
}

func (p *platform) SetAccess(_ context.Context, _ string, a vcenter.Access) error {
	return p.call("set", a)
}

func (p *platform) RevokeAccess(_ context.Context, _ string, a vcenter.Access) error {
	return p.call("revoke", a)
}

func user(name, role string) vcenter.Access {
	return vcenter.Access{Type: "USER", Principal: name, Domain: "vsphere.local", Role: role}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	ten, empty := int64(10), ""
	from := func() *platform {
		return &platform{policies: []vcenter.StoragePolicy{{ID: "id-a", Name: "a"}}, later: []vcenter.StoragePolicy{{ID: "id-b", Name: "b"}}}
	}
	objects := func(pods types.Int64) types.Object {
		values := map[string]attr.Value{}
		for name := range objectLimits {
			values[name] = types.Int64Null()
		}
		values["pods"] = pods
		return types.ObjectValueMust(objectLimits.attributeTypes(), values)
	}
	for name, c := range map[string]struct {
		state, plan func(*model)
		want        vcenter.NamespaceChanges
	}{
		"nothing": {func(m *model) { m.CPULimitMHz = types.Int64Value(10) }, func(m *model) { m.CPULimitMHz = types.Int64Value(10) }, vcenter.NamespaceChanges{}},
		"limits set, changed and removed": {
			func(m *model) { m.CPULimitMHz, m.MemoryLimitMiB = types.Int64Value(20), types.Int64Value(5) },
			func(m *model) { m.CPULimitMHz, m.StorageLimitMiB = types.Int64Value(10), types.Int64Value(10) },
			vcenter.NamespaceChanges{Limits: vcenter.LimitChanges{vcenter.CPULimit: &ten, vcenter.MemoryLimit: nil, vcenter.StorageLimit: &ten}},
		},
		"whole group removed": {
			func(m *model) { m.ObjectLimits = objects(types.Int64Value(0)) }, func(*model) {},
			vcenter.NamespaceChanges{Limits: vcenter.LimitChanges{vcenter.PodCount: nil}},
		},
		"limit of a group": {
			func(m *model) { m.ObjectLimits = objects(types.Int64Null()) }, func(m *model) { m.ObjectLimits = objects(types.Int64Value(10)) },
			vcenter.NamespaceChanges{Limits: vcenter.LimitChanges{vcenter.PodCount: &ten}},
		},
		"description removed": {func(m *model) { m.Description = types.StringValue("x") }, func(*model) {}, vcenter.NamespaceChanges{Description: &empty}},
		"empty for null is no change": {
			func(*model) {}, func(m *model) { m.Description = types.StringValue("") }, vcenter.NamespaceChanges{},
		},
		"policy that is new in vCenter": {
			func(m *model) { m.StoragePolicies = policies(map[string]*int64{"a": nil}) },
			func(m *model) { m.StoragePolicies = policies(map[string]*int64{"a": nil, "b": &ten}) },
			vcenter.NamespaceChanges{StoragePolicies: &[]vcenter.StorageSpec{{Policy: "id-a"}, {Policy: "id-b", Limit: &ten}}},
		},
		"policies removed": {
			func(m *model) { m.StoragePolicies = policies(map[string]*int64{"a": nil}) }, func(*model) {},
			vcenter.NamespaceChanges{StoragePolicies: &[]vcenter.StorageSpec{}},
		},
		"classes removed": {
			func(m *model) {
				m.VMClasses = types.SetValueMust(types.StringType, []attr.Value{types.StringValue("small")})
			}, func(*model) {},
			vcenter.NamespaceChanges{VMClasses: &[]string{}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state, plan, problems := blank(), blank(), diag.Diagnostics{}
			c.state(state)
			c.plan(plan)
			got, err := plan.changes(t.Context(), state, from(), &problems)
			if err != nil {
				t.Fatal(err)
			}
			check(t, problems)
			if got.Empty() && c.want.Empty() {
				return
			}
			if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUnknownPolicyNamesTheKnown(t *testing.T) {
	t.Parallel()
	m, problems := blank(), diag.Diagnostics{}
	m.StoragePolicies = policies(map[string]*int64{"golden": nil})
	_, err := m.storageSpecs(t.Context(), &platform{policies: []vcenter.StoragePolicy{{ID: "1", Name: "silver"}, {ID: "2", Name: "gold"}}}, &problems)
	if !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), `no storage policy "golden". This vCenter has: gold, silver.`) {
		t.Errorf("got %v", err)
	}
}

// What vCenter does not distinguish keeps the form that the user gave it.
func TestFlattenKeepsNullAndEmpty(t *testing.T) {
	t.Parallel()
	live := observed{Namespace: &vcenter.Namespace{Name: "team-a", Supervisor: "sv"}}
	null, problems := blank(), diag.Diagnostics{}
	null.flatten(t.Context(), live, &problems)
	check(t, problems)
	if !null.Description.IsNull() || !null.StoragePolicies.IsNull() || !null.VMClasses.IsNull() || !null.Permissions.IsNull() || !null.ObjectLimits.IsNull() {
		t.Errorf("null became something else: %+v", null)
	}
	empty := blank()
	empty.Description = types.StringValue("")
	empty.StoragePolicies = policies(nil)
	empty.VMClasses = types.SetValueMust(types.StringType, nil)
	empty.Permissions = permissions(t)
	empty.flatten(t.Context(), live, &problems)
	check(t, problems)
	if empty.Description.IsNull() || empty.StoragePolicies.IsNull() || empty.VMClasses.IsNull() || empty.Permissions.IsNull() {
		t.Errorf("empty became null: %+v", empty)
	}
}

func TestFlattenShowsDrift(t *testing.T) {
	t.Parallel()
	zero := int64(0)
	m, problems := blank(), diag.Diagnostics{}
	m.CPULimitMHz = types.Int64Value(10)
	anna := user("anna", "VIEW")
	m.Permissions = permissions(t, user("anna", "VIEW"), user("carl", "VIEW"))
	m.flatten(t.Context(), observed{
		Namespace: &vcenter.Namespace{
			Name: "team-a", Supervisor: "sv", Limits: vcenter.Limits{vcenter.MemoryLimit: 0, vcenter.PodCount: 7},
			StoragePolicies: []vcenter.StorageSpec{{Policy: "id-a", Limit: &zero}, {Policy: "id-deleted"}},
			Access:          []vcenter.Access{user("ANNA", "OWNER"), user("bob", "EDIT")},
		},
		policies: map[string]string{"id-a": "Gold Policy"},
		managed:  []vcenter.Access{anna, user("carl", "VIEW")},
	}, &problems)
	check(t, problems)
	if !m.CPULimitMHz.IsNull() || m.MemoryLimitMiB.ValueInt64() != 0 || m.MemoryLimitMiB.IsNull() {
		t.Errorf("limits: %s, %s", m.CPULimitMHz, m.MemoryLimitMiB)
	}
	if got := m.ObjectLimits.Attributes()["pods"]; !got.Equal(types.Int64Value(7)) {
		t.Errorf("pods: %s", got)
	}
	if want := policies(map[string]*int64{"Gold Policy": &zero, "id-deleted": nil}); !m.StoragePolicies.Equal(want) {
		t.Errorf("policies: %s", m.StoragePolicies)
	}
	if got := m.StorageClasses.Elements()["Gold Policy"]; got == nil || !got.Equal(types.StringValue("gold-policy")) {
		t.Errorf("storage classes: %s", m.StorageClasses)
	}
	// Of bob the configuration knows nothing; anna is spelled as the user did.
	if want := permissions(t, user("anna", "OWNER")); !m.Permissions.Equal(want) {
		t.Errorf("permissions: %s", m.Permissions)
	}
}

func TestChangeGrants(t *testing.T) {
	t.Parallel()
	none, there := &fault.Error{Kind: fault.NotFound}, &fault.Error{Kind: fault.AlreadyExists}
	for name, c := range map[string]struct {
		state, plan []vcenter.Access
		failing     map[string]error
		want        []string
	}{
		"no change": {[]vcenter.Access{user("anna", "EDIT")}, []vcenter.Access{user("Anna", "EDIT")}, nil, nil},
		"all at once": {
			[]vcenter.Access{user("anna", "EDIT"), user("bob", "VIEW")},
			[]vcenter.Access{user("anna", "VIEW"), user("carl", "EDIT")},
			nil,
			[]string{"set anna VIEW", "grant carl EDIT", "revoke bob VIEW"},
		},
		"somebody revoked it meanwhile": {
			[]vcenter.Access{user("anna", "EDIT")},
			[]vcenter.Access{user("anna", "VIEW")},
			map[string]error{"set anna VIEW": none},
			[]string{"set anna VIEW", "grant anna VIEW"},
		},
		"somebody granted it before": {
			nil,
			[]vcenter.Access{user("anna", "VIEW")},
			map[string]error{"grant anna VIEW": there},
			[]string{"grant anna VIEW", "set anna VIEW"},
		},
		"revoked already": {[]vcenter.Access{user("anna", "EDIT")}, nil, map[string]error{"revoke anna EDIT": none}, []string{"revoke anna EDIT"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &platform{failing: c.failing}
			changed, err := changeGrants(t.Context(), p, "team-a", c.state, c.plan)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, p.calls); diff != "" || changed != (len(c.want) > 0) {
				t.Errorf("changed %v, calls: %s", changed, diff)
			}
		})
	}
}

// An element of which nothing is known yet is no error, and hides none.
func TestValidatePermissionsWithUnknowns(t *testing.T) {
	t.Parallel()
	m, problems := blank(), diag.Diagnostics{}
	known := permissions(t, user("anna@corp", "VIEW")).Elements()
	m.Permissions = types.SetValueMust(permissionType, append(known, types.ObjectUnknown(permissionType.AttrTypes)))
	m.validatePermissions(t.Context(), &problems)
	if len(problems) != 1 || problems[0].Summary() != "Invalid principal" {
		t.Errorf("got %v", problems)
	}
}

func TestSystemGrantsAreAskedOnce(t *testing.T) {
	t.Parallel()
	p := &platform{inherited: []string{"Admins"}}
	list := []vcenter.Access{user("Admins", "OWNER"), user("bob", "VIEW")}
	s := newSystemGrants(nil)
	rest, err := s.strip(t.Context(), p, "team-a", list)
	if err != nil || len(rest) != 1 || rest[0].Principal != "bob" || !s.learned {
		t.Fatalf("got %v, %v", rest, err)
	}
	saved, err := s.saved()
	if err != nil {
		t.Fatal(err)
	}
	p.calls = nil
	if _, err := newSystemGrants(saved).strip(t.Context(), p, "team-a", list); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"ask bob"}, p.calls); diff != "" {
		t.Error(diff)
	}
}

// Who is about to lose access is told at plan; the system's own grants stay.
func TestRevokedAreNamed(t *testing.T) {
	t.Parallel()
	from := &revoking{platform: platform{inherited: []string{"Admins"}}, live: &vcenter.Namespace{
		Name: "team-a", Access: []vcenter.Access{user("Admins", "OWNER"), user("anna", "EDIT"), user("bob", "VIEW")},
	}}
	state, plan, problems := blank(), blank(), diag.Diagnostics{}
	state.ExclusivePermissions, plan.ExclusivePermissions = types.BoolValue(false), types.BoolValue(true)
	plan.Permissions = permissions(t, user("anna", "EDIT"))
	p := planner{plan: *plan, state: state, diags: &problems}
	p.revoked(t.Context(), from)
	if len(problems) != 1 || problems.HasError() || !strings.Contains(problems[0].Detail(), "bob@") ||
		strings.Contains(problems[0].Detail(), "anna") || strings.Contains(problems[0].Detail(), "Admins") {
		t.Errorf("got %v", problems)
	}
}

type revoking struct {
	platform
	live *vcenter.Namespace
}

func (r *revoking) SharedNamespace(context.Context, string) (*vcenter.Namespace, error) {
	return r.live, nil
}

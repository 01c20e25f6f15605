package cluster

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A cluster is never destroyed because a value changed: the platform changes it
// in place, or the plan says that it cannot be.
func TestOnlyNamesReplace(t *testing.T) {
	t.Parallel()
	s := resourceSchema(t.Context())
	values := map[string]tftypes.Value{}
	for name, a := range s.Attributes {
		values[name] = tftypes.NewValue(a.GetType().TerraformType(t.Context()), nil)
	}
	raw := tftypes.NewValue(s.Type().TerraformType(t.Context()), values)
	m := modifying{t: t, state: tfsdk.State{Schema: s, Raw: raw}, plan: tfsdk.Plan{Schema: s, Raw: raw}, config: tfsdk.Config{Schema: s, Raw: raw}}
	m.walk("", s.Attributes)
	slices.Sort(m.replacing)
	if want := []string{"name", "namespace"}; !slices.Equal(m.replacing, want) {
		t.Errorf("changes of %q replace the cluster, want %q only", m.replacing, want)
	}
	if m.seen < 60 {
		t.Errorf("only %d attributes were looked at", m.seen)
	}
}

// modifying runs the plan modifiers of attributes on a change of each.
type modifying struct {
	t         *testing.T
	state     tfsdk.State
	plan      tfsdk.Plan
	config    tfsdk.Config
	seen      int
	replacing []string
}

func (m *modifying) walk(at string, attributes map[string]schema.Attribute) {
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		m.seen++
		a := attributes[name]
		if m.replaces(a) {
			m.replacing = append(m.replacing, at+name)
		}
		switch nested := a.(type) {
		case schema.SingleNestedAttribute:
			m.walk(at+name+".", nested.Attributes)
		case schema.MapNestedAttribute:
			m.none(at+name, len(nested.NestedObject.PlanModifiers))
			m.walk(at+name+".", nested.NestedObject.Attributes)
		case schema.ListNestedAttribute:
			m.none(at+name, len(nested.NestedObject.PlanModifiers))
			m.walk(at+name+".", nested.NestedObject.Attributes)
		case schema.SetNestedAttribute:
			m.none(at+name, len(nested.NestedObject.PlanModifiers))
			m.walk(at+name+".", nested.NestedObject.Attributes)
		}
	}
}

// none: modifiers that this test does not know how to run are to be taught to it.
func (m *modifying) none(at string, modifiers int) {
	if modifiers > 0 {
		m.t.Errorf("%s has %d plan modifiers that are not tested here", at, modifiers)
	}
}

func (m *modifying) replaces(a schema.Attribute) bool {
	ctx, at := context.WithoutCancel(m.t.Context()), path.Root("x")
	switch a := a.(type) {
	case schema.StringAttribute:
		return slices.ContainsFunc(a.PlanModifiers, func(p planmodifier.String) bool {
			resp := planmodifier.StringResponse{PlanValue: types.StringValue("b")}
			p.PlanModifyString(ctx, planmodifier.StringRequest{
				Path: at, Config: m.config, Plan: m.plan, State: m.state,
				ConfigValue: types.StringValue("b"), PlanValue: types.StringValue("b"), StateValue: types.StringValue("a"),
			}, &resp)
			return resp.RequiresReplace
		})
	case schema.Int64Attribute:
		return slices.ContainsFunc(a.PlanModifiers, func(p planmodifier.Int64) bool {
			resp := planmodifier.Int64Response{PlanValue: types.Int64Value(2)}
			p.PlanModifyInt64(ctx, planmodifier.Int64Request{
				Path: at, Config: m.config, Plan: m.plan, State: m.state,
				ConfigValue: types.Int64Value(2), PlanValue: types.Int64Value(2), StateValue: types.Int64Value(1),
			}, &resp)
			return resp.RequiresReplace
		})
	case schema.BoolAttribute:
		return slices.ContainsFunc(a.PlanModifiers, func(p planmodifier.Bool) bool {
			resp := planmodifier.BoolResponse{PlanValue: types.BoolValue(true)}
			p.PlanModifyBool(ctx, planmodifier.BoolRequest{
				Path: at, Config: m.config, Plan: m.plan, State: m.state,
				ConfigValue: types.BoolValue(true), PlanValue: types.BoolValue(true), StateValue: types.BoolValue(false),
			}, &resp)
			return resp.RequiresReplace
		})
	}
	return m.replacesWhole(ctx, a)
}

// replacesWhole is replaces for what holds other values.
func (m *modifying) replacesWhole(ctx context.Context, a schema.Attribute) bool {
	at := path.Root("x")
	switch a := a.(type) {
	case interface{ ListPlanModifiers() []planmodifier.List }:
		return slices.ContainsFunc(a.ListPlanModifiers(), func(p planmodifier.List) bool {
			before, after := types.ListNull(types.StringType), types.ListValueMust(types.StringType, []attr.Value{types.StringValue("b")})
			resp := planmodifier.ListResponse{PlanValue: after}
			p.PlanModifyList(ctx, planmodifier.ListRequest{Path: at, Config: m.config, Plan: m.plan, State: m.state, ConfigValue: after, PlanValue: after, StateValue: before}, &resp)
			return resp.RequiresReplace
		})
	case interface{ SetPlanModifiers() []planmodifier.Set }:
		return slices.ContainsFunc(a.SetPlanModifiers(), func(p planmodifier.Set) bool {
			before, after := types.SetNull(types.StringType), types.SetValueMust(types.StringType, []attr.Value{types.StringValue("b")})
			resp := planmodifier.SetResponse{PlanValue: after}
			p.PlanModifySet(ctx, planmodifier.SetRequest{Path: at, Config: m.config, Plan: m.plan, State: m.state, ConfigValue: after, PlanValue: after, StateValue: before}, &resp)
			return resp.RequiresReplace
		})
	case interface{ MapPlanModifiers() []planmodifier.Map }:
		return slices.ContainsFunc(a.MapPlanModifiers(), func(p planmodifier.Map) bool {
			before, after := types.MapNull(types.StringType), types.MapValueMust(types.StringType, map[string]attr.Value{"a": types.StringValue("b")})
			resp := planmodifier.MapResponse{PlanValue: after}
			p.PlanModifyMap(ctx, planmodifier.MapRequest{Path: at, Config: m.config, Plan: m.plan, State: m.state, ConfigValue: after, PlanValue: after, StateValue: before}, &resp)
			return resp.RequiresReplace
		})
	case interface{ ObjectPlanModifiers() []planmodifier.Object }:
		return slices.ContainsFunc(a.ObjectPlanModifiers(), func(p planmodifier.Object) bool {
			of := map[string]attr.Type{"a": types.StringType}
			before, after := types.ObjectNull(of), types.ObjectValueMust(of, map[string]attr.Value{"a": types.StringValue("b")})
			resp := planmodifier.ObjectResponse{PlanValue: after}
			p.PlanModifyObject(ctx, planmodifier.ObjectRequest{Path: at, Config: m.config, Plan: m.plan, State: m.state, ConfigValue: after, PlanValue: after, StateValue: before}, &resp)
			return resp.RequiresReplace
		})
	}
	m.t.Errorf("%T is not tested here", a)
	return false
}

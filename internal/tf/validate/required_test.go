package validate

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestRequires(t *testing.T) {
	t.Parallel()
	of := map[string]attr.Type{"key": types.StringType, "effect": types.StringType, "value": types.StringType}
	taint := func(key, effect types.String) types.Object {
		return types.ObjectValueMust(of, map[string]attr.Value{"key": key, "effect": effect, "value": types.StringNull()})
	}
	text := types.StringValue
	at := path.Root("taints").AtListIndex(1)
	for name, c := range map[string]struct {
		value   types.Object
		missing []string
	}{
		"all there":           {taint(text("a"), text("NoSchedule")), nil},
		"one unknown":         {taint(types.StringUnknown(), text("NoSchedule")), nil},
		"nothing known":       {types.ObjectUnknown(of), nil},
		"one missing":         {taint(text("a"), types.StringNull()), []string{"effect"}},
		"missing and unknown": {taint(types.StringNull(), types.StringUnknown()), []string{"key"}},
		"null":                {types.ObjectNull(of), []string{"effect", "key"}},
	} {
		resp := &validator.ObjectResponse{}
		Requires("effect", "key").ValidateObject(t.Context(), validator.ObjectRequest{Path: at, ConfigValue: c.value}, resp)
		var want []path.Path
		for _, m := range c.missing {
			want = append(want, at.AtName(m))
		}
		var got []path.Path
		for _, d := range resp.Diagnostics.Errors() {
			if with, ok := d.(interface{ Path() path.Path }); ok {
				got = append(got, with.Path())
			}
		}
		if !slices.EqualFunc(got, want, path.Path.Equal) {
			t.Errorf("%s: errors at %v, want %v", name, got, want)
		}
	}
}

package computed

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	resource "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
)

// What is shown has the very type of what is written, so that values of the one
// go into the other, and nothing of it can be written.
func TestShown(t *testing.T) {
	t.Parallel()
	inside := map[string]resource.Attribute{
		"text":     resource.StringAttribute{Required: true, MarkdownDescription: "Required. A text."},
		"number":   resource.Int64Attribute{Optional: true, MarkdownDescription: "A number that is needed."},
		"flag":     resource.BoolAttribute{Optional: true},
		"duration": resource.StringAttribute{Optional: true, CustomType: tftypes.DurationType{}},
		"list":     resource.ListAttribute{Optional: true, ElementType: types.StringType},
		"set":      resource.SetAttribute{Optional: true, ElementType: types.StringType},
		"map":      resource.MapAttribute{Optional: true, ElementType: types.Int64Type},
	}
	object := resource.NestedAttributeObject{Attributes: inside}
	from := resource.SingleNestedAttribute{Required: true, Attributes: map[string]resource.Attribute{
		"one": resource.SingleNestedAttribute{Optional: true, Attributes: inside}, "list": resource.ListNestedAttribute{Optional: true, NestedObject: object},
		"set": resource.SetNestedAttribute{Optional: true, NestedObject: object}, "map": resource.MapNestedAttribute{Optional: true, NestedObject: object},
	}}
	shown, ok := Shown("top", from, map[string]string{"top.map.number": "A number."}).(schema.SingleNestedAttribute)
	if !ok || !shown.GetType().Equal(from.GetType()) {
		t.Fatalf("got %v, want the type %v", shown, from.GetType())
	}
	entries, ok := shown.Attributes["map"].(schema.MapNestedAttribute)
	if !ok {
		t.Fatal("a map is no longer one")
	}
	for name, one := range entries.NestedObject.Attributes {
		if !one.IsComputed() || one.IsOptional() || one.IsRequired() {
			t.Errorf("%s can be written", name)
		}
	}
	for name, want := range map[string]string{"text": "A text.", "number": "A number."} {
		if got := entries.NestedObject.Attributes[name].GetMarkdownDescription(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := Shown("top", resource.DynamicAttribute{}, nil); got != nil {
		t.Errorf("a kind that nobody thought of gives %v", got)
	}
}

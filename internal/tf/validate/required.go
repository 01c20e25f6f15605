package validate

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// Requires is for the NestedObject of a list, set or map: each of its elements
// must have these attributes. They are Optional in the schema, as the framework
// takes those that are Required for missing in an element of which nothing is
// known yet (terraform-plugin-framework issue 186).
func Requires(names ...string) validator.Object { return requires(names) }

type requires []string

// Description says what is accepted.
func (v requires) Description(context.Context) string {
	return fmt.Sprintf("must have %v", []string(v))
}

// MarkdownDescription says what is accepted.
func (v requires) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateObject looks for what is null. An element that is null itself lacks
// everything.
func (v requires) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsUnknown() {
		return
	}
	attributes := req.ConfigValue.Attributes()
	for _, name := range v {
		if value, there := attributes[name]; there && !value.IsNull() {
			continue
		}
		resp.Diagnostics.AddAttributeError(req.Path.AtName(name), "Missing attribute",
			fmt.Sprintf("%s has no %s, which it cannot be without.", req.Path, name))
	}
}

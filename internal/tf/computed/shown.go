package computed

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	resource "github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// Shown makes a computed attribute of one of a resource, with all that is in it:
// what a resource and a data source both show has one form and one description.
// words replace descriptions that speak of writing, by path without list and map
// keys ("node_pools.replicas"), and at is the attribute's own. An attribute of a
// kind that is not known here is nil.
func Shown(at string, attribute resource.Attribute, words map[string]string) schema.Attribute {
	says, other := words[at]
	if !other {
		says = strings.TrimPrefix(attribute.GetMarkdownDescription(), "Required. ")
	}
	inside := func(attributes map[string]resource.Attribute) map[string]schema.Attribute {
		shown := map[string]schema.Attribute{}
		for name, one := range attributes {
			shown[name] = Shown(at+"."+name, one, words)
		}
		return shown
	}
	switch a := attribute.(type) {
	case resource.StringAttribute:
		return schema.StringAttribute{Computed: true, MarkdownDescription: says, CustomType: a.CustomType}
	case resource.BoolAttribute:
		return schema.BoolAttribute{Computed: true, MarkdownDescription: says, CustomType: a.CustomType}
	case resource.Int64Attribute:
		return schema.Int64Attribute{Computed: true, MarkdownDescription: says, CustomType: a.CustomType}
	case resource.ListAttribute:
		return schema.ListAttribute{Computed: true, MarkdownDescription: says, CustomType: a.CustomType, ElementType: a.ElementType}
	case resource.SetAttribute:
		return schema.SetAttribute{Computed: true, MarkdownDescription: says, CustomType: a.CustomType, ElementType: a.ElementType}
	case resource.MapAttribute:
		return schema.MapAttribute{Computed: true, MarkdownDescription: says, CustomType: a.CustomType, ElementType: a.ElementType}
	case resource.SingleNestedAttribute:
		return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: says, CustomType: a.CustomType, Attributes: inside(a.Attributes)}
	case resource.ListNestedAttribute:
		return schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: says, CustomType: a.CustomType,
			NestedObject: schema.NestedAttributeObject{CustomType: a.NestedObject.CustomType, Attributes: inside(a.NestedObject.Attributes)},
		}
	case resource.SetNestedAttribute:
		return schema.SetNestedAttribute{
			Computed: true, MarkdownDescription: says, CustomType: a.CustomType,
			NestedObject: schema.NestedAttributeObject{CustomType: a.NestedObject.CustomType, Attributes: inside(a.NestedObject.Attributes)},
		}
	case resource.MapNestedAttribute:
		return schema.MapNestedAttribute{
			Computed: true, MarkdownDescription: says, CustomType: a.CustomType,
			NestedObject: schema.NestedAttributeObject{CustomType: a.NestedObject.CustomType, Attributes: inside(a.NestedObject.Attributes)},
		}
	}
	return nil
}

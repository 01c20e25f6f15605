package dataprotection

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	corev1 "k8s.io/api/core/v1"
	apiresource "k8s.io/apimachinery/pkg/api/resource"
)

// serverDefaults are Velero's own (velero pkg/install/resources.go).
var serverDefaults = map[string]string{"cpu_request": "500m", "memory_request": "128Mi", "cpu_limit": "1", "memory_limit": "512Mi"}

var resourceTypes = map[string]attr.Type{
	"cpu_request": types.StringType, "memory_request": types.StringType, "cpu_limit": types.StringType, "memory_limit": types.StringType,
}

// place says where a container keeps what an attribute of resources names.
func place(r *corev1.ResourceRequirements, name string) (*corev1.ResourceList, corev1.ResourceName) {
	switch name {
	case "cpu_request":
		return &r.Requests, corev1.ResourceCPU
	case "memory_request":
		return &r.Requests, corev1.ResourceMemory
	case "cpu_limit":
		return &r.Limits, corev1.ResourceCPU
	default:
		return &r.Limits, corev1.ResourceMemory
	}
}

// expandResources: what is not set is the default, and 0 is no limit.
func expandResources(from types.Object, defaults map[string]string) corev1.ResourceRequirements {
	r := corev1.ResourceRequirements{}
	for name := range resourceTypes {
		text := defaults[name]
		if set, ok := from.Attributes()[name].(types.String); ok && set.ValueString() != "" {
			text = set.ValueString()
		}
		quantity, err := apiresource.ParseQuantity(text)
		if err != nil || quantity.IsZero() {
			continue // the validator has seen to errors
		}
		list, key := place(&r, name)
		if *list == nil {
			*list = corev1.ResourceList{}
		}
		(*list)[key] = quantity
	}
	return r
}

// flattenResources keeps what the user wrote where it means what the cluster
// has, and null where the cluster has the default.
func flattenResources(before types.Object, live corev1.ResourceRequirements, defaults map[string]string) types.Object {
	values := make(map[string]attr.Value, len(resourceTypes))
	different := false
	for name := range resourceTypes {
		list, key := place(&live, name)
		quantity, there := (*list)[key]
		set, _ := before.Attributes()[name].(types.String)
		switch {
		case !set.IsNull() && same(set.ValueString(), quantity):
			values[name] = set
		case set.IsNull() && same(defaults[name], quantity):
			values[name] = types.StringNull()
		case !there:
			values[name], different = types.StringValue("0"), true
		default:
			values[name], different = types.StringValue(quantity.String()), true
		}
	}
	if (before.IsNull() || before.IsUnknown()) && !different {
		return types.ObjectNull(resourceTypes)
	}
	return types.ObjectValueMust(resourceTypes, values)
}

// same compares a text with a quantity; nothing and zero are the same.
func same(text string, quantity apiresource.Quantity) bool {
	if text == "" {
		return quantity.IsZero()
	}
	parsed, err := apiresource.ParseQuantity(text)
	return err == nil && parsed.Cmp(quantity) == 0
}

// names gives the names in a fixed order.
func names(ctx context.Context, from types.Set, diags *diag.Diagnostics) []string {
	if from.IsNull() || from.IsUnknown() {
		return nil
	}
	var all []string
	diags.Append(from.ElementsAs(ctx, &all, false)...)
	slices.Sort(all)
	return all
}

// nameSet: an empty set of the user's means the same as none, and stays.
func nameSet(ctx context.Context, live []string, before types.Set, diags *diag.Diagnostics) types.Set {
	if len(live) == 0 {
		if !before.IsNull() && !before.IsUnknown() && len(before.Elements()) == 0 {
			return before
		}
		return types.SetNull(types.StringType)
	}
	value, problems := types.SetValueFrom(ctx, types.StringType, live)
	diags.Append(problems...)
	return value
}

// managedTexts gives the live values of the keys that the user has named:
// others belong to the installer or to somebody else.
func managedTexts(before types.Map, live map[string]string) types.Map {
	if before.IsNull() || before.IsUnknown() {
		return types.MapNull(types.StringType)
	}
	values := map[string]attr.Value{}
	for key := range before.Elements() {
		if value, ok := live[key]; ok {
			values[key] = types.StringValue(value)
		}
	}
	return types.MapValueMust(types.StringType, values)
}

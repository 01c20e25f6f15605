package cluster

import (
	"context"
	"reflect"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

// splitNode takes apart what nodeOverride put together. ok is false when the
// variable says something else than attributes can.
func splitNode(override, cluster any) (labels map[string]string, taints []any, ok bool) {
	node, ok := override.(map[string]any)
	if !ok {
		return nil, nil, false
	}
	base, _ := cluster.(map[string]any)
	labels = map[string]string{}
	all, _ := node["labels"].(map[string]any)
	inherited, _ := base["labels"].(map[string]any)
	for k, v := range all {
		if s, isText := v.(string); isText && inherited[k] != v {
			labels[k] = s
		}
	}
	taints, _ = node["taints"].([]any)
	if more, _ := base["taints"].([]any); len(more) <= len(taints) && reflect.DeepEqual(taints[:len(more)], more) {
		taints = taints[len(more):]
	}
	if len(labels)+len(taints) == 0 {
		return nil, nil, false
	}
	return labels, taints, plainTaints(taints) && reflect.DeepEqual(nodeOverride(cluster, labels, taints), node)
}

// plainTaints reports whether all of them are what the attribute can say.
func plainTaints(taints []any) bool {
	for _, t := range taints {
		fields, _ := t.(map[string]any)
		for _, key := range []string{"key", "value", "effect"} {
			if _, isText := fields[key].(string); !isText {
				return false
			}
		}
		if len(fields) != 3 {
			return false
		}
	}
	return true
}

func flattenTaints(ctx context.Context, taints []any, diags *diag.Diagnostics) types.List {
	if len(taints) == 0 {
		return types.ListNull(taintType())
	}
	entries := make([]taintModel, 0, len(taints))
	for _, t := range taints {
		fields, _ := t.(map[string]any)
		field := func(key string) types.String {
			s, _ := fields[key].(string)
			return types.StringValue(s)
		}
		entries = append(entries, taintModel{Key: field("key"), Value: field("value"), Effect: field("effect")})
	}
	value, problems := types.ListValueFrom(ctx, taintType(), entries)
	diags.Append(problems...)
	return value
}

// plainVolumes reports whether all of them are what the attribute can say.
func plainVolumes(list []any) bool {
	if _, named := names(list); !named || len(list) == 0 {
		return false
	}
	for _, item := range list {
		fields, _ := item.(map[string]any)
		for key, value := range fields {
			s, isText := value.(string)
			if !isText || s == "" || !slices.Contains([]string{"name", "mountPath", "capacity", "storageClass"}, key) {
				return false
			}
		}
		if fields["mountPath"] == nil || fields["capacity"] == nil {
			return false
		}
	}
	return true
}

func flattenVolumes(ctx context.Context, list []any, diags *diag.Diagnostics) types.Map {
	entries := map[string]volumeModel{}
	for _, item := range list {
		fields, _ := item.(map[string]any)
		field := func(key string) string {
			s, _ := fields[key].(string)
			return s
		}
		entries[field("name")] = volumeModel{
			MountPath: types.StringValue(field("mountPath")), Capacity: types.StringValue(field("capacity")), StorageClass: text(field("storageClass")),
		}
	}
	value, problems := types.MapValueFrom(ctx, volumeType(), entries)
	diags.Append(problems...)
	return value
}

func takeAutoscaler(ctx context.Context, annotations map[string]string, diags *diag.Diagnostics) types.Object {
	low, errLow := strconv.ParseInt(annotations[minNodes], 10, 64)
	high, errHigh := strconv.ParseInt(annotations[maxNodes], 10, 64)
	if errLow != nil || errHigh != nil {
		return types.ObjectNull(typesOf(autoscalerType()))
	}
	delete(annotations, minNodes)
	delete(annotations, maxNodes)
	return toObject(ctx, autoscalerType(), autoscalerModel{Min: types.Int64Value(low), Max: types.Int64Value(high)}, diags)
}

func flattenSelector(ctx context.Context, terms map[string]string, diags *diag.Diagnostics) types.Object {
	image := osImageModel{Name: text(terms[osName]), Version: text(terms[osVersion])}
	delete(terms, osName)
	delete(terms, osVersion)
	image.Selector = textMap(terms)
	return toObject(ctx, osImageType(), image, diags)
}

// parseSelector gives the terms of a selector of labels that names one value each
// and does nothing else (key=value,key=value); plain is false for any other.
func parseSelector(selector string) (terms map[string]string, plain bool) {
	parsed, err := labels.Parse(selector)
	if err != nil {
		return nil, false
	}
	requirements, _ := parsed.Requirements()
	terms = map[string]string{}
	for _, r := range requirements {
		value, one := r.Values().PopAny()
		_, twice := terms[r.Key()]
		if !one || value == "" || twice || r.Operator() != selection.Equals && r.Operator() != selection.DoubleEquals {
			return nil, false
		}
		terms[r.Key()] = value
	}
	return terms, true
}

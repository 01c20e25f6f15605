package supervisor

import (
	"encoding/json"
	"reflect"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/vksops/terraform-provider-vks/internal/kube"
)

// ownedFields is what this provider's server-side applies own of an object; nil
// when it never applied it.
func ownedFields(obj *unstructured.Unstructured) map[string]any {
	for _, entry := range obj.GetManagedFields() {
		if entry.Manager != kube.FieldManager || entry.Operation != metav1.ManagedFieldsOperationApply || entry.FieldsV1 == nil {
			continue
		}
		owned := map[string]any{}
		if err := utiljson.Unmarshal(entry.FieldsV1.GetRawBytes(), &owned); err != nil {
			return nil
		}
		return owned
	}
	return nil
}

// project gives the part of value that fields (in the form of FieldsV1) names.
// See https://pkg.go.dev/sigs.k8s.io/structured-merge-diff/v6/fieldpath.
func project(value any, fields map[string]any) any {
	switch value := value.(type) {
	case map[string]any:
		part := map[string]any{}
		for key, inner := range fields {
			name, ok := strings.CutPrefix(key, "f:")
			if field, there := value[name]; ok && there {
				part[name] = projectInner(field, inner)
			}
		}
		return part
	case []any:
		return projectList(value, fields)
	}
	return value
}

func projectInner(value, fields any) any {
	inner, _ := fields.(map[string]any)
	if len(inner) == 0 {
		return value // owned as a whole
	}
	return project(value, inner)
}

// projectList keeps the entries that fields names by their keys.
func projectList(list []any, fields map[string]any) any {
	part := []any{}
	keyed := false
	for _, item := range list {
		object, ok := item.(map[string]any)
		for key, inner := range fields {
			text, isKey := strings.CutPrefix(key, "k:")
			keyed = keyed || isKey
			if ok && isKey && hasKey(object, text) {
				entry, _ := projectInner(object, inner).(map[string]any)
				part = append(part, entry)
			}
		}
	}
	if !keyed {
		return list
	}
	return part
}

func hasKey(object map[string]any, text string) bool {
	key := map[string]any{}
	if err := json.Unmarshal([]byte(text), &key); err != nil {
		return false
	}
	for name, value := range key {
		if !reflect.DeepEqual(object[name], value) {
			return false
		}
	}
	return true
}

package cluster

import (
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
)

// expandVariables reads the JSON object.
func expandVariables(value jsontypes.Normalized, at path.Path, diags *diag.Diagnostics) map[string]any {
	if value.IsNull() || value.IsUnknown() {
		return map[string]any{}
	}
	variables, ok := decodeObject(value.ValueString())
	if !ok && json.Valid([]byte(value.ValueString())) { // the type says what is no JSON
		diags.AddAttributeError(at, "Invalid variables", "The JSON must be an object of variables by name: jsonencode({ name = value }).")
	}
	return variables
}

// decodeObject reads a JSON object; never nil. Nulls inside objects are the
// same as nothing: the platform drops them.
func decodeObject(text string) (object map[string]any, ok bool) {
	var decoded any
	if err := utiljson.Unmarshal([]byte(text), &decoded); err != nil {
		return map[string]any{}, false
	}
	object, ok = withoutNulls(decoded).(map[string]any)
	if object == nil {
		object = map[string]any{}
	}
	return object, ok
}

func withoutNulls(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, v := range value {
			if v != nil {
				out[k] = withoutNulls(v)
			}
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, v := range value {
			out[i] = withoutNulls(v)
		}
		return out
	}
	return value
}

// texts gives the known entries of a map of strings; never nil.
func texts(value types.Map) map[string]string {
	out := map[string]string{}
	for key, element := range value.Elements() {
		if s, ok := element.(types.String); ok && !s.IsNull() && !s.IsUnknown() {
			out[key] = s.ValueString()
		}
	}
	return out
}

// list gives the known entries of a list of strings.
func list(value types.List) []string {
	var out []string
	for _, element := range value.Elements() {
		if s, ok := element.(types.String); ok && !s.IsNull() && !s.IsUnknown() {
			out = append(out, s.ValueString())
		}
	}
	return out
}

func number(value types.Int64) *int64 {
	if value.IsNull() || value.IsUnknown() {
		return nil
	}
	n := value.ValueInt64()
	return &n
}

func duration(value tftypes.Duration) *time.Duration {
	if !value.Known() {
		return nil
	}
	d := value.Duration().Truncate(time.Second)
	return &d
}

// timeOf gives a point in time in UTC, so that equal ones are equal.
func timeOf(value types.String) *time.Time {
	at, err := time.Parse(time.RFC3339, value.ValueString())
	if err != nil {
		return nil
	}
	at = at.UTC()
	return &at
}

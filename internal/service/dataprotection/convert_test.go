package dataprotection

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	corev1 "k8s.io/api/core/v1"
	apiresource "k8s.io/apimachinery/pkg/api/resource"
)

func written(values map[string]string) types.Object {
	attributes := map[string]attr.Value{}
	for name := range resourceTypes {
		attributes[name] = types.StringNull()
		if text, ok := values[name]; ok {
			attributes[name] = types.StringValue(text)
		}
	}
	return types.ObjectValueMust(resourceTypes, attributes)
}

// What is written comes back as it was written, and what is not set stays unset.
func TestResources(t *testing.T) {
	t.Parallel()
	null := types.ObjectNull(resourceTypes)
	for name, c := range map[string]struct {
		before   types.Object
		defaults map[string]string
	}{
		"defaults":           {null, serverDefaults},
		"none":               {null, nil},
		"some":               {written(map[string]string{"cpu_request": "1000m", "memory_limit": "1Gi"}), serverDefaults},
		"without limit":      {written(map[string]string{"cpu_limit": "0"}), serverDefaults},
		"all of the agent's": {written(map[string]string{"cpu_request": "1", "memory_request": "1024Mi", "cpu_limit": "2", "memory_limit": "2Gi"}), nil},
		"empty":              {written(nil), serverDefaults},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live := expandResources(c.before, c.defaults)
			if got := flattenResources(c.before, live, c.defaults); !got.Equal(c.before) {
				t.Errorf("got %v, want %v", got, c.before)
			}
		})
	}
}

func TestResourcesDrift(t *testing.T) {
	t.Parallel()
	live := expandResources(types.ObjectNull(resourceTypes), serverDefaults)
	live.Limits[corev1.ResourceMemory] = apiresource.MustParse("1Gi")
	delete(live.Requests, corev1.ResourceCPU)
	want := written(map[string]string{"memory_limit": "1Gi", "cpu_request": "0"})
	if got := flattenResources(types.ObjectNull(resourceTypes), live, serverDefaults); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestImageTag(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]string{
		"velero/velero:v1.18.3": "v1.18.3", "registry:5000/velero": "", "registry:5000/velero/velero:v1": "v1",
		"velero/velero@sha256:abc": "", "velero/velero:v1@sha256:abc": "v1", "": "",
	} {
		if got := imageTag(image); got != want {
			t.Errorf("%q: got %q, want %q", image, got, want)
		}
	}
}

func TestArgument(t *testing.T) {
	t.Parallel()
	args := []string{"server", "--features=A,B", "--uploader-type=kopia", "--restore-only"}
	got := []string{argument(args, "--features"), argument(args, "--uploader-type"), argument(args, "--restore-only"), argument(args, "--none")}
	if diff := cmp.Diff([]string{"A,B", "kopia", "", ""}, got); diff != "" {
		t.Error(diff)
	}
}

func TestManagedTexts(t *testing.T) {
	t.Parallel()
	value := func(pairs map[string]string) types.Map {
		values := map[string]attr.Value{}
		for k, v := range pairs {
			values[k] = types.StringValue(v)
		}
		return types.MapValueMust(types.StringType, values)
	}
	live := map[string]string{"component": "velero", "team": "b"}
	if got := managedTexts(types.MapNull(types.StringType), live); !got.IsNull() {
		t.Errorf("got %v", got)
	}
	if got := managedTexts(value(map[string]string{"team": "a", "gone": "x"}), live); !got.Equal(value(map[string]string{"team": "b"})) {
		t.Errorf("got %v", got)
	}
}

package kubernetesrelease

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

func TestFlatten(t *testing.T) {
	t.Parallel()
	release := func(version string, ready, compatible bool, images ...string) supervisor.Release {
		return supervisor.Release{Name: "v" + version + "---vmware.1-vkr.1", Version: "v" + version + "+vmware.1-vkr.1", Kubernetes: "v" + version + "+vmware.1", Ready: ready, Compatible: compatible, Images: images}
	}
	all := []supervisor.Release{
		release("1.34.9", true, true, "a", "gone"),
		release("1.35.2", false, true, "a"),
		release("1.34.10", true, true, "gone"),
		release("1.36.1", true, false, "a"),
	}
	images := []supervisor.OSImage{{Name: "a", Labels: map[string]string{"os-name": "photon"}}, {Name: "b"}}
	for name, c := range map[string]struct {
		in     model
		want   []string
		latest types.String
	}{
		"usable":               {in: model{}, want: []string{"v1.34.10", "v1.34.9"}, latest: types.StringValue("v1.34.9---vmware.1-vkr.1")},
		"all":                  {in: model{CompatibleOnly: types.BoolValue(false)}, want: []string{"v1.36.1", "v1.35.2", "v1.34.10", "v1.34.9"}, latest: types.StringValue("v1.34.9---vmware.1-vkr.1")},
		"not ready":            {in: model{Version: types.StringValue("v1.35"), CompatibleOnly: types.BoolValue(false)}, want: []string{"v1.35.2"}, latest: types.StringNull()},
		"no image has arrived": {in: model{Version: types.StringValue("v1.34.10")}, want: []string{"v1.34.10"}, latest: types.StringNull()},
		"a digit is no prefix": {in: model{Version: types.StringValue("v1.34.1")}, latest: types.StringNull()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := c.in
			m.flatten(all, images)
			var got []string
			for _, r := range m.Releases {
				got = append(got, r.Version[:len(r.Version)-len("+vmware.1-vkr.1")])
				for _, image := range r.OSImages {
					if image.Name != "a" || image.OSName.ValueString() != "photon" || !image.ContentLibrary.IsNull() {
						t.Errorf("%s has the image %+v", r.Name, image)
					}
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" || !m.Latest.Equal(c.latest) {
				t.Errorf("latest %s, want %s; releases got (+) instead of (-):\n%s", m.Latest, c.latest, diff)
			}
		})
	}
}

package supervisor

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a release says of itself, and of which of its conditions is told why it
// cannot be used: what it lacks of compatibility before what it lacks of images.
func TestReleases(t *testing.T) {
	t.Parallel()
	const group = "/apis/kubernetes.vmware.com/v1alpha1"
	f := &fake{password: "secret", objects: map[string]string{
		group + "/kubernetesreleases": `{"kind":"KubernetesReleaseList","apiVersion":"kubernetes.vmware.com/v1alpha1","metadata":{},"items":[
			{"metadata":{"name":"v1.34.1---vmware.1-vkr.4"},
			 "spec":{"version":"v1.34.1+vmware.1-vkr.4","kubernetes":{"version":"v1.34.1+vmware.1"},"osImages":[{"name":"photon"},{"name":"ubuntu"}]},
			 "status":{"conditions":[{"type":"Ready","status":"True"},{"type":"Compatible","status":"True"}]}},
			{"metadata":{"name":"v1.36.1---vmware.4-vkr.5"},"spec":{"version":"v1.36.1+vmware.4-vkr.5"},
			 "status":{"conditions":[{"type":"Ready","status":"False","message":"no images"},{"type":"Compatible","status":"False","message":"needs a newer VKS service"}]}},
			{"metadata":{"name":"young"}}]}`,
		group + "/osimages": `{"kind":"OSImageList","apiVersion":"kubernetes.vmware.com/v1alpha1","metadata":{},"items":[
			{"metadata":{"name":"photon","labels":{"os-name":"photon"}}}]}`,
	}}
	client, _ := start(t, f, nil)
	releases, err := client.Releases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []Release{
		{
			Name: "v1.34.1---vmware.1-vkr.4", Version: "v1.34.1+vmware.1-vkr.4", Kubernetes: "v1.34.1+vmware.1",
			Ready: true, Compatible: true, Images: []string{"photon", "ubuntu"},
		},
		{Name: "v1.36.1---vmware.4-vkr.5", Version: "v1.36.1+vmware.4-vkr.5", Problem: "needs a newer VKS service"},
		{Name: "young", Problem: "not reported yet"},
	}
	if diff := cmp.Diff(want, releases); diff != "" {
		t.Error(diff)
	}
	images, err := client.OSImages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]OSImage{{Name: "photon", Labels: map[string]string{"os-name": "photon"}}}, images); diff != "" {
		t.Error(diff)
	}
}

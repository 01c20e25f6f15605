package supervisor

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/vksops/terraform-provider-vks/internal/kube"
)

// Release is a KubernetesRelease: a version of Kubernetes as VKS ships it.
type Release struct {
	// Name is v1.33.1---vmware.1-fips-vkr.2, Version the same with a plus sign,
	// Kubernetes the version that clusters of it show: v1.33.1+vmware.1-fips.
	Name, Version, Kubernetes string
	// Ready and Compatible are conditions; Problem is what the first of them
	// that is not true says.
	Ready, Compatible bool
	Problem           string
	// Images are the names of its OSImages. They can arrive minutes later.
	Images []string
}

// OSImage is an image that machines of a release can boot.
type OSImage struct {
	Name string
	// Labels are what resolve-os-image selects by: os-name, os-version, os-arch,
	// os-type, image-type, content-library.
	Labels map[string]string
}

// Releases lists the KubernetesReleases of the Supervisor.
func (c *Client) Releases(ctx context.Context) ([]Release, error) {
	list, err := c.kube.List(ctx, releaseKind("kubernetesreleases", "KubernetesRelease"), "")
	if err != nil {
		return nil, err
	}
	releases := make([]Release, 0, len(list.Items))
	for i := range list.Items {
		releases = append(releases, releaseOf(&list.Items[i]))
	}
	return releases, nil
}

// OSImages lists the OS images of all releases.
func (c *Client) OSImages(ctx context.Context) ([]OSImage, error) {
	list, err := c.kube.List(ctx, releaseKind("osimages", "OSImage"), "")
	if err != nil {
		return nil, err
	}
	images := make([]OSImage, 0, len(list.Items))
	for i := range list.Items {
		images = append(images, OSImage{Name: list.Items[i].GetName(), Labels: list.Items[i].GetLabels()})
	}
	return images, nil
}

func releaseKind(resource, kind string) kube.Ref {
	return kube.Ref{GVR: schema.GroupVersionResource{Group: "kubernetes.vmware.com", Version: "v1alpha1", Resource: resource}, Kind: kind}
}

func releaseOf(object *unstructured.Unstructured) Release {
	spec, conditions := node(object.Object).at("spec"), kube.Conditions(object)
	ready, compatible := kube.FindCondition(conditions, "Ready"), kube.FindCondition(conditions, "Compatible")
	r := Release{
		Name: object.GetName(), Version: spec.text("version"), Kubernetes: spec.at("kubernetes").text("version"),
		Ready: ready.True(), Compatible: compatible.True(),
	}
	for _, c := range []kube.Condition{compatible, ready} {
		if !c.True() && r.Problem == "" {
			r.Problem = c.Message
		}
	}
	images, _ := spec["osImages"].([]any)
	for _, entry := range images {
		if image, ok := asMap(entry); ok {
			r.Images = append(r.Images, image.text("name"))
		}
	}
	return r
}

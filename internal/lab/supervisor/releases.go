package supervisor

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"
)

//go:embed content/releases.yaml
var releasesYAML []byte

// release is a KubernetesRelease and the OS images it can run on.
type release struct {
	Name       string    `json:"name"`
	Kubernetes string    `json:"kubernetes"`
	Compatible bool      `json:"compatible"`
	Images     []osImage `json:"images"`
}

type osImage struct {
	OS      string `json:"os"`
	Version string `json:"version"`
	Library string `json:"library"` // of content; by default contentLibrary
}

// contentLibrary is where images are that name no other.
const contentLibrary = "cl-b1ca5eb0a1f2c4d36"

func (r release) version() string { return normalVersion(r.Name) }

func loadReleases() ([]release, error) {
	var out []release
	if err := yaml.UnmarshalStrict(releasesYAML, &out); err != nil {
		return nil, fmt.Errorf("releases: %w", err)
	}
	return out, nil
}

// resolveRelease finds the newest usable release for what a Cluster asks: of those
// that have an image for each selector where there are some, as the platform's
// resolver does. current is the release it is on, which it keeps when that
// satisfies too.
func (s *Supervisor) resolveRelease(asked, current string, selectors []imageSelector) (release, bool) {
	asked = normalVersion(asked)
	var found, complete []release
	for _, r := range s.releases {
		if r.Compatible && satisfies(r.version(), asked) {
			if r.Name == current {
				return r, true
			}
			found = append(found, r)
			if r.hasAll(selectors) {
				complete = append(complete, r)
			}
		}
	}
	if len(complete) > 0 {
		found = complete
	}
	if len(found) == 0 {
		return release{}, false
	}
	return slices.MaxFunc(found, func(a, b release) int { return compareVersions(a.version(), b.version()) }), true
}

func (r release) hasAll(selectors []imageSelector) bool {
	return !slices.ContainsFunc(selectors, func(sel imageSelector) bool {
		n, err := r.resolveImages(sel.selector)
		return err != nil || n == 0
	})
}

// labels are what run.tanzu.vmware.com/resolve-os-image selects by.
func (i osImage) labels() labels.Set {
	kind := "linux"
	if i.OS == "windows" {
		kind = "windows"
	}
	return labels.Set{
		"os-name": i.OS, "os-version": i.Version, "os-arch": "amd64", "os-type": kind,
		"image-type": "vmi", "content-library": cmp.Or(i.Library, contentLibrary),
	}
}

// resolveImages returns how many images of a release a selector matches. Photon
// is meant where nothing is said.
func (r release) resolveImages(selector string) (int, error) {
	// People put a space behind the comma, and the platform lets them.
	selector = strings.ReplaceAll(selector, " ", "")
	if selector == "" {
		selector = "os-name=photon"
	}
	want, err := labels.Parse(selector)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, image := range r.Images {
		if want.Matches(image.labels()) {
			n++
		}
	}
	return n, nil
}

func (s *Supervisor) installReleases(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for _, r := range s.releases {
		g.Go(func() error { return s.installRelease(ctx, r) })
	}
	return g.Wait()
}

func (s *Supervisor) installRelease(ctx context.Context, r release) error {
	var refs []any
	for _, image := range r.Images {
		u := r.imageObject(image)
		if err := s.apply(ctx, u); err != nil {
			return err
		}
		refs = append(refs, map[string]any{"name": u.GetName()})
	}
	u := object(kindRelease, "", r.Name, map[string]any{"spec": map[string]any{
		"version":    r.version(),
		"kubernetes": map[string]any{"version": r.Kubernetes, "imageRepository": "localhost:5000/vmware.io"},
		"osImages":   refs,
		"bootstrapPackages": []any{
			map[string]any{"name": "antrea.tanzu.vmware.com." + r.version()},
			map[string]any{"name": "calico.tanzu.vmware.com." + r.version()},
			map[string]any{"name": "vsphere-pv-csi.tanzu.vmware.com." + r.version()},
		},
	}})
	u.SetLabels(map[string]string{"kubernetes.vmware.com/kubernetes-version": strings.ReplaceAll(r.Kubernetes, "+", "---")})
	if err := s.apply(ctx, u); err != nil {
		return err
	}
	now := metav1.NewTime(s.now())
	ready := condition("Ready", "True", "Ready", "", now)
	compatible := condition("Compatible", "True", "Compatible", "", now)
	if !r.Compatible {
		// The service's own version ends in the last Kubernetes minor that it
		// can run (3.7.1+v1.36); releases beyond it are listed all the same.
		ready = condition("Ready", "False", "NotCompatible", "the release is not compatible", now)
		compatible = condition("Compatible", "False", "ServiceTooOld", "needs a newer VKS service", now)
	}
	status := object(kindRelease, "", r.Name, map[string]any{"status": map[string]any{"conditions": []any{ready, compatible}}})
	return s.applyStatus(ctx, status, fieldManager)
}

func (r release) imageObject(image osImage) *unstructured.Unstructured {
	name := fmt.Sprintf("%s-%s-%s-amd64", r.Name, image.OS, strings.ReplaceAll(image.Version, ".", "-"))
	set := image.labels()
	u := object(kindOSImage, "", name, map[string]any{"spec": map[string]any{
		"kubernetesVersion": r.Kubernetes,
		"os":                map[string]any{"name": image.OS, "version": image.Version, "arch": "amd64", "type": set["os-type"]},
		"image":             map[string]any{"type": set["image-type"]},
	}})
	u.SetLabels(set)
	return u
}

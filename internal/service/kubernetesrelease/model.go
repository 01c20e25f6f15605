package kubernetesrelease

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/domain/release"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

type model struct {
	Version        types.String   `tfsdk:"version"`
	CompatibleOnly types.Bool     `tfsdk:"compatible_only"`
	Latest         types.String   `tfsdk:"latest"`
	Releases       []releaseModel `tfsdk:"releases"`
}

type releaseModel struct {
	Name              string       `tfsdk:"name"`
	Version           string       `tfsdk:"version"`
	KubernetesVersion string       `tfsdk:"kubernetes_version"`
	Ready             bool         `tfsdk:"ready"`
	Compatible        bool         `tfsdk:"compatible"`
	Message           string       `tfsdk:"message"`
	OSImages          []imageModel `tfsdk:"os_images"`
}

type imageModel struct {
	Name           string       `tfsdk:"name"`
	OSName         types.String `tfsdk:"os_name"`
	OSVersion      types.String `tfsdk:"os_version"`
	OSArch         types.String `tfsdk:"os_arch"`
	OSType         types.String `tfsdk:"os_type"`
	ImageType      types.String `tfsdk:"image_type"`
	ContentLibrary types.String `tfsdk:"content_library"`
}

// flatten keeps the releases that were asked for, the newest first.
func (m *model) flatten(releases []supervisor.Release, images []supervisor.OSImage) {
	arrived := make(map[string]supervisor.OSImage, len(images))
	for _, image := range images {
		arrived[image.Name] = image
	}
	releases = slices.Clone(releases)
	slices.SortFunc(releases, func(a, b supervisor.Release) int {
		return cmp.Or(release.Compare(b.Version, a.Version), strings.Compare(a.Name, b.Name))
	})
	everything := !m.CompatibleOnly.IsNull() && !m.CompatibleOnly.ValueBool()
	m.Releases, m.Latest = []releaseModel{}, types.StringNull()
	for _, r := range releases {
		usable := r.Ready && r.Compatible
		if !m.wants(r) || !usable && !everything {
			continue
		}
		shown := flattenRelease(r, arrived)
		m.Releases = append(m.Releases, shown)
		// Without an image that has arrived, the platform refuses clusters of it.
		if m.Latest.IsNull() && usable && len(shown.OSImages) > 0 {
			m.Latest = types.StringValue(r.Name)
		}
	}
}

func (m *model) wants(r supervisor.Release) bool {
	return m.Version.IsNull() || release.Satisfies(m.Version.ValueString(), r.Kubernetes, r.Version, r.Name)
}

func flattenRelease(r supervisor.Release, arrived map[string]supervisor.OSImage) releaseModel {
	shown := releaseModel{
		Name: r.Name, Version: r.Version, KubernetesVersion: r.Kubernetes,
		Ready: r.Ready, Compatible: r.Compatible, Message: r.Problem, OSImages: []imageModel{},
	}
	names := slices.Clone(r.Images)
	slices.Sort(names)
	for _, name := range names {
		if image, there := arrived[name]; there {
			shown.OSImages = append(shown.OSImages, flattenImage(image))
		}
	}
	return shown
}

func flattenImage(image supervisor.OSImage) imageModel {
	label := func(key string) types.String {
		if value, there := image.Labels[key]; there {
			return types.StringValue(value)
		}
		return types.StringNull()
	}
	return imageModel{
		Name: image.Name, OSName: label("os-name"), OSVersion: label("os-version"), OSArch: label("os-arch"), OSType: label("os-type"),
		ImageType: label("image-type"), ContentLibrary: label("content-library"),
	}
}

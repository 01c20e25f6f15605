package kubernetesrelease

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vksops/terraform-provider-vks/internal/tf/computed"
)

func dataSourceSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "The versions of Kubernetes that VKS clusters can be of, with the OS images of each: what `kubernetes_version` and `os_image` of a `vks_cluster` can say.\n\n" +
			"Two requests to the Supervisor, one for the releases and one for the images. Every account that may log in there may read them. A filter that matches nothing gives empty results. " +
			"New releases and images arrive by themselves, so that `latest` changes without a change of the configuration.",
		Attributes: map[string]schema.Attribute{
			// Optional
			"version": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only releases of this version, in any form that `kubernetes_version` of `vks_cluster` takes: `v1.33` for all of that minor version. Default: all.",
				Validators: []validator.String{stringvalidator.RegexMatches(regexp.MustCompile(`^v?\d+(\.\d+){0,2}([-+].+)?$`),
					"must be a Kubernetes version such as v1.33, v1.33.1+vmware.1-fips or v1.33.1---vmware.1-fips-vkr.2")},
			},
			"compatible_only": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Only releases that clusters can be of now: ready, and compatible with the VKS service of the Supervisor. Default `true`; `false` shows the others as well, each with its `message`.",
			},
			// Computed
			"latest": computed.Text("Name of the newest of `releases` that is ready, compatible and has an OS image, for `kubernetes_version` of `vks_cluster`. Null when there is none."),
			"releases": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "The releases, the newest first.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name":               computed.Text("Name of the KubernetesRelease: `v1.33.1---vmware.1-fips-vkr.2`. `kubernetes_release` of a cluster tells it."),
					"version":            computed.Text("Version of the release: `v1.33.1+vmware.1-fips-vkr.2`."),
					"kubernetes_version": computed.Text("Version of Kubernetes: `v1.33.1+vmware.1-fips`. `live_version` of a cluster tells it."),
					"ready":              computed.Flag("Is it ready to be used."),
					"compatible":         computed.Flag("Is it compatible with the VKS service of the Supervisor. A newer minor version may need a newer service."),
					"message":            computed.Text("What the platform says about a release that is not ready or not compatible; else empty."),
					"os_images": schema.ListNestedAttribute{
						Computed: true, MarkdownDescription: "Its OS images that have arrived, by name. They may come minutes after the release.",
						NestedObject: schema.NestedAttributeObject{Attributes: imageAttributes()},
					},
				}},
			},
		},
	}
}

func imageAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name":            computed.Text("Name of the OSImage."),
		"os_name":         computed.Text("Operating system, `os_image.name` of a `vks_cluster`: `photon`, `ubuntu`, `rhel`, `windows`. Null, like the others, where the image has no such label."),
		"os_version":      computed.Text("Its version, `os_image.version` of a `vks_cluster`: `24.04`."),
		"os_arch":         computed.Text("Architecture, `os-arch` in `os_image.selector`: `amd64`."),
		"os_type":         computed.Text("`linux` or `windows`, `os-type` in `os_image.selector`."),
		"image_type":      computed.Text("`image-type` in `os_image.selector`."),
		"content_library": computed.Text("Content library of the image, `content-library` in `os_image.selector`: it tells images apart that are in two libraries."),
	}
}

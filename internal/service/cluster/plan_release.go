package cluster

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/vksops/terraform-provider-vks/internal/domain/release"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/tf/target"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// checkRelease finds at plan that there is no release, no OS image or no class of
// what is asked for. state is nil for a cluster that is to be made. The Supervisor
// may not be there yet, nor the account allowed to look: then admission will tell.
func (r *Resource) checkRelease(ctx context.Context, plan model, state *model, to *diag.Diagnostics) {
	chooses := state == nil || upgrades(*state, plan)
	asked := askedImages(ctx, plan, state, chooses, to)
	if !chooses && len(asked) == 0 || plan.KubernetesVersion.IsUnknown() || r.Data.SupervisorAway().Why() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, target.PlanTimeout)
	defer cancel()
	releases, err := r.Data.Releases(ctx)
	if err != nil {
		r.Data.SupervisorAway().Note(err)
		tflog.Debug(ctx, "the release is not checked at plan", map[string]any{"error": err.Error()})
		return
	}
	var candidates []supervisor.Release
	if chooses {
		r.checkWindow(ctx, plan, state, to)
		var problem string
		if candidates, problem = chooseReleases(plan.KubernetesVersion.ValueString(), releases); problem != "" {
			to.AddAttributeError(atVersion, "No such Kubernetes release", plan.who()+"\n\n"+problem+"\n\nLayer: "+string(wait.LayerSupervisor)+".")
			return
		}
	} else {
		candidates = slices.DeleteFunc(slices.Clone(releases), func(one supervisor.Release) bool { return one.Name != state.KubernetesRelease.ValueString() })
	}
	if len(asked) == 0 {
		return
	}
	images, err := r.Data.OSImages(ctx)
	if err != nil {
		tflog.Debug(ctx, "the OS images are not checked at plan", map[string]any{"error": err.Error()})
		return
	}
	for at, problem := range judgeImages(candidates, images, asked) {
		to.AddAttributeError(asked[at].at.AtName("os_image"), "OS image cannot be resolved", plan.who()+"\n\n"+problem)
	}
}

// askedImage is what the control plane or a pool selects its OS image by.
type askedImage struct {
	at       path.Path
	selector string
}

// askedImages are those that the platform will look for: all where it chooses a
// release, else what changes. An image that was there when the cluster was made
// may be gone since, and its pools can be scaled all the same.
func askedImages(ctx context.Context, plan model, state *model, all bool, to *diag.Diagnostics) []askedImage {
	var before parts
	if state != nil && !all {
		before = state.parts(ctx, to)
	}
	var asked []askedImage
	add := func(at path.Path, value, was types.Object) {
		image := object[osImageModel](ctx, value, to)
		if image != nil && fullyKnown(ctx, value) && (all || !value.Equal(was)) {
			asked = append(asked, askedImage{at: at, selector: image.selector()})
		}
	}
	p := plan.parts(ctx, to)
	if p.controlPlane != nil {
		var was types.Object
		if before.controlPlane != nil {
			was = before.controlPlane.OSImage
		}
		add(atControlPlane, p.controlPlane.OSImage, was)
	}
	for _, name := range slices.Sorted(maps.Keys(p.pools)) {
		add(atPools.AtMapKey(name), p.pools[name].OSImage, before.pools[name].OSImage)
	}
	return asked
}

// judgeImages says what is wrong, by index in asked: nothing when one of the
// candidates has all that is asked for, else what the first of them lacks.
// Admission takes the newest release that has an image for every part.
func judgeImages(candidates []supervisor.Release, images []supervisor.OSImage, asked []askedImage) map[int]string {
	var first map[int]string
	for i, one := range candidates {
		has, problems := imagesOf(one, images), map[int]string{}
		for at, image := range asked {
			if problem := has.judge(image.selector); problem != "" {
				problems[at] = problem
			}
		}
		if len(problems) == 0 {
			return nil
		}
		if i == 0 {
			first = problems
		}
	}
	return first
}

// chooseReleases gives the releases that a version means and that can be used,
// the newest first; or what is wrong.
func chooseReleases(asked string, releases []supervisor.Release) (usable []supervisor.Release, problem string) {
	var fitting []supervisor.Release
	for _, one := range releases {
		if release.Satisfies(asked, one.Name, one.Version, one.Kubernetes) {
			fitting = append(fitting, one)
			if one.Ready && one.Compatible {
				usable = append(usable, one)
			}
		}
	}
	byAge := func(a, b supervisor.Release) int { return release.Compare(b.Name, a.Name) }
	slices.SortFunc(usable, byAge)
	switch {
	case len(usable) > 0:
		return usable, ""
	case len(fitting) > 0:
		newest := slices.MinFunc(fitting, byAge)
		return nil, fmt.Sprintf("%s is what kubernetes_version = %q asks for, but it cannot be used: %s. %s", newest.Name, asked, unusable(newest), usableNames(releases))
	}
	return nil, fmt.Sprintf("No Kubernetes release of the Supervisor is what kubernetes_version = %q asks for. %s", asked, usableNames(releases))
}

func unusable(one supervisor.Release) string {
	why := one.Problem
	if why == "" {
		why = "it says no reason"
	}
	if !one.Compatible {
		return "it is not compatible (" + why + "). The version of the VKS service on the Supervisor decides which releases it can run: " +
			"the service has to be upgraded before clusters can be"
	}
	return "it is not ready (" + why + "). Its images may still be on their way"
}

func usableNames(releases []supervisor.Release) string {
	var names []string
	for _, one := range releases {
		if one.Ready && one.Compatible {
			names = append(names, one.Name)
		}
	}
	if len(names) == 0 {
		return "The Supervisor has none that can be used at all."
	}
	slices.SortFunc(names, release.Compare)
	return "These can be used: " + strings.Join(names, ", ") + "."
}

// releaseImages are the images of a release, as far as they have arrived.
type releaseImages struct {
	release string
	images  []supervisor.OSImage
	missing bool
}

func imagesOf(of supervisor.Release, all []supervisor.OSImage) releaseImages {
	found := releaseImages{release: of.Name}
	for _, image := range all {
		if slices.Contains(of.Images, image.Name) {
			found.images = append(found.images, image)
		}
	}
	found.missing = len(found.images) < len(of.Images) || len(of.Images) == 0
	return found
}

// judge says what is wrong with a selector, if anything.
func (of releaseImages) judge(selector string) string {
	terms, err := labels.Parse(selector)
	if err != nil || terms.Empty() {
		return "" // admission says what is no selector
	}
	var matching []supervisor.OSImage
	for _, image := range of.images {
		if terms.Matches(labels.Set(image.Labels)) {
			matching = append(matching, image)
		}
	}
	switch {
	case len(matching) == 1, len(matching) == 0 && of.missing:
		return "" // images arrive minutes after their release
	case len(matching) == 0:
		return fmt.Sprintf("No OS image of %s is what os_image asks for (%s). It has:\n%s", of.release, selector, listImages(of.images))
	}
	return fmt.Sprintf("%d OS images of %s are what os_image asks for (%s), and it must be one. Say more in version or selector:\n%s",
		len(matching), of.release, selector, listImages(matching))
}

// imageLabels are what people select an image by.
var imageLabels = []string{"os-name", "os-version", "os-arch", "os-type", "image-type", "content-library"}

func listImages(images []supervisor.OSImage) string {
	var lines []string
	for _, image := range images {
		var terms []string
		for _, key := range imageLabels {
			if value := image.Labels[key]; value != "" {
				terms = append(terms, key+"="+value)
			}
		}
		lines = append(lines, "  - "+strings.Join(terms, ", "))
	}
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), "\n")
}

// checkWindow: a pinned class does not follow the version.
func (r *Resource) checkWindow(ctx context.Context, plan model, state *model, to *diag.Diagnostics) {
	class := plan.ClusterClass.ValueString()
	if class == "" && state != nil { // the platform's choice, which is kept
		class = state.ClusterClass.ValueString()
	}
	if !plan.PinClusterClass.ValueBool() || class == "" {
		return
	}
	classes, err := r.Data.Classes(ctx)
	if err != nil {
		tflog.Debug(ctx, "the class is not checked at plan", map[string]any{"error": err.Error()})
		return
	}
	if problem := outsideWindow(class, plan.KubernetesVersion.ValueString(), classes); problem != "" {
		to.AddAttributeError(path.Root("pin_cluster_class"), "Pinned ClusterClass does not take the version", plan.who()+"\n\n"+problem)
	}
}

func outsideWindow(class, version string, classes []supervisor.Class) string {
	at := slices.IndexFunc(classes, func(c supervisor.Class) bool { return c.Name == class })
	if at < 0 {
		return ""
	}
	c := classes[at]
	low, high := c.Lowest != "" && release.Minors(version, c.Lowest) < 0, c.Highest != "" && release.Minors(version, c.Highest) > 0
	if !low && !high {
		return ""
	}
	text := fmt.Sprintf("%s is for Kubernetes %s to %s, and kubernetes_version is %q.", c.Name, c.Lowest, c.Highest, version)
	told := slices.DeleteFunc(slices.Clone(classes), func(c supervisor.Class) bool { return c.Highest == "" })
	if better := defaultClass(told, version); high && better != class && outsideWindow(better, version, classes) == "" {
		text += fmt.Sprintf(" Set cluster_class = %q, or pin_cluster_class = false, which lets the class follow the version.", better)
	}
	return text
}

// fullyKnown reports whether nothing inside of a value is open.
func fullyKnown(ctx context.Context, value attr.Value) bool {
	raw, err := value.ToTerraformValue(ctx)
	return err == nil && raw.IsFullyKnown()
}

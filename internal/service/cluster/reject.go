package cluster

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/domain/release"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// patience is how long a rejection that may pass is answered with another try.
const patience = 5 * time.Minute

// unresolved is what VKS says when no release or OS image matches. OS images
// arrive minutes after their release, so that it may pass.
const unresolved = "Could not resolve KR/OSImage"

// stillUpgrading is what Cluster API says of a new version while machines are on
// their way to the one before. The end of that is seen late by its conditions.
const stillUpgrading = "version cannot be changed"

// passing reports whether a rejection is of the platform's own making: a
// webhook that is not there at the moment, images that still arrive.
func passing(err error) bool {
	if errors.Is(err, fault.Transient) || errors.Is(err, fault.Conflict) {
		return true
	}
	return errorHas(err, "failed calling webhook", "failed to call webhook", unresolved, stillUpgrading)
}

func errorHas(err error, words ...string) bool {
	for _, w := range words {
		if strings.Contains(err.Error(), w) {
			return true
		}
	}
	return false
}

// persist writes with again, and writes again while a rejection may pass.
func persist(ctx context.Context, client api, spec supervisor.ClusterSpec, told func(string, time.Duration), write func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var last error
	err := wait.For(bounded, wait.Options{What: "the Supervisor to accept the cluster", Min: 2 * time.Second, Max: 15 * time.Second, Progress: told},
		func(ctx context.Context) (wait.Status, error) {
			err := write(ctx)
			if err == nil || !passing(err) || hopeless(ctx, client, spec, err) {
				last = nil
				return wait.Status{Done: err == nil}, err
			}
			last = err
			return wait.Status{Progress: "rejected for now: " + firstLine(err)}, nil
		})
	var timeout *wait.TimeoutError
	if last != nil && errors.As(err, &timeout) {
		err = last
	}
	return explain(ctx, client, spec, err)
}

// hopeless: no release of the Supervisor is what was asked for, so that none
// of its images will arrive.
func hopeless(ctx context.Context, client api, spec supervisor.ClusterSpec, err error) bool {
	if !errorHas(err, unresolved) {
		return false
	}
	names, listed := releaseNames(ctx, client)
	return listed == nil && !release.Satisfies(spec.Version, names...)
}

// advice for rejections that say too little, by what they say, in whatever case.
// VKS does not publish its messages: what is known of them are a few words.
var advice = []struct {
	says   *regexp.Regexp
	advice string
}{
	{when("Multiple OSImages resolved"), "More than one OS image matches. Say more in os_image: its version, or selector such as { content-library = \"...\" }."},
	{when("variable is not defined"), "The ClusterClass does not know the variable: another class has other variables. If the VKS service on the Supervisor was upgraded within the last hour, apply again later: " +
		"until its classes are reconciled, this is said of variables that exist (" + layerText(wait.LayerSupervisor) + ")."},
	{when(conditionChecks), checksAdvice + " (" + layerText(wait.LayerCluster) + ")"},
	{when(conditionAddons), addonsAdvice + " (" + layerText(wait.LayerCluster) + ")"},
	{when("spec.clusterNetwork is immutable"), networkAdvice},
	{when("field not declared in schema"), "The Cluster API of this Supervisor is too old for that field. Remove the attribute that sets it, or upgrade vSphere Kubernetes Service (" + layerText(wait.LayerSupervisor) + ")."},
	{when("MachineTaintPropagation is disabled"), "This Supervisor does not have taints of Cluster API. Remove machine_taints, and use taints of the pool or the variable node, which are of the ClusterClass."},
	{when(stillUpgrading), "An upgrade of this cluster is still under way, or a hook holds it. Apply again when TopologyReconciled is true (" + layerText(wait.LayerSupervisor) + ")."},
	{when("version cannot be increased"), "Only one minor version at a time can be upgraded."},
	{when("version cannot be decreased"), "A cluster cannot go back to an older version."},
	{when("failed calling webhook"), "An admission webhook on the Supervisor did not answer for minutes (" + layerText(wait.LayerSupervisor) + "). Its owner has to look at it; then apply again."},
	// Last, as they are the least sure of what they find.
	{when(`(virtual ?machine|vm) ?class[^;\n]*\b(not|namespace)\b`), "Add the class to vm_classes of the vSphere Namespace (" + layerText(wait.LayerNamespace) + ")."},
	{when(`storage ?class[^;\n]*\b(not|namespace)\b`), "Add the policy to storage_policies of the vSphere Namespace (" + layerText(wait.LayerNamespace) + ")."},
}

func when(pattern string) *regexp.Regexp { return regexp.MustCompile("(?i)" + pattern) }

func layerText(l wait.Layer) string { return "layer: " + string(l) }

// explain adds what can be done about a rejection.
func explain(ctx context.Context, client api, spec supervisor.ClusterSpec, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Advice != "" {
		return err
	}
	explained := *f
	switch {
	case f.Kind == fault.NotFound && strings.Contains(f.Said(), "namespaces"):
		explained.Kind = fault.Invalid // it must not read as "the cluster is gone"
		explained.Message = "the vSphere Namespace " + spec.Namespace + " does not exist on this Supervisor (" + f.Said() + ")"
		explained.Advice = "Create it with vks_namespace, and refer to its name here (namespace = vks_namespace.example.name) so that it comes first. Layer: " + string(wait.LayerNamespace) + "."
		return &explained
	case strings.Contains(f.Said(), unresolved):
		explained.Advice = releaseAdvice(ctx, client)
		return &explained
	}
	for _, a := range advice {
		if a.says.MatchString(f.Said()) {
			explained.Advice = a.advice
			return &explained
		}
	}
	return err
}

func releaseAdvice(ctx context.Context, client api) string {
	text := "No release (or no OS image of it) is what kubernetes_version and os_image ask for."
	if names, err := releaseNames(ctx, client); err == nil && len(names) > 0 {
		text += " The Supervisor has: " + strings.Join(names, ", ") + "."
	}
	return text
}

func releaseNames(ctx context.Context, client api) ([]string, error) {
	releases, err := client.Releases(ctx)
	names := make([]string, 0, len(releases))
	for _, r := range releases {
		names = append(names, r.Name)
	}
	return names, err
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	if len(line) > 200 {
		line = line[:200] + "…"
	}
	return line
}

package cluster

import (
	"strings"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

func releaseNamed(name string, ready, compatible bool, problem string) supervisor.Release {
	version := strings.Replace(name, "---", "+", 1)
	kubernetes, _, _ := strings.Cut(version, "-vkr")
	return supervisor.Release{Name: name, Version: version, Kubernetes: kubernetes, Ready: ready, Compatible: compatible, Problem: problem}
}

func TestChooseRelease(t *testing.T) {
	t.Parallel()
	releases := []supervisor.Release{
		releaseNamed("v1.34.10---vmware.1-vkr.1", true, true, ""),
		releaseNamed("v1.34.2---vmware.2-vkr.2", true, true, ""),
		releaseNamed("v1.34.11---vmware.1-vkr.1", false, true, "images are missing"),
		releaseNamed("v1.35.1---vmware.1-vkr.1", false, true, "images are missing"),
		releaseNamed("v1.36.1---vmware.4-vkr.5", false, false, "needs a newer VKS service"),
	}
	for asked, c := range map[string]struct {
		want    string
		problem []string
	}{
		"v1.34":                    {want: "v1.34.10---vmware.1-vkr.1"},
		"1.34.2":                   {want: "v1.34.2---vmware.2-vkr.2"},
		"v1.34.2+vmware.2":         {want: "v1.34.2---vmware.2-vkr.2"},
		"v1.34.2+vmware.2-vkr.2":   {want: "v1.34.2---vmware.2-vkr.2"},
		"v1.34.2---vmware.2-vkr.2": {want: "v1.34.2---vmware.2-vkr.2"},
		"v1.34.2+vmware.2-vkr.9":   {problem: []string{"No Kubernetes release", "v1.34.2---vmware.2-vkr.2, v1.34.10---vmware.1-vkr.1."}},
		"v1.99":                    {problem: []string{"No Kubernetes release"}},
		"v1.35":                    {problem: []string{"v1.35.1---vmware.1-vkr.1", "not ready (images are missing)"}},
		"v1.36":                    {problem: []string{"v1.36.1---vmware.4-vkr.5", "not compatible (needs a newer VKS service)", "VKS service on the Supervisor"}},
	} {
		usable, problem := chooseReleases(asked, releases)
		name := ""
		if len(usable) > 0 {
			name = usable[0].Name
		}
		if name != c.want || (problem == "") != (c.problem == nil) {
			t.Errorf("%s: got %q, %q", asked, name, problem)
		}
		for _, want := range c.problem {
			if !strings.Contains(problem, want) {
				t.Errorf("%s: %q is missing in %q", asked, want, problem)
			}
		}
	}
	if _, problem := chooseReleases("v1.34", nil); !strings.Contains(problem, "none that can be used") {
		t.Errorf("got %q", problem)
	}
}

// The platform takes the newest release that has an image for every part.
func TestJudgeImagesOfReleases(t *testing.T) {
	t.Parallel()
	image := func(name, os, version string) supervisor.OSImage {
		return supervisor.OSImage{Name: name, Labels: map[string]string{"os-name": os, "os-version": version}}
	}
	images := []supervisor.OSImage{image("new-photon", "photon", "5"), image("new-ubuntu", "ubuntu", "24.04"), image("old-photon", "photon", "5"), image("old-ubuntu", "ubuntu", "22.04")}
	candidates := []supervisor.Release{{Name: "new", Images: []string{"new-photon", "new-ubuntu"}}, {Name: "old", Images: []string{"old-photon", "old-ubuntu"}}}
	for name, c := range map[string]struct {
		selectors []string
		want      map[int]string
	}{
		"the newest has all":       {selectors: []string{"os-name=photon", "os-name=ubuntu"}},
		"an older one has all":     {selectors: []string{"os-name=photon", "os-version=22.04"}},
		"none has all":             {selectors: []string{"os-version=24.04", "os-version=22.04"}, want: map[int]string{1: "No OS image of new"}},
		"none has any: the newest": {selectors: []string{"os-name=rhel"}, want: map[int]string{0: "No OS image of new"}},
	} {
		var asked []askedImage
		for _, selector := range c.selectors {
			asked = append(asked, askedImage{selector: selector})
		}
		got := judgeImages(candidates, images, asked)
		if len(got) != len(c.want) {
			t.Errorf("%s: got %v", name, got)
		}
		for at, want := range c.want {
			if !strings.HasPrefix(got[at], want) {
				t.Errorf("%s: got %v", name, got)
			}
		}
	}
}

func TestJudgeImages(t *testing.T) {
	t.Parallel()
	image := func(name, os, version, library string) supervisor.OSImage {
		return supervisor.OSImage{Name: name, Labels: map[string]string{"os-name": os, "os-version": version, "content-library": library}}
	}
	all := []supervisor.OSImage{
		image("a", "photon", "5", "cl-1"), image("b", "ubuntu", "22.04", "cl-1"), image("c", "ubuntu", "24.04", "cl-1"), image("d", "ubuntu", "24.04", "cl-2"),
		image("other", "rhel", "9", "cl-1"),
	}
	complete := imagesOf(supervisor.Release{Name: "v1.34", Images: []string{"a", "b", "c", "d"}}, all)
	arriving := imagesOf(supervisor.Release{Name: "v1.34", Images: []string{"a", "b", "z"}}, all)
	unlisted := imagesOf(supervisor.Release{Name: "v1.34"}, all)
	for name, c := range map[string]struct {
		of       releaseImages
		selector string
		want     []string
	}{
		"one":                    {of: complete, selector: "os-name=photon"},
		"one of many":            {of: complete, selector: "os-name=ubuntu,os-version=24.04,content-library=cl-2"},
		"with a space":           {of: complete, selector: "os-name=ubuntu, os-version=22.04"},
		"nothing asked for":      {of: complete},
		"none":                   {of: complete, selector: "os-name=windows", want: []string{"No OS image of v1.34", "os-name=photon, os-version=5"}},
		"of another release":     {of: complete, selector: "os-name=rhel", want: []string{"No OS image"}},
		"several":                {of: complete, selector: "os-name=ubuntu", want: []string{"3 OS images", "os-version=22.04", "os-version=24.04", "must be one"}},
		"several libraries":      {of: complete, selector: "os-name=ubuntu,os-version=24.04", want: []string{"2 OS images", "content-library=cl-1", "content-library=cl-2"}},
		"not arrived yet":        {of: arriving, selector: "os-name=windows"},
		"a release lists none":   {of: unlisted, selector: "os-name=windows"},
		"several while arriving": {of: imagesOf(supervisor.Release{Name: "v1.34", Images: []string{"b", "c", "z"}}, all), selector: "os-name=ubuntu", want: []string{"2 OS images"}},
	} {
		got := c.of.judge(c.selector)
		if (got == "") != (c.want == nil) {
			t.Errorf("%s: got %q", name, got)
		}
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is missing in %q", name, want, got)
			}
		}
	}
}

func TestOutsideWindow(t *testing.T) {
	t.Parallel()
	classes := []supervisor.Class{
		{Name: "builtin-generic-v3.6.0", Lowest: "v1.32", Highest: "v1.35"}, {Name: "builtin-generic-v3.4.0", Lowest: "v1.29", Highest: "v1.33"}, {Name: "builtin-generic-v3.1.0"},
	}
	for name, c := range map[string]struct {
		class, version, want, deny string
	}{
		"inside":         {class: "builtin-generic-v3.4.0", version: "v1.33.6+vmware.1"},
		"too new":        {class: "builtin-generic-v3.4.0", version: "v1.34", want: `is for Kubernetes v1.29 to v1.33, and kubernetes_version is "v1.34". Set cluster_class = "builtin-generic-v3.6.0"`},
		"none takes it":  {class: "builtin-generic-v3.4.0", version: "v1.99", want: "v1.29 to v1.33", deny: "Set cluster_class"},
		"too old":        {class: "builtin-generic-v3.6.0", version: "v1.31", want: "v1.32 to v1.35", deny: "Set cluster_class"},
		"says nothing":   {class: "builtin-generic-v3.1.0", version: "v1.34"},
		"class of users": {class: "my-class", version: "v1.34"},
	} {
		got := outsideWindow(c.class, c.version, classes)
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) || c.deny != "" && strings.Contains(got, c.deny) {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

package release_test

import (
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/domain/release"
)

func TestSatisfiedBy(t *testing.T) {
	t.Parallel()
	const kubernetes, name = "v1.33.1+vmware.1-fips", "v1.33.1---vmware.1-fips-vkr.2"
	for asked, want := range map[string]bool{
		"v1.33":                         true,
		"1.33":                          true,
		"v1.33.1":                       true,
		"v1.33.1+vmware.1":              true,
		"v1.33.1+vmware.1-fips":         true,
		"v1.33.1+vmware.1-fips-vkr.2":   true,
		"v1.33.1---vmware.1-fips-vkr.2": true,
		"v1.33.1+vmware.1-fips-vkr.3":   false,
		"v1.3":                          false,
		"v1.33.10":                      false,
		"v1.34":                         false,
		"":                              false,
	} {
		if got := release.SatisfiedBy(asked, kubernetes, name); got != want {
			t.Errorf("SatisfiedBy(%q) = %v, want %v", asked, got, want)
		}
	}
	if !release.SatisfiedBy("v1.33.1+vmware.1-fips-vkr.2", kubernetes, "") {
		t.Error("a suffix cannot be judged without the release's name")
	}
}

func TestOlderAndMinors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		asked, running string
		older          bool
		minors         int
	}{
		{"v1.33", "v1.33.4+vmware.1", false, 0},
		{"v1.33.1", "v1.33.4+vmware.1", true, 0},
		{"v1.32", "v1.33.4+vmware.1", true, -1},
		{"v1.34", "v1.33.4+vmware.1", false, 1},
		{"v1.35", "v1.33.4+vmware.1", false, 2},
		{"v1.33.4+vmware.1-fips", "v1.33.4+vmware.2-fips", false, 0},
		{"", "v1.33.4", false, 0},
	} {
		if got := release.Older(c.asked, c.running); got != c.older {
			t.Errorf("Older(%q, %q) = %v", c.asked, c.running, got)
		}
		if got := release.Minors(c.asked, c.running); got != c.minors {
			t.Errorf("Minors(%q, %q) = %d, want %d", c.asked, c.running, got, c.minors)
		}
	}
}

func TestSameOrNewerClass(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		live, wanted string
		want         bool
	}{
		{"builtin-generic-v3.7.0", "builtin-generic-v3.6.0", true},
		{"builtin-generic-v3.10.0", "builtin-generic-v3.6.0", true},
		{"builtin-generic-v3.6.0", "builtin-generic-v3.6.0", true},
		{"builtin-generic-v3.5.0", "builtin-generic-v3.6.0", false},
		{"custom-v3.7.0", "builtin-generic-v3.6.0", false},
		{"tanzukubernetescluster", "tanzukubernetescluster", true},
		{"builtin-generic-v3.1.0", "tanzukubernetescluster", true},
		{"builtin-generic-v3.7.0", "tanzukubernetescluster", true},
		{"tanzukubernetescluster", "builtin-generic-v3.1.0", false},
		{"custom-v3.1.0", "tanzukubernetescluster", false},
	} {
		if got := release.SameOrNewerClass(c.live, c.wanted); got != c.want {
			t.Errorf("SameOrNewerClass(%q, %q) = %v", c.live, c.wanted, got)
		}
	}
}

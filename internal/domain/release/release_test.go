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

func TestCompareClasses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a, b string
		want int
	}{
		"newer":               {"builtin-generic-v3.10.0", "builtin-generic-v3.7.0", 1},
		"older":               {"builtin-generic-v3.4.0", "builtin-generic-v3.6.0", -1},
		"same":                {"builtin-generic-v3.4.0", "other-v3.4.0", 0},
		"no version":          {"tanzukubernetescluster", "builtin-generic-v3.1.0", -1},
		"a number is no such": {"my-class-9", "builtin-generic-v3.1.0", -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := release.CompareClasses(c.a, c.b); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestInWindow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		version, lowest, highest string
		want                     bool
	}{
		"in it":               {"v1.33", "v1.32", "v1.35", true},
		"its lowest":          {"v1.32.10+vmware.1-fips", "v1.32", "v1.35", true},
		"its highest":         {"v1.35.2---vmware.1-vkr.3", "v1.32", "v1.35", true},
		"too old":             {"v1.31", "v1.32", "v1.35", false},
		"too new":             {"v1.36", "v1.32", "v1.35", false},
		"no end is told":      {"v1.99", "", "", true},
		"only one is told":    {"v1.31", "v1.32", "", false},
		"nine is before ten":  {"v1.9", "v1.10", "v1.12", false},
		"a patch is no minor": {"v1.35.99", "v1.32", "v1.35.1", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := release.InWindow(c.version, c.lowest, c.highest); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
}

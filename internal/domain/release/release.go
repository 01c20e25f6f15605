// Package release knows how VKS spells versions: of Kubernetes releases and of
// ClusterClasses. It is pure: it imports the standard library only.
package release

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Normal is a version in one spelling: with a leading v, and with the plus that
// names of KubernetesRelease objects write as "---".
func Normal(version string) string {
	version = strings.Replace(strings.TrimSpace(version), "---", "+", 1)
	if version != "" && version[0] >= '0' && version[0] <= '9' {
		version = "v" + version
	}
	return version
}

// Satisfies reports whether one of the spellings of what a cluster runs is what
// was asked for. A request is a prefix that ends where a part ends (v1.33 means
// v1.33.1+vmware.1, v1.3 does not), or longer than the Kubernetes version by
// the suffix of the release (-vkr.2).
func Satisfies(asked string, running ...string) bool {
	asked = Normal(asked)
	if asked == "" {
		return false
	}
	for _, r := range running {
		if prefixOf(asked, Normal(r)) {
			return true
		}
	}
	return false
}

// SatisfiedBy is Satisfies for a cluster: the Kubernetes version in its
// topology and the name of its release, which says more and may be unknown.
func SatisfiedBy(asked, kubernetes, releaseName string) bool {
	if Satisfies(asked, kubernetes, releaseName) {
		return true
	}
	// Without the name of the release, its suffix cannot be judged.
	return releaseName == "" && kubernetes != "" && prefixOf(Normal(kubernetes), Normal(asked))
}

func prefixOf(prefix, version string) bool {
	rest, ok := strings.CutPrefix(version, prefix)
	return ok && (rest == "" || strings.ContainsRune(".+-", rune(rest[0])))
}

var digits = regexp.MustCompile(`\d+`)

// Older reports whether asked is before running, as far as both say:
// v1.33 is not older than v1.33.4, v1.33.1 and v1.32 are.
func Older(asked, running string) bool {
	a, r := numbers(asked), numbers(running)
	n := min(len(a), len(r), 3) // major, minor, patch; builds are the platform's choice
	return n > 0 && slices.Compare(a[:n], r[:n]) < 0
}

// Minors is how many minor versions asked is ahead of running; 0 when either
// does not say.
func Minors(asked, running string) int {
	a, r := numbers(asked), numbers(running)
	if len(a) < 2 || len(r) < 2 || a[0] != r[0] {
		return 0
	}
	return a[1] - r[1]
}

// Compare orders versions by the numbers in them, which is their age:
// v1.34.2+vmware.2-vkr.2 is (1, 34, 2, 2, 2).
func Compare(a, b string) int {
	return slices.CompareFunc(numbers(a), numbers(b), cmp.Compare[int])
}

// SameOrNewerClass reports whether the ClusterClass live is wanted or a newer
// one of its family: builtin-generic-v3.7.0 for builtin-generic-v3.6.0.
func SameOrNewerClass(live, wanted string) bool {
	if live == wanted {
		return true
	}
	liveFamily, liveVersion, ok := cutClass(live)
	wantedFamily, wantedVersion, ok2 := cutClass(wanted)
	return ok && ok2 && liveFamily == wantedFamily && Compare(liveVersion, wantedVersion) >= 0
}

// CompareClasses orders ClusterClasses by the version in their names; those
// without one come before all others. It is 0 for those of one version.
func CompareClasses(a, b string) int {
	_, aVersion, _ := cutClass(a)
	_, bVersion, _ := cutClass(b)
	return Compare(aVersion, bVersion)
}

// InWindow reports whether a class that takes versions from lowest to highest
// takes version, as far as minor versions say it. An end that is not told is open.
func InWindow(version, lowest, highest string) bool {
	return Minors(version, lowest) >= 0 && Minors(version, highest) <= 0
}

var classVersion = regexp.MustCompile(`^(.+)-(v\d+(?:\.\d+)*)$`)

// firstClass is the built-in class that had no generation in its name. VKS 3.5
// moved its clusters to builtin-generic-v3.1.0, which is the same.
const firstClass = "tanzukubernetescluster"

func cutClass(class string) (family, version string, ok bool) {
	if class == firstClass {
		return "builtin-generic", "v3", true
	}
	m := classVersion.FindStringSubmatch(class)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

func numbers(v string) []int {
	var out []int
	for _, d := range digits.FindAllString(v, -1) {
		n, err := strconv.Atoi(d)
		if err != nil {
			return out
		}
		out = append(out, n)
	}
	return out
}

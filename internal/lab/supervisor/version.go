package supervisor

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A KubernetesRelease is asked for in many spellings: a prefix (v1.33), the
// Kubernetes version (v1.33.1+vmware.1-fips), the release's version
// (v1.33.1+vmware.1-fips-vkr.2) or its object name, with --- in place of the
// plus.

// normalVersion turns an object name into the spelling of versions.
func normalVersion(v string) string {
	return strings.Replace(strings.TrimSpace(v), "---", "+", 1)
}

// satisfies says whether a release's version starts with what is asked for, at
// the end of a part: v1.3 does not mean v1.33.
func satisfies(version, asked string) bool {
	rest, ok := strings.CutPrefix(version, asked)
	if !ok || asked == "" {
		return false
	}
	return rest == "" || strings.ContainsRune(".+-", rune(rest[0]))
}

var digits = regexp.MustCompile(`\d+`)

// compareVersions orders versions by the numbers in them, which for VMware's
// spellings is their age: v1.34.2+vmware.2-vkr.2 is (1, 34, 2, 2, 2).
func compareVersions(a, b string) int {
	return slices.CompareFunc(numbers(a), numbers(b), cmp.Compare[int])
}

func numbers(v string) []int {
	var out []int
	for _, d := range digits.FindAllString(v, -1) {
		n, _ := strconv.Atoi(d)
		out = append(out, n)
	}
	return out
}

// minorOf is the 33 of v1.33.1+vmware.1.
func minorOf(version string) int {
	if n := numbers(version); len(n) > 1 {
		return n[1]
	}
	return 0
}

package contract

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Release is a version of the API, such as 8.0.2.0 or 7.0.2.00100. The zero value is older than all others.
type Release [4]int

// ParseRelease reads one; parts that are missing are zero.
func ParseRelease(text string) (Release, error) {
	var r Release
	parts := strings.Split(text, ".")
	if len(parts) > len(r) {
		return r, fmt.Errorf("release %q has too many parts", text)
	}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil {
			return r, fmt.Errorf("release %q: %w", text, err)
		}
		r[i] = n
	}
	return r, nil
}

// since reads when something was added. What has no such mark has always been there.
func since(text string) (Release, error) {
	text, _, _ = strings.Cut(text, " ") // "7.0 (/api)"
	if text == "" {
		return Release{}, nil
	}
	return ParseRelease(text)
}

// Before says whether r is older.
func (r Release) Before(other Release) bool {
	for i := range r {
		if r[i] != other[i] {
			return r[i] < other[i]
		}
	}
	return false
}

func (r Release) String() string { return fmt.Sprintf("%d.%d.%d.%d", r[0], r[1], r[2], r[3]) }

// For gives the description as it was in a release: what came later is unknown in it. A release before 8.0 is compared
// with the description that was published for 7.0.3 as well, which says what has changed since.
func (s *Schemas) For(version string) (*Schemas, error) {
	if s == nil {
		return nil, nil //nolint:nilnil // a nil *Schemas is the checker that checks nothing
	}
	at, err := ParseRelease(version)
	if err != nil {
		return nil, err
	}
	of := *s
	of.at = at
	if !at.Before(Release{8}) {
		of.old = nil
	}
	return &of, nil
}

// addedIn finds the release in the description of a constant.
var addedIn = regexp.MustCompile(`added in __vSphere API ([0-9.]+)__`)

// possibleValue finds the constants of an enumeration, which the description has in prose only.
var possibleValue = regexp.MustCompile("- `([A-Z][A-Z0-9_]*)`:")

// enumOf reads the constants out of the description of a property, each with the release that it came with.
func enumOf(description string) (map[string]Release, error) {
	_, values, ok := strings.Cut(description, "Possible values:")
	if !ok {
		return nil, nil
	}
	found := possibleValue.FindAllStringSubmatchIndex(values, -1)
	if len(found) == 0 {
		return nil, nil
	}
	enum := map[string]Release{}
	for i, m := range found {
		end := len(values)
		if i+1 < len(found) {
			end = found[i+1][0]
		} else if more := strings.Index(values[m[1]:], "For more information see:"); more >= 0 {
			end = m[1] + more // what follows is about the property
		}
		var added Release
		if in := addedIn.FindStringSubmatch(values[m[1]:end]); in != nil {
			var err error
			if added, err = since(in[1]); err != nil {
				return nil, err
			}
		}
		enum[values[m[2]:m[3]]] = added
	}
	return enum, nil
}

package vcenter

import (
	"fmt"
	"strconv"
	"strings"
)

// version is that of the vSphere API, such as 8.0.2.0.
type version [4]int

// What came with which release.
var (
	v7    = version{7, 0, 0, 0}
	v702  = version{7, 0, 2, 0}
	v8001 = version{8, 0, 0, 1}
	v802  = version{8, 0, 2, 0}
	v803  = version{8, 0, 3, 0}
	v9    = version{9, 0, 0, 0}
	v91   = version{9, 1, 0, 0}
)

func parseVersion(s string) (version, error) {
	var v version
	parts := strings.Split(s, ".")
	if len(parts) > len(v) {
		return v, fmt.Errorf("version %q has too many parts", s)
	}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil {
			return v, fmt.Errorf("version %q: %w", s, err)
		}
		v[i] = n
	}
	return v, nil
}

func (v version) atLeast(other version) bool {
	for i := range v {
		if v[i] != other[i] {
			return v[i] > other[i]
		}
	}
	return true
}

// release is the version as the SOAP side tells it, with three parts.
func (v version) release() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

func (v version) String() string { return fmt.Sprintf("%d.%d.%d.%d", v[0], v[1], v[2], v[3]) }

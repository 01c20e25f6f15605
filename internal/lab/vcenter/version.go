package vcenter

import (
	"fmt"

	"github.com/vksops/terraform-provider-vks/internal/lab/contract"
)

// version is that of the vSphere API, such as 8.0.2.0.
type version contract.Release

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
	v, err := contract.ParseRelease(s)
	return version(v), err
}

func (v version) atLeast(other version) bool {
	return !contract.Release(v).Before(contract.Release(other))
}

// release is the version as the SOAP side tells it, with three parts.
func (v version) release() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

func (v version) String() string { return contract.Release(v).String() }

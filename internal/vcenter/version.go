package vcenter

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// Version is that of the vSphere API, such as 8.0.2.0.
type Version [4]int

// What came with which release.
var (
	// Version701 has workload networks that a namespace can choose.
	Version701 = Version{7, 0, 1, 0}
	// Version702 has VM classes, content libraries, owners and networks of their own for namespaces.
	Version702 = Version{7, 0, 2, 0}
	// Version8001 has external identity providers.
	Version8001 = Version{8, 0, 0, 1}
	// Version802 has content libraries with settings.
	Version802 = Version{8, 0, 2, 0}
	// Version9 has zones of namespaces, and VPCs.
	Version9 = Version{9, 0, 0, 0}
	// Version91 has several workload networks, and shared subnets.
	Version91 = Version{9, 1, 0, 0}
)

// AtLeast reports whether v has what came with other.
func (v Version) AtLeast(other Version) bool {
	for i := range v {
		if v[i] != other[i] {
			return v[i] > other[i]
		}
	}
	return true
}

// String gives all four parts: "8.0.2.0".
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d.%d", v[0], v[1], v[2], v[3]) }

// Release gives what people call it: "9.0", "8.0.2".
func (v Version) Release() string {
	if v[2] == 0 {
		return fmt.Sprintf("%d.%d", v[0], v[1])
	}
	return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2])
}

// Version asks vCenter for its version, in one request for the life of the
// client. It needs no privilege and no login.
func (c *Client) Version(ctx context.Context) (Version, error) {
	return c.version.get(ctx, func(ctx context.Context) (Version, error) {
		client, err := c.vimConnect(ctx)
		if err != nil {
			return Version{}, err
		}
		text := client.ServiceContent.About.ApiVersion
		version, err := parseVersion(text)
		if err != nil {
			return version, &fault.Error{Kind: fault.Unknown, Op: "read the version", Where: c.where, Message: "vCenter calls it " + strconv.Quote(text), Err: err}
		}
		return version, nil
	})
}

func parseVersion(text string) (Version, error) {
	var v Version
	for i, part := range strings.SplitN(text, ".", len(v)+1) {
		if i == len(v) {
			break
		}
		n, err := strconv.Atoi(part)
		if err != nil {
			return v, err
		}
		v[i] = n
	}
	return v, nil
}

// vimConnect gives a connection to the SOAP side without a session.
func (c *Client) vimConnect(ctx context.Context) (*vim25.Client, error) {
	address := c.base
	address.Path = vim25.Path
	connection := soap.NewClient(&address, c.config.Insecure)
	connection.Transport = c.http.Transport // trust, limits and the pool are those of the REST side
	connection.UserAgent = c.config.UserAgent
	client, err := vim25.NewClient(ctx, connection)
	if err != nil {
		return nil, vimError("connect", c.where, err)
	}
	return client, nil
}

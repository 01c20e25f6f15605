package vcenter

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// AccessInfo is what one principal may do in a namespace.
type AccessInfo struct {
	// Role is VIEW, EDIT or OWNER.
	Role             string `json:"role"`
	IdentityProvider string `json:"identity_provider"`
	// Inherited grants come with the system: they are not the namespace's own,
	// and cannot be taken away there.
	Inherited bool `json:"inherited"`
}

type accessWire struct {
	Role             string `json:"role"`
	IdentityProvider string `json:"identity_provider,omitempty"`
}

// Access reads one grant; only the principal in who matters. A principal
// without access is fault.NotFound, and so is a namespace that does not exist.
//
// https://developer.broadcom.com/xapis/vsphere-automation-api/latest/api/vcenter/namespaces/instances/namespace/access/domain/subject/get/
func (c *Client) Access(ctx context.Context, namespace string, who Access) (AccessInfo, error) {
	var info AccessInfo
	r := accessCall("read", http.MethodGet, namespace, who)
	r.into = &info
	return info, noAccess(c.do(ctx, r))
}

// GrantAccess gives access to a principal that has none; fault.AlreadyExists
// where it has.
func (c *Client) GrantAccess(ctx context.Context, namespace string, grant Access) error {
	r := accessCall("grant", http.MethodPost, namespace, grant)
	r.body = accessWire{Role: grant.Role, IdentityProvider: grant.IdentityProvider}
	return c.do(ctx, r)
}

// SetAccess changes a grant. A principal without access is fault.NotFound.
func (c *Client) SetAccess(ctx context.Context, namespace string, grant Access) error {
	r := accessCall("change", http.MethodPut, namespace, grant)
	r.body = accessWire{Role: grant.Role, IdentityProvider: grant.IdentityProvider}
	err := c.do(ctx, r)
	if grant.Role == "OWNER" && grant.IdentityProvider != "" {
		return err // the same answer says that such an owner cannot be
	}
	return noAccess(err)
}

// RevokeAccess takes a grant away. A principal without access is fault.NotFound.
func (c *Client) RevokeAccess(ctx context.Context, namespace string, grant Access) error {
	return noAccess(c.do(ctx, accessCall("revoke", http.MethodDelete, namespace, grant)))
}

func accessCall(verb, method, namespace string, a Access) call {
	return call{
		op:     verb + " access of " + a.Principal + "@" + a.Domain + " to namespace " + namespace,
		method: method,
		path:   namespacePath(namespace) + "/access/" + url.PathEscape(a.Domain) + "/" + url.PathEscape(a.Principal),
		query:  url.Values{"type": {a.Type}},
	}
}

// noAccess: of a principal without access vCenter says 400 UNSUPPORTED, since
// its 404 is about the namespace.
func noAccess(err error) error {
	var f *fault.Error
	if errors.As(err, &f) && f.Code == "UNSUPPORTED" {
		none := *f
		none.Kind = fault.NotFound
		return &none
	}
	return err
}

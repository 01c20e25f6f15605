package vcenter

import (
	"context"
	"net/url"
	"sync"

	vimsession "github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vksops/terraform-provider-vks/internal/transport"
)

// vimSession is the SOAP side of a Client: the inventory has no other API. It
// logs in on first use, once for all callers, and again when vCenter has
// dropped the session.
type vimSession struct {
	mu      sync.Mutex
	current *vimLogin
	// calls are in flight: a logout waits for them, since the session is theirs.
	calls sync.WaitGroup

	// What was read, and for how long it is believed: see inventory_age.go.
	compute  once[[]ComputeCluster]
	machines once[[]VM]
	pools    once[namespacePools]
}

// vimLogin is one session.
type vimLogin struct {
	client  *vim25.Client
	manager *vimsession.Manager
}

// vimRead calls f, which only reads, with a session, and once more after a new
// login when the session has expired. SOAP reads by POST: the transport is told
// that it may repeat those.
func (c *Client) vimRead(ctx context.Context, op string, f func(context.Context, *vim25.Client) error) error {
	ctx = transport.Repeatable(ctx)
	expired, err := c.vimTry(ctx, op, f)
	if expired {
		_, err = c.vimTry(ctx, op, f)
	}
	return err
}

// vimTry calls f once, and reports whether it failed because the session is gone.
func (c *Client) vimTry(ctx context.Context, op string, f func(context.Context, *vim25.Client) error) (expired bool, err error) {
	login, err := c.vimLogin(ctx)
	if err != nil {
		return false, err
	}
	c.vim.calls.Add(1)
	err = f(ctx, login.client)
	c.vim.calls.Done()
	if err == nil {
		return false, nil
	}
	if _, expired = vimFault(err).(*types.NotAuthenticated); expired {
		c.vim.forget(login)
	}
	return expired, vimError(op, c.where, err)
}

// vimLogin gives the session, and logs in when there is none.
func (c *Client) vimLogin(ctx context.Context) (*vimLogin, error) {
	v := &c.vim
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.current != nil {
		return v.current, nil
	}
	if err := c.Refused(ctx); err != nil {
		return nil, err
	}
	client, err := c.vimConnect(ctx)
	if err != nil {
		return nil, err
	}
	login := &vimLogin{client: client, manager: vimsession.NewManager(client)}
	err = c.password.Send(ctx, func(ctx context.Context) error {
		err := login.manager.Login(ctx, url.UserPassword(c.config.Username, c.config.Password))
		return vimError("log in as "+c.config.Username, c.where, err)
	})
	if err != nil {
		return nil, c.unanswered("log in", err)
	}
	v.current = login
	return login, nil
}

// forget drops a session that is no longer good, unless another caller has
// replaced it already.
func (v *vimSession) forget(login *vimLogin) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.current == login {
		v.current = nil
	}
}

// vimLogout logs out, when a session was opened: vCenter allows only so many.
func (c *Client) vimLogout(ctx context.Context) error {
	v := &c.vim
	v.mu.Lock()
	login := v.current
	v.current = nil
	v.mu.Unlock()
	if login == nil {
		return nil
	}
	idle := make(chan struct{})
	go func() {
		v.calls.Wait()
		close(idle)
	}()
	select {
	case <-ctx.Done():
		return vimError("log out", c.where, ctx.Err())
	case <-idle:
	}
	err := login.manager.Logout(ctx)
	if _, gone := vimFault(err).(*types.NotAuthenticated); gone {
		return nil
	}
	return vimError("log out", c.where, err)
}

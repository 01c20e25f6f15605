package transport

import (
	"context"
	"errors"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// Password guards the posts of one password to one server. Five wrong ones lock
// an SSO account: the posts go one after the other, and one that was refused is
// the last.
type Password struct {
	turn    chan struct{}
	refused error
}

// NewPassword makes the guard of one password.
func NewPassword() *Password { return &Password{turn: make(chan struct{}, 1)} }

// Send calls login, unless the password was refused before. A login is a POST
// that does no harm twice, so it may be repeated; this is the only layer below
// a login that does that.
func (p *Password) Send(ctx context.Context, login func(context.Context) error) error {
	if err := p.lock(ctx); err != nil {
		return err
	}
	defer p.unlock()
	if p.refused != nil {
		return p.refused
	}
	err := login(Repeatable(ctx))
	if errors.Is(err, fault.Unauthenticated) {
		p.refused = err
	}
	return err
}

// Refused is the error of a login that was refused; nil where none was. It waits
// for a login that is on its way.
func (p *Password) Refused(ctx context.Context) error {
	if err := p.lock(ctx); err != nil {
		return err
	}
	defer p.unlock()
	return p.refused
}

func (p *Password) lock(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Password) unlock() { <-p.turn }

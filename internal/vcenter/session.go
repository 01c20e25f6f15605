package vcenter

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

const (
	sessionPath   = "/api/session"
	sessionHeader = "vmware-api-session-id"
	bodyLimit     = 64 << 20
)

// Refused is the error of a login that vCenter refused; nil where none was.
func (c *Client) Refused(ctx context.Context) error {
	if err := c.password.Refused(ctx); err != nil {
		return c.unanswered("log in", err)
	}
	return nil
}

// restSession is the REST session, opened on first use.
type restSession struct {
	client *Client
	flight singleflight.Group

	mu sync.Mutex
	id string
}

func newRESTSession(c *Client) *restSession { return &restSession{client: c} }

// current gives the session's id, after a login where there is none.
func (s *restSession) current(ctx context.Context) (string, error) {
	s.mu.Lock()
	id := s.id
	s.mu.Unlock()
	if id != "" {
		return id, nil
	}
	result := s.flight.DoChan("", func() (any, error) {
		// The login outlives the request that happened to ask first.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.client.limits().Longest())
		defer cancel()
		return s.login(ctx)
	})
	select {
	case <-ctx.Done():
		return "", s.client.unanswered("log in", ctx.Err())
	case r := <-result:
		id, _ := r.Val.(string)
		return id, r.Err
	}
}

// expired drops the session that a request was refused with, unless somebody
// was faster.
func (s *restSession) expired(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.id == id {
		s.id = ""
	}
}

func (s *restSession) login(ctx context.Context) (string, error) {
	s.mu.Lock()
	id := s.id
	s.mu.Unlock()
	if id != "" {
		return id, nil
	}
	err := s.client.password.Send(ctx, func(ctx context.Context) (err error) {
		id, err = s.post(ctx)
		return err
	})
	if err != nil {
		return "", s.client.unanswered("log in", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id = id
	return id, nil
}

// post makes the call of https://developer.broadcom.com/xapis/vsphere-automation-api/latest/cis/api/session/post/
func (s *restSession) post(ctx context.Context) (string, error) {
	c, op := s.client, "log in as "+s.client.config.Username
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address(sessionPath, nil), nil)
	if err != nil {
		return "", c.unanswered(op, err)
	}
	req.SetBasicAuth(c.config.Username, c.config.Password)
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return "", c.unanswered(op, err)
	}
	body, err := read(resp)
	if err != nil {
		return "", c.unanswered(op, err)
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return "", c.refused(op, resp.StatusCode, body)
	}
	var id string
	if err := json.Unmarshal(body, &id); err != nil || id == "" {
		return "", &fault.Error{Kind: fault.Unknown, Op: op, Where: c.where, Message: "the answer has no session id: is this a vCenter?", Err: err}
	}
	return id, nil
}

// close logs out, when there is a session.
func (s *restSession) close(ctx context.Context) error {
	s.mu.Lock()
	id := s.id
	s.id = ""
	s.mu.Unlock()
	if id == "" {
		return nil
	}
	c := s.client
	resp, body, err := c.send(ctx, call{op: "log out", method: http.MethodDelete, path: sessionPath}, nil, id)
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusMultipleChoices && resp.StatusCode != http.StatusUnauthorized {
		return c.refused("log out", resp.StatusCode, body)
	}
	return nil
}

func read(resp *http.Response) ([]byte, error) {
	defer func() { _ = resp.Body.Close() }()
	return io.ReadAll(io.LimitReader(resp.Body, bodyLimit))
}

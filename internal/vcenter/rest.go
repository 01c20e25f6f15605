package vcenter

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// call is one request. op says what it is for, in messages; body and into may be nil.
type call struct {
	op, method, path string
	query            url.Values
	body, into       any
}

func (c *Client) get(ctx context.Context, op, path string, into any) error {
	return c.do(ctx, call{op: op, method: http.MethodGet, path: path, into: into})
}

// do makes a call with the session. A session that vCenter has ended is opened
// again, once.
func (c *Client) do(ctx context.Context, r call) error {
	if r.method != http.MethodGet {
		defer c.refreshed.changed()
		defer c.classes.forget()
	}
	var payload []byte
	if r.body != nil {
		var err error
		if payload, err = json.Marshal(r.body); err != nil {
			return c.unanswered(r.op, err)
		}
	}
	for try := 0; ; try++ {
		id, err := c.session.current(ctx)
		if err != nil {
			return err
		}
		resp, body, err := c.send(ctx, r, payload, id)
		switch {
		case err != nil:
			return err
		case resp.StatusCode == http.StatusUnauthorized && try == 0:
			c.session.expired(id)
		case resp.StatusCode >= http.StatusMultipleChoices:
			return c.refused(r.op, resp.StatusCode, body)
		default:
			return c.decode(r, body)
		}
	}
}

func (c *Client) send(ctx context.Context, r call, payload []byte, id string) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, c.address(r.path, r.query), bytes.NewReader(payload))
	if err != nil {
		return nil, nil, c.unanswered(r.op, err)
	}
	req.Header.Set(sessionHeader, id)
	req.Header.Set("Accept", "application/json")
	if payload != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, nil, c.unanswered(r.op, err)
	}
	body, err := read(resp)
	if err != nil {
		return nil, nil, c.unanswered(r.op, err)
	}
	return resp, body, nil
}

func (c *Client) decode(r call, body []byte) error {
	if r.into == nil {
		return nil
	}
	if err := json.Unmarshal(body, r.into); err != nil {
		return &fault.Error{Kind: fault.Unknown, Op: r.op, Where: c.where, Message: "the answer cannot be read: " + err.Error(), Err: err}
	}
	return nil
}

// address gives the URL of a path whose segments are escaped already.
func (c *Client) address(path string, query url.Values) string {
	text := c.base.String() + path
	if len(query) > 0 {
		text += "?" + query.Encode()
	}
	return text
}

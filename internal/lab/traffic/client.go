package traffic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Client uses the seam of a lab that runs in another process.
type Client struct {
	base string
	http *http.Client
}

// NewClient returns a client of the control API that Seam.Handler serves at url.
func NewClient(url string) *Client {
	return &Client{base: strings.TrimRight(url, "/"), http: &http.Client{}}
}

// Requests returns the logged requests that q selects.
func (c *Client) Requests(ctx context.Context, q Query) ([]Request, error) {
	var found []Request
	err := c.do(ctx, http.MethodGet, "/requests?"+q.values().Encode(), nil, &found)
	return found, err
}

// Mark returns the sequence number of the latest request.
func (c *Client) Mark(ctx context.Context) (int64, error) {
	var mark struct {
		Seq int64 `json:"seq"`
	}
	err := c.do(ctx, http.MethodGet, "/mark", nil, &mark)
	return mark.Seq, err
}

// Inject arms a fault and returns its id.
func (c *Client) Inject(ctx context.Context, f Fault) (string, error) {
	var made struct {
		ID string `json:"id"`
	}
	err := c.do(ctx, http.MethodPost, "/faults", f, &made)
	return made.ID, err
}

// Remove disarms a fault; one that is not there is no error.
func (c *Client) Remove(ctx context.Context, id string) error {
	err := c.do(ctx, http.MethodDelete, "/faults/"+url.PathEscape(id), nil, nil)
	if err != nil && strings.Contains(err.Error(), "no such fault") {
		return nil
	}
	return err
}

// RemoveAll disarms all faults, those of other tests included.
func (c *Client) RemoveAll(ctx context.Context) error {
	return c.do(ctx, http.MethodDelete, "/faults", nil, nil)
}

// Violations returns what broke a contract since the lab started.
func (c *Client) Violations(ctx context.Context) ([]Violation, error) {
	var found []Violation
	err := c.do(ctx, http.MethodGet, "/violations", nil, &found)
	return found, err
}

// ExpirePath is where a lab, though not a seam alone, expires sessions.
const ExpirePath = "/sessions/expire"

// ExpireSessions ends all sessions and tokens that logins have given so far.
// Whoever logs in again goes on.
func (c *Client) ExpireSessions(ctx context.Context) error {
	return c.do(ctx, http.MethodPost, ExpirePath, nil, nil)
}

func (c *Client) do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("encode %s %s: %w", method, path, err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("lab control: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode >= http.StatusMultipleChoices {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 4<<10))
		return fmt.Errorf("lab control %s %s: %s: %s", method, path, res.Status, strings.TrimSpace(string(text)))
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		return fmt.Errorf("lab control %s %s: %w", method, path, err)
	}
	return nil
}

package supervisor

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// tokenSource gives the bearer token of a request.
type tokenSource interface {
	// token is the present one.
	token(ctx context.Context) (string, error)
	// renewed is asked once after the server refused a token. It gives "" when
	// there is no other.
	renewed(ctx context.Context, refused string) (string, error)
	// accepted is told of tokens that the server took.
	accepted(token string)
}

// bearer puts a token on each request, and after a 401 tries once more with
// another.
type bearer struct {
	next   http.RoundTripper
	tokens tokenSource
}

// RoundTrip is of http.RoundTripper.
func (b *bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	token, err := b.tokens.token(req.Context())
	if err != nil {
		closeBody(req)
		return nil, err
	}
	resp, err := b.send(req, token)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	again, ok := repeat(req)
	if !ok {
		return resp, nil
	}
	other, err := b.tokens.renewed(req.Context(), token)
	if err != nil || other == "" {
		closeBody(again)
	}
	if err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	if other == "" {
		return resp, nil
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 4<<10))
	_ = resp.Body.Close()
	return b.send(again, other)
}

func (b *bearer) send(req *http.Request, token string) (*http.Response, error) {
	resp, err := b.next.RoundTrip(withToken(req, token))
	if err == nil && resp.StatusCode != http.StatusUnauthorized {
		b.tokens.accepted(token)
	}
	return resp, err
}

func withToken(req *http.Request, token string) *http.Request {
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+token)
	return req
}

// repeat gives the request with its body from the start.
func repeat(req *http.Request) (*http.Request, bool) {
	if req.Body == nil || req.Body == http.NoBody {
		return req, true
	}
	if req.GetBody == nil {
		return nil, false
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, false
	}
	again := req.Clone(req.Context())
	again.Body = body
	return again, true
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// staticToken is a token that the user gave.
type staticToken string

func (t staticToken) token(context.Context) (string, error) { return string(t), nil }

func (t staticToken) renewed(context.Context, string) (string, error) { return "", nil }

func (t staticToken) accepted(string) {}

// tokenFile is a token in a file that something else keeps fresh.
type tokenFile struct {
	path string

	mu       sync.Mutex
	modified time.Time
	value    string
}

func (f *tokenFile) token(context.Context) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	if err == nil && f.value != "" && info.ModTime().Equal(f.modified) {
		return f.value, nil
	}
	return f.read()
}

// renewed reads the file whatever its time says.
func (f *tokenFile) renewed(_ context.Context, refused string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	token, err := f.read()
	if token == refused {
		return "", err
	}
	return token, err
}

func (f *tokenFile) accepted(string) {}

func (f *tokenFile) read() (string, error) {
	info, err := os.Stat(f.path)
	var text []byte
	if err == nil {
		text, err = os.ReadFile(f.path)
	}
	if err != nil {
		return "", &fault.Error{Kind: fault.NotConfigured, Op: "read the token file of the Supervisor", Err: err}
	}
	f.value, f.modified = strings.TrimSpace(string(text)), info.ModTime()
	if f.value == "" {
		return "", &fault.Error{Kind: fault.NotConfigured, Op: "read the token file of the Supervisor", Message: f.path + " is empty"}
	}
	return f.value, nil
}

// bearerOver puts tokens over a transport that somebody else made.
func bearerOver(tokens tokenSource) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper { return &bearer{next: next, tokens: tokens} }
}

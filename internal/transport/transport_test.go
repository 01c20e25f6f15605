package transport_test

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/transport"
)

func TestRetries(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		method     string
		status     int
		want       int32
		repeatable bool
	}{
		"a login of a busy server":            {method: http.MethodPost, status: http.StatusServiceUnavailable, want: 3, repeatable: true},
		"a login that fails":                  {method: http.MethodPost, status: http.StatusInternalServerError, want: 1, repeatable: true},
		"a read of a busy server":             {method: http.MethodGet, status: http.StatusServiceUnavailable, want: 3},
		"a read through a broken proxy":       {method: http.MethodGet, status: http.StatusBadGateway, want: 3},
		"a write that may have been done":     {method: http.MethodPost, status: http.StatusServiceUnavailable, want: 1},
		"a write that was refused for load":   {method: http.MethodPost, status: http.StatusTooManyRequests, want: 3},
		"a read that the server cannot serve": {method: http.MethodGet, status: http.StatusInternalServerError, want: 1},
		"a read without rights":               {method: http.MethodGet, status: http.StatusForbidden, want: 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seen.Add(1)
				body, _ := io.ReadAll(r.Body)
				if c.method == http.MethodPost && string(body) != "body" {
					t.Errorf("body of try %d = %q", seen.Load(), body)
				}
				w.WriteHeader(c.status)
			}))
			defer server.Close()
			ctx := t.Context()
			if c.repeatable {
				ctx = transport.Repeatable(ctx)
			}
			resp := send(ctx, t, transport.Config{MaxRetries: 2}, c.method, server.URL)
			if resp.StatusCode != c.status || seen.Load() != c.want {
				t.Errorf("status %d after %d requests, want %d after %d", resp.StatusCode, seen.Load(), c.status, c.want)
			}
		})
	}
}

func TestTrust(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	for name, c := range map[string]struct {
		config transport.Config
		fails  bool
	}{
		"the CA is given":     {config: transport.Config{CAPEM: ca}},
		"no verification":     {config: transport.Config{Insecure: true}},
		"the CA is not given": {fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rt, err := transport.New(c.config)
			if err != nil {
				t.Fatal(err)
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := rt.RoundTrip(req)
			if err == nil {
				_ = resp.Body.Close()
			}
			if (err != nil) != c.fails {
				t.Errorf("err = %v, want failure: %v", err, c.fails)
			}
		})
	}
	if _, err := transport.New(transport.Config{CAPEM: []byte("no certificate")}); err == nil {
		t.Error("a CA without a certificate was accepted")
	}
}

type failing struct {
	err   error
	tries int
}

func (f *failing) RoundTrip(*http.Request) (*http.Response, error) {
	f.tries++
	return nil, f.err
}

// A proxy that is away is told at once too, and by its own address: the advice
// for a server that is away is about another.
func TestUnreachableProxyIsNamed(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	pool := transport.Pool(transport.Config{}, nil)
	pool.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: address})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://vc.example.com", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.Wrapper(transport.Config{MaxRetries: 2})(pool).RoundTrip(req)
	if err == nil {
		_ = resp.Body.Close()
		t.Fatal("no error")
	}
	if transport.NetworkKind(err) != fault.Unreachable || !strings.Contains(err.Error(), "the proxy") || !strings.Contains(err.Error(), address) {
		t.Errorf("got %q: %v", transport.NetworkKind(err), err)
	}
}

// A wrong address is the commonest cause of a failed dial: it is told at once.
func TestConnectionErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err    error
		method string
		want   int
	}{
		"cannot be dialled":       {&net.OpError{Op: "dial", Err: errors.New("refused")}, http.MethodGet, 1},
		"proxy cannot be dialled": {&net.OpError{Op: "proxyconnect", Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}, http.MethodGet, 1},
		"read broken off":         {&net.OpError{Op: "read", Err: errors.New("reset")}, http.MethodGet, 3},
		"no answer in time":       {os.ErrDeadlineExceeded, http.MethodGet, 1},
		"write broken off":        {&net.OpError{Op: "read", Err: errors.New("reset")}, http.MethodPost, 1},
		"certificate is refused":  {&tls.CertificateVerificationError{Err: errors.New("unknown CA")}, http.MethodGet, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next := &failing{err: c.err}
			req, err := http.NewRequestWithContext(t.Context(), c.method, "http://localhost", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := transport.Wrapper(transport.Config{MaxRetries: 2})(next).RoundTrip(req)
			if err == nil {
				_ = resp.Body.Close()
				t.Fatal("no error")
			}
			if next.tries != c.want {
				t.Errorf("%d tries, want %d", next.tries, c.want)
			}
		})
	}
}

func send(ctx context.Context, t *testing.T, c transport.Config, method, url string) *http.Response {
	t.Helper()
	rt, err := transport.New(c)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp
}

// Package transport makes the HTTP transports that all clients share: trust,
// connection pool, rate limit and retries, configured once from the provider
// block; and what a failed connection means. It imports fault only.
package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/time/rate"
)

// Config of the connections to one server.
type Config struct {
	// CAPEM is trusted beside the system's CAs.
	CAPEM []byte
	// Insecure turns verification of the server off.
	Insecure bool
	// Timeout is for the connection and for the head of one answer, so that a
	// watch may stay open. Default 60 s.
	Timeout time.Duration
	// MaxRetries of one request; 0 is none.
	MaxRetries int
	// RequestsPerSecond over all requests; 0 is unlimited.
	RequestsPerSecond float64
	// UserAgent is set where a client sets none.
	UserAgent string
}

// Defaults of a provider block that says nothing.
const (
	DefaultTimeout    = 60 * time.Second
	DefaultMaxRetries = 4
	// DefaultRequestsPerSecond is what Terraform's ten at a time ask of a server that
	// answers in 50 ms: it slows down what runs away, and no plan.
	DefaultRequestsPerSecond = 200
)

// timeout is Timeout with its default.
func (c Config) timeout() time.Duration {
	if c.Timeout > 0 {
		return c.Timeout
	}
	return DefaultTimeout
}

// Longest bounds what is done once for all who wait, and so has no deadline of
// one of them: some requests, one of which needs all its retries.
func (c Config) Longest() time.Duration {
	return time.Duration(c.MaxRetries+3) * c.timeout()
}

// TLS gives the client side's TLS settings.
func (c Config) TLS() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: c.Insecure}
	if len(c.CAPEM) == 0 {
		return config, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(c.CAPEM) {
		return nil, errors.New("the CA has no PEM certificate")
	}
	config.RootCAs = pool
	return config, nil
}

// New makes the transport of one server. Share it: it keeps the connections.
func New(c Config) (http.RoundTripper, error) {
	tlsConfig, err := c.TLS()
	if err != nil {
		return nil, fmt.Errorf("prepare TLS: %w", err)
	}
	return Wrapper(c)(Pool(c, tlsConfig)), nil
}

// Pool keeps the connections of one server, within the timeout of c. tlsConfig
// replaces the TLS settings of c.
func Pool(c Config, tlsConfig *tls.Config) *http.Transport {
	c.Timeout = c.timeout()
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: min(c.Timeout, 15*time.Second), KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       tlsConfig,
		TLSHandshakeTimeout:   min(c.Timeout, 15*time.Second),
		ResponseHeaderTimeout: c.Timeout,
		MaxIdleConnsPerHost:   16,
		IdleConnTimeout:       90 * time.Second,
		ForceAttemptHTTP2:     true,
		// A watch over a connection that died silently would wait for its timeout.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second},
	}
}

// Wrapper adds the rate limit and the retries of c around a transport.
func Wrapper(c Config) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		retrying := retryablehttp.NewClient()
		retrying.Logger = nil
		retrying.HTTPClient = &http.Client{Transport: next, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		retrying.RetryMax = c.MaxRetries
		retrying.RetryWaitMin = 250 * time.Millisecond
		retrying.RetryWaitMax = 8 * time.Second
		retrying.CheckRetry = checkRetry
		retrying.Backoff = backoff
		retrying.ErrorHandler = retryablehttp.PassthroughErrorHandler
		return &limited{next: &retryablehttp.RoundTripper{Client: retrying}, limiter: limiter(c.RequestsPerSecond), userAgent: c.UserAgent}
	}
}

func limiter(perSecond float64) *rate.Limiter {
	if perSecond <= 0 {
		return rate.NewLimiter(rate.Inf, 1)
	}
	return rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))
}

type limited struct {
	next      http.RoundTripper
	limiter   *rate.Limiter
	userAgent string
}

type repeatableKey struct{}

// Repeatable marks the requests of a context as safe to repeat, as reads are:
// for those that are POSTs all the same, which are logins and SOAP's reads.
func Repeatable(ctx context.Context) context.Context {
	return context.WithValue(ctx, repeatableKey{}, true)
}

// RoundTrip waits for its turn.
func (l *limited) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if err := l.limiter.Wait(ctx); err != nil {
		return nil, err
	}
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		ctx = Repeatable(ctx)
	}
	req = req.Clone(ctx)
	if req.Header.Get("User-Agent") == "" && l.userAgent != "" {
		req.Header.Set("User-Agent", l.userAgent)
	}
	resp, err := l.next.RoundTrip(req)
	if proxyUnreached(err) {
		err = fmt.Errorf("the proxy that the environment (HTTPS_PROXY) or the kubeconfig names cannot be used: %w", err)
	}
	return resp, err
}

// checkRetry repeats what is safe to repeat: anything that never reached the
// server or that it refused for load (429), and reads after any passing failure.
func checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	repeatable := ctx.Value(repeatableKey{}) != nil
	if err != nil {
		return repeatable && retryError(err), nil
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return true, nil
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return repeatable, nil
	}
	return false, nil
}

// longestPause is what a server's Retry-After is followed up to.
const longestPause = 30 * time.Second

// backoff doubles the pause, or takes the server's, as long as a user would.
func backoff(least, most time.Duration, try int, resp *http.Response) time.Duration {
	return min(longestPause, retryablehttp.DefaultBackoff(least, most, try, resp))
}

// retryError: a server that cannot be dialled within one try is reported at
// once, since a wrong address is the commoner cause and must not take minutes.
func retryError(err error) bool {
	var verify *tls.CertificateVerificationError
	return !errors.As(err, &verify) && !undialled(err) && !TimedOut(err)
}

package traffic

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// exchange is one request on its way through the seam.
type exchange struct {
	seam     *Seam
	rec      *Request
	keepBody bool

	mu   sync.Mutex
	body bytes.Buffer
}

type exchangeKey struct{}

func withExchange(ctx context.Context, ex *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, ex)
}

// SetUser tells the log who sent the request that ctx belongs to. Handlers call it once they know, for the seam
// itself does not look into sessions and tokens. Without a seam in ctx it does nothing.
func SetUser(ctx context.Context, user string) {
	ex, ok := ctx.Value(exchangeKey{}).(*exchange)
	if !ok {
		return
	}
	ex.seam.mu.Lock()
	defer ex.seam.mu.Unlock()
	ex.rec.User = user
}

// loginPaths carry passwords or tokens in their bodies.
var loginPaths = []string{"/api/session", "/rest/com/vmware/cis/session", "/wcp/login", "/sts/", "/openidconnect/"}

func keepsBody(path string) bool {
	for _, p := range loginPaths {
		if path == p || strings.HasPrefix(path, p) {
			return false
		}
	}
	return true
}

// soapPassword is how the SOAP Login method carries its secret.
var soapPassword = regexp.MustCompile(`(?s)(<(?:\w+:)?password[^>]*>).*?(</|$)`)

func (ex *exchange) read(p []byte) {
	if !ex.keepBody {
		return
	}
	ex.mu.Lock()
	defer ex.mu.Unlock()
	if room := maxBody - ex.body.Len(); room > 0 {
		ex.body.Write(p[:min(room, len(p))])
	}
}

func (ex *exchange) bodySoFar() []byte {
	ex.mu.Lock()
	defer ex.mu.Unlock()
	if ex.body.Len() == 0 {
		return nil
	}
	body := bytes.Clone(ex.body.Bytes())
	if bytes.Contains(body, []byte("password")) && bytes.Contains(body, []byte("Envelope")) {
		body = soapPassword.ReplaceAll(body, []byte("${1}***${2}"))
	}
	return body
}

// answered logs the status before the client can see it, so that a test that got its reply finds it in the log.
func (ex *exchange) answered(status int) {
	body := ex.bodySoFar()
	ex.seam.mu.Lock()
	defer ex.seam.mu.Unlock()
	if ex.rec.Status != 0 {
		return
	}
	ex.rec.Status = status
	ex.rec.Duration = time.Since(ex.rec.Time)
	ex.seam.storeBody(ex.rec, body)
}

func (ex *exchange) finish() {
	body := ex.bodySoFar()
	ex.seam.mu.Lock()
	defer ex.seam.mu.Unlock()
	ex.rec.Duration = time.Since(ex.rec.Time)
	ex.seam.storeBody(ex.rec, body)
}

type bodyReader struct {
	io.ReadCloser
	ex *exchange
}

func (b *bodyReader) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.ex.read(p[:n])
	return n, err
}

// responseWriter notes the status. It keeps Flush and Hijack for code that asserts those interfaces, and Unwrap
// for http.ResponseController.
type responseWriter struct {
	http.ResponseWriter
	ex *exchange
}

func (w *responseWriter) WriteHeader(status int) {
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols {
		w.ex.answered(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *responseWriter) Write(p []byte) (int, error) {
	w.ex.answered(http.StatusOK)
	return w.ResponseWriter.Write(p)
}

func (w *responseWriter) Flush() {
	w.ex.answered(http.StatusOK)
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *responseWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.ex.answered(http.StatusSwitchingProtocols)
	}
	return conn, rw, err
}

func (w *responseWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

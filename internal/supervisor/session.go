package supervisor

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
	"k8s.io/utils/clock"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
	"github.com/vksops/terraform-provider-vks/internal/transport"
)

const (
	// renewBefore is how long before its end a token is replaced; a tenth of
	// its life where that is less.
	renewBefore = 2 * time.Minute
	// freshFor is how long a token that never worked is not replaced: when it is
	// refused that early, another login would not help.
	freshFor = 20 * time.Second
	// loginBodyLimit bounds what is read of an answer.
	loginBodyLimit = 1 << 20
)

// session logs an SSO user in and keeps the token for the life of the process.
// A refused login is never tried again, whatever it was for.
type session struct {
	url, where, username, password string

	// limit is how long a login may take that outlives who asked for it.
	limit  time.Duration
	client *http.Client
	clock  clock.PassiveClock
	once   singleflight.Group
	guard  *transport.Password

	mu      sync.Mutex
	current token
}

type token struct {
	value             string
	received, expires time.Time
	// worked: the server took it once, so that a refusal means that it ended.
	worked bool
}

func newSession(url, where string, config Config, base http.RoundTripper, clk clock.PassiveClock) *session {
	return &session{
		url: url + "/wcp/login", where: where, username: config.Username, password: config.Password,
		limit: config.limits().Longest(), clock: clk, guard: transport.NewPassword(),
		client: &http.Client{Transport: base, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

func (s *session) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = token{}
}

// token is of tokenSource: the one that is kept, or a new login's.
func (s *session) token(ctx context.Context) (string, error) {
	s.mu.Lock()
	current, now := s.current, s.clock.Now()
	s.mu.Unlock()
	if current.value != "" && (current.expires.IsZero() || now.Before(current.expires.Add(-margin(current)))) {
		return current.value, nil
	}
	return s.shared(ctx)
}

// renewed is of tokenSource.
func (s *session) renewed(ctx context.Context, refused string) (string, error) {
	s.mu.Lock()
	current := s.current
	ended := current.worked || s.clock.Since(current.received) >= freshFor
	if current.value == refused && ended {
		s.current = token{}
	}
	s.mu.Unlock()
	switch {
	case current.value != "" && current.value != refused:
		return current.value, nil // somebody else was faster
	case current.value == refused && !ended:
		return "", nil
	}
	return s.shared(ctx)
}

// accepted is of tokenSource.
func (s *session) accepted(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.value == token {
		s.current.worked = true
	}
}

// shared logs in once for all who wait.
func (s *session) shared(ctx context.Context) (string, error) {
	result := s.once.DoChan("login", func() (any, error) {
		// The login outlives the request that happened to ask first.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.limit)
		defer cancel()
		answer, err := s.login(ctx, loginRequest{})
		return answer.SessionID, err
	})
	select {
	case <-ctx.Done():
		return "", kube.Fault("log in", s.where, ctx.Err())
	case r := <-result:
		value, _ := r.Val.(string)
		return value, r.Err
	}
}

// loginRequest also asks for a workload cluster's address when it names one.
type loginRequest struct {
	GuestName      string `json:"guest_cluster_name,omitempty"`
	GuestNamespace string `json:"guest_cluster_namespace,omitempty"`
}

type loginAnswer struct {
	SessionID string `json:"session_id"`
	// GuestServer is empty when the Supervisor does not know the cluster, and
	// has no port.
	GuestServer string `json:"guest_cluster_server"`
	// GuestCA is base64 of PEM.
	GuestCA string `json:"guest_cluster_ca"`
}

// login makes the call and keeps the token.
func (s *session) login(ctx context.Context, request loginRequest) (loginAnswer, error) {
	var answer loginAnswer
	err := s.guard.Send(ctx, func(ctx context.Context) (err error) {
		answer, err = s.post(ctx, request)
		return err
	})
	if err != nil {
		return loginAnswer{}, kube.Fault("log in as "+s.username, s.where, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = newToken(answer.SessionID, s.clock.Now())
	return answer, nil
}

func (s *session) post(ctx context.Context, request loginRequest) (loginAnswer, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return loginAnswer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return loginAnswer{}, err
	}
	req.SetBasicAuth(s.username, s.password)
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return loginAnswer{}, &fault.Error{Kind: transport.NetworkKind(err), Op: "log in as " + s.username, Where: s.where, Err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, loginBodyLimit))
	if err != nil {
		return loginAnswer{}, &fault.Error{Kind: fault.Transient, Op: "log in as " + s.username, Where: s.where, Err: err}
	}
	if resp.StatusCode != http.StatusOK {
		return loginAnswer{}, s.rejected(resp, text)
	}
	var answer loginAnswer
	if err := json.Unmarshal(text, &answer); err != nil || answer.SessionID == "" {
		return loginAnswer{}, s.notSupervisor("the answer of /wcp/login has no session_id")
	}
	return answer, nil
}

func (s *session) rejected(resp *http.Response, text []byte) error {
	f := &fault.Error{Op: "log in as " + s.username, Where: s.where, Code: resp.Status, Message: firstLine(text)}
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		f.Kind = fault.Unauthenticated
	case code == http.StatusNotFound, code == http.StatusMethodNotAllowed:
		return s.notSupervisor("/wcp/login is not there (" + resp.Status + ")")
	case code == http.StatusTooManyRequests, code >= 500:
		f.Kind = fault.Transient
	default:
		f.Kind = fault.Unknown
	}
	return f
}

func (s *session) notSupervisor(message string) error {
	return &fault.Error{
		Kind: fault.RouteAbsent, Op: "log in as " + s.username, Where: s.where, Message: message,
		Advice: "This is not the control plane of a Supervisor. Set supervisor.server to the address that vCenter shows for the Supervisor's control plane; it is not vCenter's own.",
	}
}

func firstLine(text []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	if len(line) > 300 {
		line = line[:300] + "…"
	}
	return line
}

// newToken reads how long a JSON Web Token lives. Its own dates are another
// clock's: only their difference is used, where both are there.
func newToken(value string, now time.Time) token {
	t := token{value: value, received: now}
	parts := strings.Split(value, ".")
	if len(parts) != 3 {
		return t
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return t
	}
	claims := struct {
		Issued  float64 `json:"iat"`
		Expires float64 `json:"exp"`
	}{}
	switch err := json.Unmarshal(raw, &claims); {
	case err != nil || claims.Expires <= 0:
	case claims.Issued > 0 && claims.Expires > claims.Issued:
		t.expires = now.Add(time.Duration((claims.Expires - claims.Issued) * float64(time.Second)))
	default:
		t.expires = time.Unix(int64(claims.Expires), 0)
	}
	return t
}

func margin(t token) time.Duration {
	return min(renewBefore, t.expires.Sub(t.received)/10)
}

package vcenter

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// fake answers like vCenter's API endpoint, from a table of answers, and keeps
// what it was asked.
type fake struct {
	t      *testing.T
	server *httptest.Server

	mu       sync.Mutex
	answers  map[string]answer
	sessions map[string]bool
	logins   int
	warming  int // how many logins are answered with busy
	busy     int
	password string
	requests []string
	bodies   []string
}

type answer struct {
	status int
	body   string
}

const routeAbsent = `{"error_type":"NOT_FOUND","messages":[{"args":[],"default_message":"Not found.","id":"com.vmware.vapi.rest.httpNotFound"}]}`

func newFake(t *testing.T, answers map[string]answer) (*fake, *Client) {
	t.Helper()
	f := &fake{t: t, answers: answers, sessions: map[string]bool{}, password: "right"}
	f.server = httptest.NewTLSServer(f)
	t.Cleanup(f.server.Close)
	return f, f.client(t, "right")
}

func (f *fake) client(t *testing.T, password string) *Client {
	t.Helper()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.server.Certificate().Raw})
	c, err := New(Config{Server: f.server.Listener.Addr().String(), Username: "ops@vsphere.local", Password: password, CAPEM: ca})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	asked := r.Method + " " + r.URL.RequestURI()
	f.requests, f.bodies = append(f.requests, asked), append(f.bodies, string(body))
	if asked == "POST /api/session" {
		f.login(w, r)
		return
	}
	id := r.Header.Get("vmware-api-session-id")
	a, ok := f.answers[asked]
	switch {
	case !f.sessions[id]:
		a = answer{401, `{"error_type":"UNAUTHENTICATED","messages":[{"id":"x","default_message":"Authentication required.","args":[]}]}`}
	case asked == "DELETE /api/session":
		delete(f.sessions, id)
		a = answer{status: 204}
	case !ok:
		a = answer{404, routeAbsent}
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func (f *fake) login(w http.ResponseWriter, r *http.Request) {
	if f.warming > 0 {
		f.warming--
		w.WriteHeader(f.busy)
		return
	}
	f.logins++
	_, password, _ := r.BasicAuth()
	if password != f.password {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error_type":"UNAUTHENTICATED","messages":[{"id":"x","default_message":"Authentication failed.","args":[]}]}`)
		return
	}
	id := strings.Repeat("s", f.logins)
	f.sessions[id] = true
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(id)
}

func (f *fake) endSessions() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sessions = map[string]bool{}
}

func (f *fake) asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string{}, f.requests...)
}

func (f *fake) lastBody() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bodies[len(f.bodies)-1]
}

func TestSession(t *testing.T) {
	t.Parallel()
	f, c := newFake(t, map[string]answer{"GET /api/vcenter/namespaces/instances/v2": {200, "[]"}})

	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := c.Namespaces(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if f.logins != 1 {
		t.Errorf("%d logins for requests at the same time, want 1", f.logins)
	}

	f.endSessions()
	if _, err := c.Namespaces(t.Context()); err != nil {
		t.Errorf("after the session ended: %v", err)
	}
	if f.logins != 2 {
		t.Errorf("%d logins after the session ended, want 2", f.logins)
	}

	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if len(f.sessions) != 0 {
		t.Error("the session is still open after Close")
	}
}

func TestWrongPasswordIsTriedOnce(t *testing.T) {
	t.Parallel()
	f, _ := newFake(t, nil)
	c := f.client(t, "wrong")
	for range 3 {
		_, err := c.Namespace(t.Context(), "team-a")
		if !errors.Is(err, fault.Unauthenticated) || !strings.Contains(err.Error(), "Authentication failed.") {
			t.Fatalf("got %v", err)
		}
	}
	if f.logins != 1 {
		t.Errorf("a wrong password was sent %d times: five lock the account", f.logins)
	}
}

func TestLoginWhileVCenterStarts(t *testing.T) {
	t.Parallel()
	f, c := newFake(t, map[string]answer{"GET /api/vcenter/namespaces/instances/v2": {200, "[]"}})
	c.http.Transport = retrying(t, c, 1)
	f.warming, f.busy = 1, http.StatusServiceUnavailable
	if _, err := c.Namespaces(t.Context()); err != nil {
		t.Error(err)
	}
}

// max_retries is for a login as for any request, and no layer adds its own.
func TestBusyLoginIsRetriedByOneLayer(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		f, c := newFake(t, nil)
		c.http.Transport = retrying(t, c, 1)
		f.warming, f.busy = 100, status
		_, err := c.Namespaces(t.Context())
		if n := len(f.asked()); n != 2 || !errors.Is(err, fault.Transient) {
			t.Errorf("%d: %d requests with one retry, and %v", status, n, err)
		}
	}
}

func retrying(t *testing.T, c *Client, retries int) http.RoundTripper {
	t.Helper()
	c.config.MaxRetries = retries
	rt, err := c.transport()
	if err != nil {
		t.Fatal(err)
	}
	return rt
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	f, _ := newFake(t, nil)
	untrusting, err := New(Config{Server: f.server.Listener.Addr().String(), Username: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := untrusting.Namespaces(t.Context()); !errors.Is(err, fault.Untrusted) {
		t.Errorf("unknown CA: got %v", err)
	}

	c := f.client(t, "right")
	f.server.Close()
	_, err = c.Namespaces(t.Context())
	if !errors.Is(err, fault.Unreachable) || !strings.Contains(err.Error(), c.Where()) {
		t.Errorf("closed port: got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = c.Namespaces(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	body := func(kind string) string {
		return `{"error_type":"` + kind + `","messages":[{"id":"a","default_message":"It failed.","args":[]},{"id":"b","default_message":"Because of this.","args":[]}]}`
	}
	for name, c := range map[string]struct {
		answer answer
		want   fault.Kind
		says   string
	}{
		"exists":            {answer{400, body("ALREADY_EXISTS")}, fault.AlreadyExists, "ALREADY_EXISTS: It failed. Because of this."},
		"invalid":           {answer{400, body("INVALID_ARGUMENT")}, fault.Invalid, "Because of this."},
		"state":             {answer{400, body("NOT_ALLOWED_IN_CURRENT_STATE")}, fault.Unsupported, "NOT_ALLOWED"},
		"unsupported":       {answer{400, body("UNSUPPORTED")}, fault.Unsupported, "UNSUPPORTED"},
		"forbidden":         {answer{403, body("UNAUTHORIZED")}, fault.Forbidden, "It failed."},
		"gone":              {answer{404, body("NOT_FOUND")}, fault.NotFound, "It failed."},
		"internal":          {answer{500, body("ERROR")}, fault.Transient, "It failed."},
		"unavailable":       {answer{503, body("SERVICE_UNAVAILABLE")}, fault.Transient, "It failed."},
		"new word":          {answer{400, body("SOMETHING_NEW")}, fault.Unknown, "SOMETHING_NEW"},
		"route absent":      {answer{404, routeAbsent}, fault.RouteAbsent, "Not found."},
		"404 of a proxy":    {answer{404, "<html>nginx</html>"}, fault.RouteAbsent, "HTTP 404 Not Found: <html>nginx</html>"},
		"502 of a proxy":    {answer{502, ""}, fault.Transient, "HTTP 502 Bad Gateway"},
		"not JSON":          {answer{200, "<html>"}, fault.Unknown, "cannot be read"},
		"redirect to login": {answer{302, ""}, fault.Unknown, "HTTP 302 Found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, client := newFake(t, map[string]answer{"GET /api/vcenter/storage/policies": c.answer})
			_, err := client.StoragePolicies(t.Context())
			if got := fault.KindOf(err); got != c.want || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %q (%v), want %q and %q", got, err, c.want, c.says)
			}
		})
	}
}

func TestParseServer(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"vc.example.com":      "https://vc.example.com",
		"vc.example.com:8443": "https://vc.example.com:8443",
		"2001:db8::1":         "https://[2001:db8::1]",
		"[2001:db8::1]:443":   "https://[2001:db8::1]:443",
	} {
		if got, err := parseServer(in); err != nil || got.String() != want {
			t.Errorf("%q: got %s, %v; want %s", in, got.String(), err, want)
		}
	}
	if _, err := parseServer("two words"); err == nil {
		t.Error("two words are an address")
	}
}

func TestLookupsAreAskedOnce(t *testing.T) {
	t.Parallel()
	const path = "GET /api/vcenter/namespace-management/virtual-machine-classes"
	f, c := newFake(t, map[string]answer{path: {200, `[{"id":"small","cpu_count":2,"memory_MB":4096,"cpu_reservation":100,"description":"","namespaces":["team-a"],"vms":[],"config_status":"READY"}]`}})
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() { _, _ = c.VMClasses(t.Context()) })
	}
	all.Wait()
	got, err := c.VMClasses(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []VMClass{{Name: "small", CPUs: 2, MemoryMiB: 4096, CPUReservationPercent: 100, Namespaces: []string{"team-a"}, ConfigStatus: "READY"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := strings.Count(strings.Join(f.asked(), "\n"), path); n != 1 {
		t.Errorf("asked %d times", n)
	}
	c.Forget()
	_, _ = c.VMClasses(t.Context())
	if n := strings.Count(strings.Join(f.asked(), "\n"), path); n != 2 {
		t.Errorf("asked %d times after Forget, want 2", n)
	}
}

package supervisor

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	testclock "k8s.io/utils/clock/testing"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
)

// fake is a Supervisor with one namespace's objects, scripted by its fields.
type fake struct {
	mu       sync.Mutex
	password string
	life     time.Duration
	busy     int // logins to answer with 503, or busyAs
	busyAs   int
	logins   int
	valid    map[string]bool
	objects  map[string]string // path → JSON
	missing  bool              // no /wcp/login
	refuses  bool              // every token
	guest    string
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.URL.Path == "/wcp/login" {
		f.login(w, r)
		return
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	w.Header().Set("Content-Type", "application/json")
	body, there := f.objects[r.URL.Path]
	switch {
	case !f.valid[token] || f.refuses:
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}`)
	case !there && r.URL.Path == "/apis":
		_, _ = fmt.Fprint(w, `{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"apps"}]}`)
	case !there && strings.Count(r.URL.Path, "/") == 3:
		http.NotFound(w, r) // a group, which is no object
	case !there:
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"not found","reason":"NotFound","details":{"name":"x","kind":"things"},"code":404}`)
	default:
		if r.Method == http.MethodDelete {
			delete(f.objects, r.URL.Path)
		}
		_, _ = fmt.Fprint(w, body)
	}
}

func (f *fake) login(w http.ResponseWriter, r *http.Request) {
	f.logins++
	_, password, _ := r.BasicAuth()
	switch {
	case f.missing:
		http.NotFound(w, r)
		return
	case f.busy > 0:
		f.busy--
		w.WriteHeader(cmp.Or(f.busyAs, http.StatusServiceUnavailable))
		return
	case password != f.password:
		http.Error(w, "invalid credentials", http.StatusUnauthorized)
		return
	}
	claims, _ := json.Marshal(map[string]any{"iat": 1000, "exp": 1000 + int(f.life.Seconds()), "n": f.logins})
	token := "h." + base64.RawURLEncoding.EncodeToString(claims) + ".s"
	f.valid[token] = true
	_ = json.NewEncoder(w).Encode(map[string]string{
		"session_id": token, "guest_cluster_server": f.guest, "guest_cluster_ca": base64.StdEncoding.EncodeToString([]byte("PEM")),
	})
}

func (f *fake) invalidate() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.valid)
}

func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.logins
}

var namespaceRef = kube.Ref{GVR: schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}, Kind: "Namespace", Name: "team-a"}

func start(t *testing.T, f *fake, change func(*Config)) (*Client, *testclock.FakePassiveClock) {
	t.Helper()
	f.valid = map[string]bool{"static": true}
	if f.life == 0 {
		f.life = 10 * time.Hour
	}
	if f.objects == nil {
		f.objects = map[string]string{}
	}
	f.objects["/api/v1/namespaces/team-a"] = `{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"team-a"}}`
	server := httptest.NewTLSServer(f)
	t.Cleanup(server.Close)
	config := Config{
		Server: server.Listener.Addr().String(), Username: "devops@vsphere.local", Password: "secret", MaxRetries: 2,
		CAPEM: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
	}
	if change != nil {
		change(&config)
	}
	clk := testclock.NewFakePassiveClock(time.Now())
	client, err := newClient(config, clk)
	if err != nil {
		t.Fatal(err)
	}
	return client, clk
}

func TestLoginOnceForAll(t *testing.T) {
	t.Parallel()
	f := &fake{password: "secret"}
	client, clk := start(t, f, nil)
	if f.count() != 0 {
		t.Fatal("New made a request")
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := client.Kube().Get(t.Context(), namespaceRef); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if f.count() != 1 {
		t.Errorf("%d logins for parallel requests, want 1", f.count())
	}
	clk.SetTime(clk.Now().Add(f.life - time.Minute)) // within the margin before the end
	if _, err := client.Kube().Get(t.Context(), namespaceRef); err != nil {
		t.Error(err)
	}
	if f.count() != 2 {
		t.Errorf("%d logins after the token's end, want 2", f.count())
	}
}

func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	f := &fake{password: "secret"}
	client, clk := start(t, f, nil)
	if _, err := client.Kube().Get(t.Context(), namespaceRef); err != nil {
		t.Fatal(err)
	}
	f.invalidate() // as a restart of Workload Management does
	clk.SetTime(clk.Now().Add(time.Minute))
	if _, err := client.Kube().Get(t.Context(), namespaceRef); err != nil {
		t.Errorf("a refused token must be renewed: %v", err)
	}
	f.invalidate() // at once: it has worked, so that this is not about the user
	if _, err := client.Kube().Get(t.Context(), namespaceRef); err != nil {
		t.Errorf("a token that had worked must be renewed: %v", err)
	}
	if f.count() != 3 {
		t.Errorf("%d logins, want 3", f.count())
	}
}

// A server that takes no token is not asked for one with every request.
func TestTokensThatNeverWorkAreNotRenewed(t *testing.T) {
	t.Parallel()
	f := &fake{password: "secret", refuses: true}
	client, _ := start(t, f, nil)
	for range 3 {
		if _, err := client.Kube().Get(t.Context(), namespaceRef); !errors.Is(err, fault.Unauthenticated) {
			t.Errorf("got %v, want unauthenticated", err)
		}
	}
	if f.count() != 1 {
		t.Errorf("%d logins, want 1", f.count())
	}
}

func TestWrongPasswordIsTriedOnce(t *testing.T) {
	t.Parallel()
	f := &fake{password: "other"}
	client, _ := start(t, f, nil)
	for range 3 {
		_, err := client.Kube().Get(t.Context(), namespaceRef)
		if !errors.Is(err, fault.Unauthenticated) {
			t.Fatalf("got %v, want unauthenticated", err)
		}
		if !strings.Contains(err.Error(), "devops@vsphere.local") || !strings.Contains(err.Error(), "Supervisor 127.0.0.1") || strings.Contains(err.Error(), "secret") {
			t.Errorf("the error must name user and server, and no password: %v", err)
		}
	}
	if f.count() != 1 {
		t.Errorf("a wrong password was tried %d times: SSO locks the account", f.count())
	}
}

// The way to each workload cluster is a login of its own: all of them together
// send a wrong password once.
func TestWrongPasswordIsTriedOnceForAllClusters(t *testing.T) {
	t.Parallel()
	f := &fake{password: "other"}
	client, _ := start(t, f, nil)
	var all sync.WaitGroup
	for n := range 10 {
		all.Go(func() {
			_, err := client.GuestConfig(t.Context(), "team-a", fmt.Sprintf("prod-%d", n), AuthLogin)
			if !errors.Is(err, fault.Unauthenticated) {
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
	if f.count() != 1 {
		t.Errorf("a wrong password was tried %d times: SSO locks the account", f.count())
	}
}

// max_retries is for a login as for any request, and no layer adds its own.
func TestBusyLoginIsRetriedByOneLayer(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		f := &fake{password: "secret", busy: 100, busyAs: status}
		client, _ := start(t, f, func(c *Config) { c.MaxRetries = 1 })
		_, err := client.Kube().Get(t.Context(), namespaceRef)
		if f.count() != 2 || !errors.Is(err, fault.Transient) {
			t.Errorf("%d: %d logins with one retry, and %v", status, f.count(), err)
		}
	}
}

func TestBusyLoginIsTriedAgain(t *testing.T) {
	t.Parallel()
	f := &fake{password: "secret", busy: 1}
	client, _ := start(t, f, nil)
	if _, err := client.Kube().Get(t.Context(), namespaceRef); err != nil {
		t.Fatal(err)
	}
	if f.count() != 2 {
		t.Errorf("%d logins, want 2", f.count())
	}
}

func TestNotASupervisor(t *testing.T) {
	t.Parallel()
	client, _ := start(t, &fake{missing: true}, nil)
	_, err := client.Kube().Get(t.Context(), namespaceRef)
	if !errors.Is(err, fault.RouteAbsent) || !strings.Contains(err.Error(), "/wcp/login") {
		t.Errorf("got %v, want not served", err)
	}
}

func TestTokenFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "token")
	write := func(token string, age time.Duration) {
		if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	write("static", time.Hour)
	f := &fake{}
	client, _ := start(t, f, func(c *Config) { c.Username, c.Password, c.TokenFile = "", "", file })
	if _, err := client.Kube().Get(t.Context(), namespaceRef); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	f.valid = map[string]bool{"second": true}
	f.mu.Unlock()
	write("second", time.Hour) // the same time: only the 401 tells
	if _, err := client.Kube().Get(t.Context(), namespaceRef); err != nil {
		t.Errorf("a changed file must be read again: %v", err)
	}
	if f.count() != 0 {
		t.Error("a token must replace the login")
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]address{
		"sv.example.com":          {"sv.example.com", "https://sv.example.com:443", "https://sv.example.com:6443"},
		"sv.example.com:8443":     {"sv.example.com:8443", "https://sv.example.com:8443", "https://sv.example.com:8443"},
		"https://sv.example.com/": {"sv.example.com", "https://sv.example.com:443", "https://sv.example.com:6443"},
		"10.0.0.4":                {"10.0.0.4", "https://10.0.0.4:443", "https://10.0.0.4:6443"},
		"[fd00::1]:6443":          {"[fd00::1]:6443", "https://[fd00::1]:6443", "https://[fd00::1]:6443"},
		"fd00::1":                 {"fd00::1", "https://[fd00::1]:443", "https://[fd00::1]:6443"},
	} {
		got, err := parseAddress(in)
		if err != nil || got != want {
			t.Errorf("%q: got %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "  ", "sv:port", "sv.example.com:99999", "a b"} {
		if _, err := parseAddress(in); err == nil {
			t.Errorf("%q must be refused", in)
		}
	}
}

func TestNoCredentials(t *testing.T) {
	t.Parallel()
	for _, config := range []Config{{}, {Server: "sv.example.com"}, {Server: "sv.example.com", Username: "u"}, {KubeconfigFile: "/does/not/exist"}} {
		if _, err := New(config); !errors.Is(err, fault.NotConfigured) {
			t.Errorf("%+v: got %v, want not configured", config, err)
		}
	}
}

const oneCluster = `{"apiVersion":"cluster.x-k8s.io/v1beta2","kind":"Cluster","metadata":{"name":"prod","namespace":"team-a"},"status":{"initialization":{"controlPlaneInitialized":true}}}`

func clusterAPI(f *fake) {
	f.objects = map[string]string{
		"/apis/cluster.x-k8s.io/v1beta2": `{"kind":"APIResourceList","groupVersion":"cluster.x-k8s.io/v1beta2","resources":[{"name":"clusters","kind":"Cluster","namespaced":true}]}`,
	}
}

func TestGuestAccess(t *testing.T) {
	t.Parallel()
	kubeconfig := base64.StdEncoding.EncodeToString([]byte(`apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://10.0.0.9:6443"}}]
users: [{name: u, user: {token: admin}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`))
	secretPath := "/api/v1/namespaces/team-a/secrets/prod-kubeconfig"
	secretJSON := `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"prod-kubeconfig"},"data":{"value":"` + kubeconfig + `"}}`
	clusterPath := "/apis/cluster.x-k8s.io/v1beta2/namespaces/team-a/clusters/prod"
	for name, c := range map[string]struct {
		auth          string
		guest         string
		secret, there bool
		server        string
		kind          fault.Kind
	}{
		"login":                        {auth: AuthLogin, guest: "10.0.0.8", there: true, server: "https://10.0.0.8:6443"},
		"login with a port":            {auth: AuthLogin, guest: "10.0.0.8:7443", there: true, server: "https://10.0.0.8:7443"},
		"login, no address yet":        {auth: AuthLogin, there: true, kind: fault.Transient},
		"login, no such cluster":       {auth: AuthLogin, kind: fault.NotFound},
		"auto prefers the login":       {auth: AuthAuto, guest: "10.0.0.8", there: true, secret: true, server: "https://10.0.0.8:6443"},
		"auto falls back":              {auth: AuthAuto, there: true, secret: true, server: "https://10.0.0.9:6443"},
		"secret":                       {auth: AuthSecret, guest: "10.0.0.8", there: true, secret: true, server: "https://10.0.0.9:6443"},
		"secret not there yet":         {auth: AuthSecret, there: true, kind: fault.Transient},
		"no secret, no such cluster":   {auth: AuthSecret, kind: fault.NotFound},
		"auto, no such cluster at all": {auth: AuthAuto, kind: fault.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{password: "secret", guest: c.guest}
			clusterAPI(f)
			if c.there {
				f.objects[clusterPath] = oneCluster
			}
			if c.secret {
				f.objects[secretPath] = secretJSON
			}
			client, _ := start(t, f, nil)
			access, err := client.GuestAccess(t.Context(), "team-a", "prod", c.auth)
			if c.kind != "" {
				if !errors.Is(err, c.kind) {
					t.Fatalf("got %v, want %s", err, c.kind)
				}
				return
			}
			if err != nil || access.Server != c.server {
				t.Fatalf("got %+v, %v, want %s", access, err, c.server)
			}
		})
	}
}

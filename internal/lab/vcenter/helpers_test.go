package vcenter

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/lab/contract"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

const patience = 20 * time.Second

// lab is a vCenter for one test, with raw HTTP at it.
type lab struct {
	*VCenter

	t     *testing.T
	seam  *traffic.Seam
	ca    *x509.CertPool
	http  *http.Client
	token string
	// broken is how many requests the test breaks the contract with on purpose.
	broken int
}

// start gives a small vCenter over TLS whose delays suit a test, and checks in the end that the contract was kept.
func start(t *testing.T, o Options) *lab {
	t.Helper()
	schemas, err := contract.FromEnv()
	if err != nil {
		t.Fatal(err)
	}
	cert, pool := certificate(t)
	o.TLS, o.Seam, o.Schemas = cert, traffic.New(), schemas
	def(&o.ConfigureDelay, 10*time.Millisecond)
	def(&o.RemoveDelay, 10*time.Millisecond)
	def(&o.HostsPerCluster, 2)
	def(&o.VMs, 2)
	v, err := Start(context.WithoutCancel(t.Context()), o)
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{VCenter: v, t: t, seam: o.Seam, ca: pool}
	t.Cleanup(func() {
		v.Stop()
		l.keepsContract()
	})
	l.http = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	t.Cleanup(l.http.CloseIdleConnections)
	l.login(v.opts.Username, v.opts.Password)
	return l
}

// keepsContract fails the test for what broke the contract, apart from requests that the test broke on purpose.
func (l *lab) keepsContract() {
	l.t.Helper()
	want := l.broken
	if l.opts.Schemas == nil {
		want = 0
	}
	if got := l.seam.Violations(); len(got) != want {
		l.t.Errorf("%d violations of the contract, want %d: %q", len(got), want, got)
	}
}

func certificate(t *testing.T) (*tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "vcenter"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, pool
}

// login opens a session and uses it from now on.
func (l *lab) login(user, password string) {
	l.t.Helper()
	l.token = ""
	req, _ := http.NewRequestWithContext(l.t.Context(), http.MethodPost, l.URL()+"/api/session", http.NoBody)
	req.SetBasicAuth(user, password)
	status, body := l.send(req)
	if status != http.StatusCreated {
		l.t.Fatalf("login: %d %s", status, body)
	}
	if err := json.Unmarshal(body, &l.token); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) send(req *http.Request) (int, []byte) {
	l.t.Helper()
	if l.token != "" {
		req.Header.Set(sessionHeader, l.token)
	}
	res, err := l.http.Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return res.StatusCode, body
}

// call sends JSON (a string as it is) and returns status and body.
func (l *lab) call(method, path, body string) (int, []byte) {
	l.t.Helper()
	req, err := http.NewRequestWithContext(l.t.Context(), method, l.URL()+path, bytes.NewBufferString(body))
	if err != nil {
		l.t.Fatal(err)
	}
	return l.send(req)
}

// get decodes a reply with status 200.
func (l *lab) get(path string, into any) {
	l.t.Helper()
	status, body := l.call(http.MethodGet, path, "")
	if status != http.StatusOK {
		l.t.Fatalf("GET %s: %d %s", path, status, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		l.t.Fatalf("GET %s: %v: %s", path, err, body)
	}
}

// want sends a request and compares status and, for errors, error_type.
func (l *lab) want(method, path, body string, status int, kind string) {
	l.t.Helper()
	got, reply := l.call(method, path, body)
	var e struct {
		ErrorType string `json:"error_type"`
	}
	_ = json.Unmarshal(reply, &e)
	if got != status || e.ErrorType != kind {
		l.t.Errorf("%s %s %s: %d %s, want %d %s: %s", method, path, body, got, e.ErrorType, status, kind, reply)
	}
}

// create makes a namespace on the only Supervisor and waits until it runs.
func (l *lab) create(name, fields string) {
	l.t.Helper()
	body := `{"supervisor":"` + l.Supervisors()[0].ID + `","namespace":"` + name + `"` + fields + `}`
	l.want(http.MethodPost, instances+"/v2", body, http.StatusNoContent, "")
	l.waitStatus(name, running)
}

func (l *lab) info(name string) info {
	l.t.Helper()
	var i info
	l.get(instances+"/v2/"+name, &i)
	return i
}

// eventually polls until done, without sleeping longer than it must.
func (l *lab) eventually(what string, done func() bool) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			l.t.Fatalf("timed out waiting: %s", what)
		}
	}
}

func (l *lab) waitStatus(name, status string) {
	l.t.Helper()
	l.eventually(name+" is "+status, func() bool {
		_, got, _ := l.Namespace(name)
		return got == status
	})
}

// waitGone waits for team-a to be gone, by which name every test calls its namespace.
func (l *lab) waitGone() {
	l.t.Helper()
	l.eventually("team-a is gone", func() bool { return !slices.Contains(l.Namespaces(), "team-a") })
}

// recorder is a Supervisor side that remembers and can refuse.
type recorder struct {
	mu      sync.Mutex
	applied map[string]Namespace
	removed []string
	refuse  error
	stats   Stats
}

var errNotYet = errors.New("the storage class is not there yet")

func (h *recorder) setRefuse(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refuse = err
}

func (h *recorder) last(name string) Namespace {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.applied[name]
}

func (h *recorder) NamespaceApplied(_ context.Context, ns Namespace) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refuse != nil {
		return h.refuse
	}
	if h.applied == nil {
		h.applied = map[string]Namespace{}
	}
	h.applied[ns.Name] = ns
	return nil
}

func (h *recorder) NamespaceRemoved(_ context.Context, name string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refuse != nil {
		return h.refuse
	}
	h.removed = append(h.removed, name)
	return nil
}

func (h *recorder) Usage(context.Context, string) (Stats, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.stats, nil
}

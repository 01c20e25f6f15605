// Package ownlab starts a vCenter for one test: of a version, a size and
// contents that no other test depends on. It looks at it, and changes it, with
// plain HTTP requests: the hand of somebody else. It must not import a service
// or a client package.
package ownlab

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/lab/contract"
	"github.com/vksops/terraform-provider-vks/internal/lab/pki"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
	"github.com/vksops/terraform-provider-vks/internal/lab/vcenter"
)

// The administrator of every such vCenter.
const (
	Admin    = "administrator@vsphere.local"
	Password = "VMware1!"
)

// Lab is a vCenter of one test.
type Lab struct {
	*vcenter.VCenter
	Seam *traffic.Seam

	caFile string
	http   *http.Client
	token  string
}

// New starts a vCenter. Where the contract is known, the test fails for each
// request and reply that breaks it.
func New(t *testing.T, o vcenter.Options) *Lab {
	t.Helper()
	acctest.Env(t)
	ca, err := pki.NewCA("test")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := ca.TLS("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	l := &Lab{Seam: traffic.New(), caFile: filepath.Join(t.TempDir(), "ca.pem")}
	if err := os.WriteFile(l.caFile, ca.CertPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	if o.Schemas, err = contract.FromEnv(); err != nil {
		t.Fatal(err)
	}
	o.TLS, o.Seam = &certificate, l.Seam
	if l.VCenter, err = vcenter.Start(context.WithoutCancel(t.Context()), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.Stop()
		for _, v := range l.Seam.Violations() {
			t.Errorf("the contract was broken: %v", v)
		}
	})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca.CertPEM())
	l.http = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	t.Cleanup(l.http.CloseIdleConnections)
	return l
}

// Config is body after a provider block with this vCenter. more goes into the
// provider block.
func (l *Lab) Config(body string, more ...string) string {
	return fmt.Sprintf("provider \"vks\" {\n  vcenter = {\n    server = %q\n    username = %q\n    password = %q\n    ca_file = %q\n  }\n%s\n}\n%s",
		l.Host(), Admin, Password, l.caFile, strings.Join(more, "\n"), body)
}

// Get reads a path of vCenter's API.
func (l *Lab) Get(t *testing.T, path string, into any) {
	t.Helper()
	if status, body := l.do(t, http.MethodGet, path, nil); status != http.StatusOK || json.Unmarshal(body, into) != nil {
		t.Fatalf("GET %s: %d %s", path, status, body)
	}
}

// Send writes to a path of vCenter's API.
func (l *Lab) Send(t *testing.T, method, path string, body map[string]any) {
	t.Helper()
	if status, answer := l.do(t, method, path, body); status != http.StatusNoContent {
		t.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
}

const (
	instances   = "/api/vcenter/namespaces/instances"
	sessionPath = "/api/session"
)

// CreateNamespace makes a namespace, and waits until it is RUNNING. spec needs
// neither its name nor its Supervisor when there is one only.
func (l *Lab) CreateNamespace(t *testing.T, name string, spec map[string]any) {
	t.Helper()
	path, all := instances+"/v2", map[string]any{"namespace": name, "supervisor": l.Supervisors()[0].ID}
	if status, _ := l.do(t, http.MethodGet, path, nil); status != http.StatusOK {
		// vCenter 7: a Supervisor is a compute cluster.
		var clusters []struct{ Cluster string }
		l.Get(t, "/api/vcenter/namespace-management/clusters", &clusters)
		path, all = instances, map[string]any{"namespace": name, "cluster": clusters[0].Cluster}
	}
	for key, value := range spec {
		all[key] = value
	}
	l.Send(t, http.MethodPost, path, all)
	l.AwaitStatus(t, name, "RUNNING")
}

// AwaitStatus waits until a namespace has a config_status.
func (l *Lab) AwaitStatus(t *testing.T, name, want string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, status, _ := l.Namespace(name); status == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("namespace %s did not become %s", name, want)
		}
	}
}

// Reads are the paths below /api/vcenter that the provider has read since the
// mark, with how often, and how often it logged in: once for each command, of
// which a step of a test has several.
func (l *Lab) Reads(since int64) (reads map[string]int, logins int) {
	reads = map[string]int{}
	for _, r := range l.Seam.Requests(func(r traffic.Request) bool {
		return r.Seq > since && strings.HasPrefix(r.UserAgent, "terraform-provider-vks")
	}) {
		switch {
		case r.Method == http.MethodGet:
			reads[strings.TrimPrefix(r.Path, "/api/vcenter/")]++
		case r.Path == sessionPath && r.Method == http.MethodPost:
			logins++
		}
	}
	return reads, logins
}

func (l *Lab) do(t *testing.T, method, path string, body map[string]any) (int, []byte) {
	t.Helper()
	if l.token == "" && path != sessionPath {
		status, answer := l.do(t, http.MethodPost, sessionPath, nil)
		if json.Unmarshal(answer, &l.token) != nil {
			t.Fatalf("log in: %d %s", status, answer)
		}
	}
	var payload io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		payload = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, "https://"+l.Host()+path, payload)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if l.token == "" {
		req.SetBasicAuth(Admin, Password)
	} else {
		req.Header.Set("vmware-api-session-id", l.token)
	}
	resp, err := l.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(resp.Body)
	if closeErr := resp.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer
}

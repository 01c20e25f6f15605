package acctest_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/vksops/terraform-provider-vks/internal/lab/pki"
)

// wire stands between the provider and the lab's servers, and keeps the secrets
// that pass: what must be found nowhere is known by its value.
type wire struct {
	vcenter, supervisor, caFile string

	mu    sync.Mutex
	found map[string][]string
}

// The kinds of secrets that a life has to make known.
const (
	aPassword    = "SSO password"
	aBasic       = "basic authentication"
	aSession     = "vCenter session"
	aSOAPSession = "SOAP session"
	aToken       = "Supervisor token"
	aGuestToken  = "workload cluster token"
	aSecret      = "kubeconfig Secret"
	aClientKey   = "client key"
	aClientCert  = "client certificate"
)

func tap(t *testing.T) *wire {
	t.Helper()
	w := &wire{found: map[string][]string{}, caFile: filepath.Join(t.TempDir(), "ca.pem")}
	ca, err := pki.NewCA("wire")
	if err == nil {
		err = os.WriteFile(w.caFile, ca.CertPEM(), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := ca.TLS("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	serve := func(server, caFile string) string {
		front := httptest.NewUnstartedServer(w.proxy(t, os.Getenv(server), os.Getenv(caFile)))
		front.TLS, front.EnableHTTP2 = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}, true
		front.StartTLS()
		t.Cleanup(front.Close)
		return strings.TrimPrefix(front.URL, "https://")
	}
	w.vcenter, w.supervisor = serve("VKS_VCENTER_SERVER", "VKS_VCENTER_CA_FILE"), serve("VKS_SUPERVISOR_SERVER", "VKS_SUPERVISOR_CA_FILE")
	return w
}

func (w *wire) env() map[string]string {
	return map[string]string{
		"VKS_VCENTER_SERVER": w.vcenter, "VKS_VCENTER_CA_FILE": w.caFile, "VKS_SUPERVISOR_SERVER": w.supervisor, "VKS_SUPERVISOR_CA_FILE": w.caFile,
	}
}

// proxy passes everything on to the server, and looks at it.
func (w *wire) proxy(t *testing.T, server, caFile string) http.Handler {
	t.Helper()
	if server == "" {
		t.Skip("the test needs the addresses of a vCenter and a Supervisor")
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1, // watches are streams
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(&url.URL{Scheme: "https", Host: server})
			p.Out.Header.Set("Accept-Encoding", "identity")
			w.request(p.In)
		},
		ModifyResponse: w.response,
	}
}

func (w *wire) note(kind, value string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if value != "" && !slices.Contains(w.found[kind], value) {
		w.found[kind] = append(w.found[kind], value)
	}
}

func (w *wire) request(r *http.Request) {
	if _, secret, ok := r.BasicAuth(); ok {
		w.note(aPassword, secret)
		w.note(aBasic, strings.TrimPrefix(r.Header.Get("Authorization"), "Basic "))
	}
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		w.note(aToken, bearer)
	}
	w.note(aSession, r.Header.Get("vmware-api-session-id"))
}

func (w *wire) response(r *http.Response) error {
	for _, cookie := range r.Cookies() {
		if cookie.Name == "vmware_soap_session" {
			w.note(aSOAPSession, strings.Trim(cookie.Value, `"`))
		}
	}
	path := r.Request.URL.Path
	secret := strings.HasSuffix(path, "-kubeconfig") && strings.Contains(path, "/secrets/")
	if path != "/api/session" && path != "/wcp/login" && !secret {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	_ = r.Body.Close()
	r.Body = io.NopCloser(bytes.NewReader(body))
	switch {
	case secret:
		w.secret(body)
	case path == "/wcp/login":
		w.login(body)
	default:
		var id string
		if json.Unmarshal(body, &id) == nil {
			w.note(aSession, id)
		}
	}
	return nil
}

func (w *wire) login(body []byte) {
	var answer struct {
		SessionID string  `json:"session_id"`
		Guest     *string `json:"guest_cluster_server"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return
	}
	kind := aToken
	if answer.Guest != nil {
		kind = aGuestToken
	}
	w.note(kind, answer.SessionID)
}

func (w *wire) secret(body []byte) {
	var object struct{ Data map[string]string }
	if json.Unmarshal(body, &object) != nil || object.Data["value"] == "" {
		return
	}
	w.note(aSecret, object.Data["value"])
	raw, err := base64.StdEncoding.DecodeString(object.Data["value"])
	if err != nil {
		return
	}
	config, err := clientcmd.Load(raw)
	if err != nil {
		return
	}
	for _, user := range config.AuthInfos {
		w.note(aClientKey, string(user.ClientKeyData))
		w.note(aClientCert, string(user.ClientCertificateData))
	}
}

// secrets are all that passed. One kind that is missing makes the search prove
// nothing of it.
func (w *wire) secrets(t *testing.T) map[string][]string {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, kind := range []string{aPassword, aBasic, aSession, aSOAPSession, aToken, aGuestToken, aSecret, aClientKey, aClientCert} {
		if len(w.found[kind]) == 0 {
			t.Errorf("no %s passed by", kind)
		}
	}
	if !slices.Equal(w.found[aPassword], []string{os.Getenv("VKS_PASSWORD")}) {
		t.Error("the password that passed by is not that of the lab")
	}
	return w.found
}

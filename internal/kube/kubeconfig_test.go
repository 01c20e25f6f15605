package kube_test

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
	"github.com/vksops/terraform-provider-vks/internal/lab/pki"
	"github.com/vksops/terraform-provider-vks/internal/transport"
)

// What a file says of trust and credentials holds, though the transport is the
// provider's own.
func TestKubeconfig(t *testing.T) {
	t.Parallel()
	ca, err := pki.NewCA("cluster-ca")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(whoami))
	server.EnableHTTP2 = true
	server.TLS = &tls.Config{ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: ca.Pool()}
	server.StartTLS()
	t.Cleanup(server.Close)
	proxy := httptest.NewServer(http.HandlerFunc(whoami))
	t.Cleanup(proxy.Close)
	address := server.Listener.Addr().String()
	trust := fmt.Sprintf("certificate-authority-data: %s", base64Of(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	cert, key, err := ca.Client("kubernetes-admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	credential := `{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"plugin"}}`
	for name, c := range map[string]struct{ cluster, user, context, want string }{
		"token":              {"server: https://" + address + "\n" + trust, "token: t1", "", "HTTP/2.0 Bearer t1"},
		"another context":    {"server: https://" + address + "\n" + trust, "token: t1", "other", "HTTP/2.0 Bearer t2"},
		"another host name":  {"server: https://" + address + "\ntls-server-name: example.com\n" + trust, "token: t1", "", "HTTP/2.0 Bearer t1"},
		"not verified":       {"server: https://" + address + "\ninsecure-skip-tls-verify: true", "token: t1", "", "HTTP/2.0 Bearer t1"},
		"client certificate": {"server: https://" + address + "\n" + trust, "client-certificate-data: " + base64Of(cert) + "\nclient-key-data: " + base64Of(key), "", "HTTP/2.0 kubernetes-admin"},
		"plugin": {
			"server: https://" + address + "\n" + trust,
			"exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: echo, args: ['" + credential + "']}",
			"", "HTTP/2.0 Bearer plugin",
		},
		// client-go sends no token without TLS.
		"proxy": {"server: http://cluster.invalid\nproxy-url: " + proxy.URL, "token: t1", "", "HTTP/1.1 cluster.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, err := kube.LoadKubeconfig(kubeconfigFile(t, c.cluster, c.user), c.context, transport.Config{UserAgent: "provider"})
			if err != nil {
				t.Fatal(err)
			}
			client, err := kube.New(config, "cluster under test")
			if err != nil {
				t.Fatal(err)
			}
			got, err := client.Get(t.Context(), configMap)
			if err != nil {
				t.Fatal(err)
			}
			if want := "provider " + c.want; got.GetName() != want {
				t.Errorf("the server saw %q, want %q", got.GetName(), want)
			}
		})
	}
}

// whoami answers with an object that is named after the caller.
func whoami(w http.ResponseWriter, r *http.Request) {
	seen := []string{r.UserAgent(), r.Proto}
	if r.Host == "cluster.invalid" {
		seen = append(seen, r.Host)
	}
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		seen = append(seen, r.TLS.PeerCertificates[0].Subject.CommonName)
	}
	if token := r.Header.Get("Authorization"); token != "" {
		seen = append(seen, token)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":%q}}`, strings.Join(seen, " "))
}

// kubeconfigFile has the user in its own context, and a token in "other".
func kubeconfigFile(t *testing.T, cluster, user string) string {
	t.Helper()
	block := func(text string) string { return "    " + strings.ReplaceAll(text, "\n", "\n    ") + "\n" }
	file := filepath.Join(t.TempDir(), "kubeconfig")
	text := "apiVersion: v1\nkind: Config\ncurrent-context: own\n" +
		"clusters:\n- name: c\n  cluster:\n" + block(cluster) +
		"users:\n- name: own\n  user:\n" + block(user) + "- name: other\n  user:\n" + block("token: t2") +
		"contexts:\n- name: own\n  context: {cluster: c, user: own}\n- name: other\n  context: {cluster: c, user: other}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestUnusableKubeconfig(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "kubeconfig")
	sound := kubeconfigFile(t, "server: https://127.0.0.1:1", "token: t")
	for name, c := range map[string]struct{ file, context, want string }{
		"no file":         {missing, "", "no such file"},
		"no such context": {sound, "typo", "typo"},
		"no certificate":  {kubeconfigFile(t, "server: https://127.0.0.1:1\ncertificate-authority-data: "+base64Of([]byte("text")), "token: t"), "", "certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := kube.LoadKubeconfig(c.file, c.context, transport.Config{})
			if fault.KindOf(err) != fault.NotConfigured || !strings.Contains(err.Error(), c.file) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want what is wrong (%s) and the file", err, c.want)
			}
		})
	}
}

func base64Of(text []byte) string { return base64.StdEncoding.EncodeToString(text) }

package supervisor

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// call sends one request to the front door.
func call(t *testing.T, method, path, body string, auth func(*http.Request)) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, lab.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if auth != nil {
		auth(req)
	}
	httpClient := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: labCA.Pool(), MinVersion: tls.VersionTLS12}}}
	defer httpClient.CloseIdleConnections()
	res, err := httpClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, raw
}

func basic(user string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(user, password) }
}

func withToken(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func loginAs(t *testing.T, user, body string) loginResponse {
	t.Helper()
	code, raw := call(t, http.MethodPost, "/wcp/login", body, basic(user))
	if code != http.StatusOK {
		t.Fatalf("login of %s: %d %s", user, code, raw)
	}
	var res loginResponse
	if err := json.Unmarshal(raw, &res); err != nil {
		t.Fatal(err)
	}
	return res
}

// through is a client of the front door, as a user.
func through(t *testing.T, user string) (client.Client, *rest.Config) {
	t.Helper()
	return throughDoor(t, lab.URL(), user)
}

func throughDoor(t *testing.T, url, user string) (client.Client, *rest.Config) {
	t.Helper()
	config := &rest.Config{
		Host: url, BearerToken: loginAs(t, user, "").SessionID, QPS: -1,
		TLSClientConfig: rest.TLSClientConfig{CAData: labCA.CertPEM()}, WarningHandlerWithContext: rest.NoWarnings{},
	}
	c, err := newClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return c, config
}

func TestSupervisorLogin(t *testing.T) {
	t.Parallel()
	needLab(t)
	res := loginAs(t, "Administrator@VSPHERE.LOCAL", "{}")
	user, groups, err := lab.Authenticate(res.SessionID)
	if err != nil || user != "sso:administrator@vsphere.local" || len(groups) != 1 || groups[0] != "sso:Administrators@vsphere.local" {
		t.Errorf("Authenticate = %q %q %v", user, groups, err)
	}
	if res.GuestServer != nil || !strings.Contains(res.KubeConfig, lab.URL()) {
		t.Errorf("unexpected answer to a plain login: %+v", res)
	}
	for name, auth := range map[string]func(*http.Request){
		"no credentials": nil,
		"wrong password": func(r *http.Request) { r.SetBasicAuth("administrator@vsphere.local", "no") },
		"unknown user":   func(r *http.Request) { r.SetBasicAuth("nobody@vsphere.local", password) },
	} {
		if code, _ := call(t, http.MethodPost, "/wcp/login", "", auth); code != http.StatusUnauthorized {
			t.Errorf("%s: %d, want 401", name, code)
		}
	}
	if code, _ := call(t, http.MethodGet, "/wcp/loginbanner", "", nil); code != http.StatusOK {
		t.Errorf("loginbanner: %d", code)
	}
}

func TestSupervisorGuestLogin(t *testing.T) {
	t.Parallel()
	tenant(t, "guest-login")
	labGuest.start("guest-login", "prod")
	body := `{"guest_cluster_name":"prod","guest_cluster_namespace":"guest-login"}`
	for user, want := range map[string]string{
		"administrator@vsphere.local": "127.9.9.9", "editor@vsphere.local": "127.9.9.9",
		"viewer@vsphere.local": "127.9.9.9", "stranger@vsphere.local": "",
	} {
		res := loginAs(t, user, body)
		if res.GuestServer == nil || *res.GuestServer != want {
			t.Errorf("%s: guest_cluster_server = %v, want %q", user, res.GuestServer, want)
		}
	}
	ca, err := base64.StdEncoding.DecodeString(*loginAs(t, "editor@vsphere.local", body).GuestCA)
	if err != nil || string(ca) != "a CA" {
		t.Errorf("guest_cluster_ca = %q, %v", ca, err)
	}
	if res := loginAs(t, "editor@vsphere.local", strings.Replace(body, "prod", "none", 1)); *res.GuestServer != "" {
		t.Errorf("an unknown cluster has the server %q", *res.GuestServer)
	}
	for user, want := range map[string][2]bool{
		"administrator@vsphere.local": {true, true}, "editor@vsphere.local": {true, true},
		"viewer@vsphere.local": {false, true}, "stranger@vsphere.local": {false, false},
	} {
		name, groups, err := lab.Authenticate(loginAs(t, user, "").SessionID)
		if err != nil {
			t.Fatal(err)
		}
		if edit, view := lab.GuestRole(t.Context(), name, groups, "guest-login"); [2]bool{edit, view} != want {
			t.Errorf("GuestRole(%s) = %v %v, want %v", name, edit, view, want)
		}
	}
}

func TestSupervisorTokenExpiry(t *testing.T) {
	t.Parallel()
	needLab(t)
	token := loginAs(t, "administrator@vsphere.local", "").SessionID
	get := func(token string) (int, metav1.Status) {
		code, raw := call(t, http.MethodGet, "/api/v1/namespaces", "", withToken(token))
		var status metav1.Status
		_ = json.Unmarshal(raw, &status)
		return code, status
	}
	if code, _ := get(token); code != http.StatusOK {
		t.Errorf("fresh token: %d", code)
	}
	old, err := lab.signer.sign(claims{Subject: "administrator@vsphere.local", Expires: time.Now().Add(-time.Second).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	code, status := get(old)
	if code != http.StatusUnauthorized || status.Reason != metav1.StatusReasonUnauthorized || !strings.Contains(status.Message, "expired") {
		t.Errorf("old token: %d %+v", code, status)
	}
	for _, bad := range []string{"", "x", token + "x", token[:len(token)-4] + "AAAA"} {
		if code, _ := get(bad); code != http.StatusUnauthorized {
			t.Errorf("token %.10q…: %d", bad, code)
		}
	}
}

func TestSupervisorRBAC(t *testing.T) {
	t.Parallel()
	tenant(t, "rbac")
	admin, _ := through(t, "administrator@vsphere.local")
	editor, _ := through(t, "editor@vsphere.local")
	viewer, _ := through(t, "viewer@vsphere.local")
	stranger, strangerConfig := through(t, "stranger@vsphere.local")

	secret := func() *corev1.Secret {
		return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "rbac", GenerateName: "s-"}}
	}
	for name, err := range map[string]error{
		"admin reads clusters":         admin.List(t.Context(), listOf(kindCluster)),
		"admin reads storage classes":  admin.List(t.Context(), listOf(kindStorageClass)),
		"editor reads quota":           editor.List(t.Context(), listOf(kindStorageQuota), client.InNamespace("rbac")),
		"editor writes a secret":       editor.Create(t.Context(), secret()),
		"viewer reads clusters":        viewer.List(t.Context(), listOf(kindCluster), client.InNamespace("rbac")),
		"stranger reads releases":      stranger.List(t.Context(), listOf(kindRelease)),
		"stranger reads class objects": stranger.List(t.Context(), listOf(kindClusterClass), client.InNamespace(PublicNamespace)),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	impersonator := rest.CopyConfig(strangerConfig)
	impersonator.Impersonate = rest.ImpersonationConfig{UserName: "root", Groups: []string{"system:masters"}}
	root, err := newClient(impersonator)
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"editor reads all clusters":     editor.List(t.Context(), listOf(kindCluster)),
		"editor reads storage classes":  editor.List(t.Context(), listOf(kindStorageClass)),
		"viewer reads secrets":          viewer.List(t.Context(), &corev1.SecretList{}, client.InNamespace("rbac")),
		"viewer writes a secret":        viewer.Create(t.Context(), secret()),
		"stranger reads clusters":       stranger.List(t.Context(), listOf(kindCluster), client.InNamespace("rbac")),
		"admin creates a namespace":     admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "x"}}),
		"stranger impersonates masters": root.List(t.Context(), &corev1.SecretList{}),
	} {
		if !apierrors.IsForbidden(err) {
			t.Errorf("%s: %v, want forbidden", name, err)
		}
	}
}

func TestSupervisorWorkloads(t *testing.T) {
	t.Parallel()
	tenant(t, "workloads")
	code, raw := call(t, http.MethodGet, "/wcp/workloads", "", withToken(loginAs(t, "viewer@vsphere.local", "").SessionID))
	if code != http.StatusOK || !bytes.Contains(raw, []byte(`"namespace":"workloads"`)) || !bytes.Contains(raw, []byte(`"master_host":"127.0.0.1"`)) {
		t.Errorf("%d %s", code, raw)
	}
	code, raw = call(t, http.MethodGet, "/wcp/workloads", "", withToken(loginAs(t, "stranger@vsphere.local", "").SessionID))
	if code != http.StatusOK || string(bytes.TrimSpace(raw)) != "[]" {
		t.Errorf("stranger: %d %s", code, raw)
	}
}

func TestSupervisorKubeconfigSecret(t *testing.T) {
	t.Parallel()
	tenant(t, "kubeconfigs")
	_, config := through(t, "administrator@vsphere.local")
	door, err := kubernetes.NewForConfig(config) // typed: negotiates what it likes
	if err != nil {
		t.Fatal(err)
	}
	secrets := door.CoreV1().Secrets("kubeconfigs")
	ctx := t.Context()
	watch, err := secrets.Watch(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Stop()
	labGuest.start("kubeconfigs", "up")
	for _, name := range []string{"young-kubeconfig", "up-kubeconfig"} {
		err := lab.kube.Create(ctx, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: "kubeconfigs", Name: name},
			Type:       "cluster.x-k8s.io/secret", Data: map[string][]byte{"value": []byte("in memory")},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	const want = "kubeconfig of kubeconfigs/up"
	got, err := secrets.Get(ctx, "up-kubeconfig", metav1.GetOptions{})
	if err != nil || string(got.Data["value"]) != want {
		t.Errorf("get: %q %v", got.Data["value"], err)
	}
	if _, err := secrets.Get(ctx, "young-kubeconfig", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("get of a cluster without an API server: %v", err)
	}
	list, err := secrets.List(ctx, metav1.ListOptions{FieldSelector: "type=cluster.x-k8s.io/secret"})
	if err != nil || len(list.Items) != 1 || string(list.Items[0].Data["value"]) != want {
		t.Errorf("list: %v %v", list, err)
	}
	// The first event that comes is that of the Secret that was made second.
	event := <-watch.ResultChan()
	if secret, ok := event.Object.(*corev1.Secret); !ok || string(secret.Data["value"]) != want {
		t.Errorf("watch: %v", event)
	}
	direct := &corev1.Secret{}
	if err := lab.kube.Get(ctx, client.ObjectKey{Namespace: "kubeconfigs", Name: "up-kubeconfig"}, direct); err != nil || string(direct.Data["value"]) != "in memory" {
		t.Errorf("behind the front door: %q %v", direct.Data["value"], err)
	}
	if len(labSeam.Requests(func(r traffic.Request) bool { return strings.Contains(r.Path, "up-kubeconfig") })) == 0 {
		t.Error("the request log has not seen the front door's requests")
	}
}

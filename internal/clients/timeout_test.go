package clients

import (
	"context"
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

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
)

// requestTimeout is ample for the requests that are answered at once.
const requestTimeout = 2 * time.Second

var secretRef = kube.Ref{GVR: schema.GroupVersionResource{Version: "v1", Resource: "secrets"}, Kind: "Secret", Namespace: "team-a", Name: "slow"}

// request_timeout is for a connection and the head of an answer, whichever way
// the connection was found; a watch stays open past it.
func TestRequestTimeoutIsForAllConnections(t *testing.T) {
	t.Parallel()
	fake := newSlowPlatform(t)
	base := Config{RequestTimeout: requestTimeout}
	login := base
	login.VCenter.Username, login.VCenter.Password = "devops@vsphere.local", "secret"
	login.Supervisor.Server, login.Supervisor.CAPEM = fake.address, fake.ca
	bySecret, byLogin := login, login
	bySecret.Workload.Auth, byLogin.Workload.Auth = "secret", "login"
	supervisorFile, workloadFile := base, base
	supervisorFile.Supervisor.KubeconfigFile = fake.kubeconfigFile
	workloadFile.Workload.KubeconfigFile = fake.kubeconfigFile

	var wg sync.WaitGroup
	for name, c := range map[string]struct {
		config  Config
		connect func(context.Context, *Set) (*kube.Client, error)
	}{
		"supervisor, login":      {login, ofSupervisor},
		"supervisor, kubeconfig": {supervisorFile, ofSupervisor},
		"workload, kubeconfig":   {workloadFile, ofWorkload("-")},
		"workload, login":        {byLogin, ofWorkload("team-a/prod")},
		"workload, secret":       {bySecret, ofWorkload("team-a/prod")},
	} {
		// They wait most of the time: all at once, however few processors there are.
		wg.Go(func() {
			client, err := c.connect(t.Context(), New(c.config))
			if err == nil {
				err = isLimited(t.Context(), client)
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	wg.Wait()
}

func isLimited(ctx context.Context, client *kube.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 10*requestTimeout)
	defer cancel()
	watch := client.Watch(ctx, secretRef)
	_, err := client.Get(ctx, secretRef)
	if fault.KindOf(err) != fault.Transient || ctx.Err() != nil {
		return errors.Join(errors.New("of a server that is silent"), err, ctx.Err())
	}
	select {
	case <-watch.Changes():
	case <-ctx.Done():
		return errors.New("the watch saw nothing")
	}
	if obj, err := watch.Get(ctx); err != nil || obj.GetName() != "first" {
		return errors.Join(errors.New("the watch was cut off"), err)
	}
	return nil
}

func ofSupervisor(ctx context.Context, s *Set) (*kube.Client, error) {
	sv, err := s.Supervisor(ctx)
	if err != nil {
		return nil, err
	}
	return sv.Kube(), nil
}

func ofWorkload(id string) func(context.Context, *Set) (*kube.Client, error) {
	return func(ctx context.Context, s *Set) (*kube.Client, error) { return s.Workload(ctx, id) }
}

// slowPlatform is a Supervisor and its workload cluster at one address. It
// answers logins and what leads to the cluster, is silent when it is asked for
// the object of secretRef, and has one event for a watch, later than a request
// may take.
type slowPlatform struct {
	address, kubeconfigFile string
	ca, kubeconfig          []byte
}

func newSlowPlatform(t *testing.T) *slowPlatform {
	t.Helper()
	p := &slowPlatform{kubeconfigFile: filepath.Join(t.TempDir(), "kubeconfig")}
	server := httptest.NewUnstartedServer(p)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	p.address = server.Listener.Addr().String()
	p.ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	p.kubeconfig = fmt.Appendf(nil, `{"apiVersion":"v1","kind":"Config","current-context":"c",
"clusters":[{"name":"c","cluster":{"server":"https://%s","certificate-authority-data":"%s"}}],
"users":[{"name":"u","user":{"token":"t"}}],"contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}]}`,
		p.address, base64.StdEncoding.EncodeToString(p.ca))
	if err := os.WriteFile(p.kubeconfigFile, p.kubeconfig, 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// ServeHTTP is of http.Handler.
func (p *slowPlatform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.URL.Path == "/wcp/login":
		_ = json.NewEncoder(w).Encode(map[string]string{
			"session_id": "t", "guest_cluster_server": p.address, "guest_cluster_ca": base64.StdEncoding.EncodeToString(p.ca),
		})
	case r.URL.Query().Has("watch"):
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
		case <-time.After(2 * requestTimeout):
			_, _ = fmt.Fprintln(w, `{"type":"ADDED","object":{"kind":"Secret","apiVersion":"v1","metadata":{"name":"first"}}}`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}
	case r.URL.Path == "/apis/cluster.x-k8s.io/v1beta2":
		_, _ = fmt.Fprint(w, `{"kind":"APIResourceList","groupVersion":"cluster.x-k8s.io/v1beta2","resources":[{"name":"clusters","namespaced":true,"kind":"Cluster","verbs":["get"]}]}`)
	case strings.HasSuffix(r.URL.Path, "/clusters/prod"):
		_, _ = fmt.Fprint(w, `{"kind":"Cluster","apiVersion":"cluster.x-k8s.io/v1beta2","metadata":{"name":"prod","namespace":"team-a"},"status":{"initialization":{"controlPlaneInitialized":true}}}`)
	case strings.HasSuffix(r.URL.Path, "/prod-kubeconfig"):
		_ = json.NewEncoder(w).Encode(map[string]any{
			"kind": "Secret", "apiVersion": "v1", "metadata": map[string]string{"name": "prod-kubeconfig"},
			"data": map[string]string{"value": base64.StdEncoding.EncodeToString(p.kubeconfig)},
		})
	default:
		<-r.Context().Done()
	}
}

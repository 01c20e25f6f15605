package smalllab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// Config is body after a provider block with this vCenter. more goes into the
// provider block.
func (l *Lab) Config(body string, more ...string) string {
	return fmt.Sprintf("provider \"vks\" {\n  vcenter = {\n    server = %q\n    username = %q\n    password = %q\n    ca_file = %q\n  }\n%s\n}\n%s",
		l.Host(), Admin, Password, l.CAFile, strings.Join(more, "\n"), body)
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
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := await.OK(ctx, "namespace "+name+" to be "+want, func(context.Context) error {
		if _, status, _ := l.Namespace(name); status != want {
			return fmt.Errorf("it is %q", status)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
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

package acctest_test

import (
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
)

// zonesSide is all that a plan of namespaces asks of a Supervisor: their Zones.
// It keeps the paths that it was asked for.
type zonesSide struct {
	server *httptest.Server
	body   []byte

	mu    sync.Mutex
	asked []string
}

func newZonesSide(tb testing.TB) *zonesSide {
	tb.Helper()
	items := make([]map[string]any, 0, manyNamespaces)
	for n := range manyNamespaces {
		items = append(items, map[string]any{
			"apiVersion": "topology.tanzu.vmware.com/v1alpha1", "kind": "Zone",
			"metadata": map[string]any{"namespace": teamName(n), "name": theZone},
			"spec":     map[string]any{"cpu": map[string]any{"limit": "2000000000"}},
		})
	}
	body, err := json.Marshal(map[string]any{
		"apiVersion": "topology.tanzu.vmware.com/v1alpha1", "kind": "ZoneList", "metadata": map[string]any{}, "items": items,
	})
	if err != nil {
		tb.Fatal(err)
	}
	s := &zonesSide{body: body}
	s.server = httptest.NewTLSServer(s)
	tb.Cleanup(s.server.Close)
	return s
}

// ServeHTTP answers a list of Zones.
func (s *zonesSide) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.URL.Path)
	s.mu.Unlock()
	if !strings.HasSuffix(r.URL.Path, "/zones") {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(s.body)
}

// since gives the paths that were asked for, and begins anew.
func (s *zonesSide) since() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

// use makes it the Supervisor of a CLI.
func (s *zonesSide) use(cli *acctest.CLI) {
	cli.Setenv("VKS_SUPERVISOR_SERVER", strings.TrimPrefix(s.server.URL, "https://"))
	cli.Setenv("VKS_SUPERVISOR_CA_PEM", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.server.Certificate().Raw})))
	cli.Setenv("VKS_SUPERVISOR_TOKEN", "token")
}

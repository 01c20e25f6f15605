package vcenter

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A handler that breaks the contract is reported: without this, that nothing is reported says nothing.
func TestBrokenContractIsReported(t *testing.T) {
	t.Parallel()
	good := func(more string) map[string]any {
		out := map[string]any{
			"cluster": "c", "config_status": "RUNNING", "messages": []string{}, "description": "", "access_list": []string{},
			"storage_specs": []string{}, "stats": map[string]int{"cpu_used": 1, "memory_used": 1, "storage_used": 1},
		}
		if more != "" {
			out[more] = []string{}
		}
		return out
	}
	without := func(field string) map[string]any {
		out := good("")
		delete(out, field)
		return out
	}
	for _, tc := range []struct {
		name, version string
		reply         any
		want          string
	}{
		{"good", "9.1.0.0", good(""), ""},
		{"unknown field", "9.1.0.0", good("colour"), "colour"},
		{"missing field", "9.1.0.0", without("stats"), "stats"},
		{"no body", "9.1.0.0", nil, "status 204, want 200"},
		{"good for 8.0", "8.0.2.0", good("content_libraries"), ""},
		{"later field", "8.0.0.1", good("content_libraries"), "came with 8.0.2.0"},
		{"good for 7.0.3", "7.0.3.0", good("networks"), ""},
		{"later field for 7.0.3", "7.0.3.0", good("edges"), "came with 9.1.0.0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			l := start(t, Options{Version: tc.version})
			if l.opts.Schemas == nil {
				t.Skip("the published description is not at hand")
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, instances+"/a", http.NoBody)
			r.Header.Set(sessionHeader, l.token)
			l.wrap(v7, func(*call) (any, error) { return tc.reply, nil })(httptest.NewRecorder(), r)
			got := l.seam.Violations()
			if tc.want == "" {
				return // start checks that there is none
			}
			l.broken = 1
			if len(got) != 1 || !strings.Contains(got[0].Text, tc.want) {
				t.Errorf("violations %v, want one with %q", got, tc.want)
			}
		})
	}
}

// A request of a later release, of an operation that there is not, or without what it needs is reported as well.
func TestBrokenRequestIsReported(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Version: "8.0.2.0"})
	l.create("team-a", "")
	l.broken = 3
	l.want(http.MethodPatch, instances+"/team-a", `{"edges":[]}`, http.StatusBadRequest, "INVALID_ARGUMENT")
	l.want(http.MethodGet, instances+"/team-a/access/vsphere.local/anna", "", http.StatusBadRequest, "INVALID_ARGUMENT")
	if l.opts.Schemas == nil {
		return
	}
	l.want(http.MethodGet, "/api/vcenter/namespaces/colours", "", http.StatusNotFound, "NOT_FOUND")
	for i, want := range []string{"came with 9.1.0.0", `"type" is required`, "no such operation"} {
		if got := l.seam.Violations(); len(got) <= i || !strings.Contains(got[i].Text, want) {
			t.Errorf("violations %v, want number %d with %q", got, i, want)
		}
	}
}

// Every operation that is served in the described parts of the API is described.
func TestServedIsDescribed(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	if l.opts.Schemas == nil {
		t.Skip("the published description is not at hand")
	}
	served := 0
	note := func(pattern string, _ version, _ handlerFunc) {
		method, path, _ := strings.Cut(pattern, " ")
		if !strings.HasPrefix(path, "/api/vcenter/") {
			return
		}
		served++
		if !l.opts.Schemas.Covers(method, path) {
			t.Errorf("%s is served but not described", pattern)
		}
	}
	l.namespaceRoutes(note)
	l.supervisorRoutes(note)
	l.inventoryRoutes(note)
	if served < 30 {
		t.Errorf("only %d operations were seen", served)
	}
}

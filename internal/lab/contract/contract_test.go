package contract

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// published loads the real description, which is not part of the repository.
func published(t *testing.T) *Schemas {
	t.Helper()
	dir := os.Getenv(DirEnv)
	if dir == "" {
		t.Skipf("%s is unset: it names the directory with the published description of the API", DirEnv)
	}
	s, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const (
	instances = "/api/vcenter/namespaces/instances"
	stats     = `"stats":{"cpu_used":1,"memory_used":2,"storage_used":3}`
	summary   = `{"cluster":"domain-c8","namespace":"a","description":"","config_status":"RUNNING",` + stats + `}`
)

func TestPublishedRequests(t *testing.T) {
	t.Parallel()
	s := published(t)
	for _, tc := range []struct {
		name, method, path, body, err string
	}{
		{"minimal", "POST", instances + "/v2", `{"supervisor":"s","namespace":"a"}`, ""},
		{"nulls", "POST", instances + "/v2", `{"supervisor":"s","namespace":"a","zones":null,"creator":null}`, ""},
		{"required missing", "POST", instances + "/v2", `{"supervisor":"s"}`, `"namespace"`},
		{"required null", "POST", instances + "/v2", `{"supervisor":null,"namespace":"a"}`, `"supervisor"`},
		{"unknown field", "POST", instances + "/v2", `{"supervisor":"s","namespace":"a","colour":1}`, "colour"},
		{"unknown field inside", "POST", instances + "/v2", `{"supervisor":"s","namespace":"a","access_list":[{"subject_type":"USER","subject_name":"u","domain":"d","role":"VIEW"}]}`, "subject_name"},
		{"enumeration", "POST", instances + "/v2", `{"supervisor":"s","namespace":"a","access_list":[{"subject_type":"USER","subject":"u","domain":"d","role":"KING"}]}`, "EDIT, OWNER, VIEW"},
		{"number for string", "POST", instances + "/v2", `{"supervisor":1,"namespace":"a"}`, "want string"},
		{"fraction", "PATCH", instances + "/a", `{"storage_specs":[{"policy":"p","limit":1.5}]}`, "want long"},
		{"object for list", "PATCH", instances + "/a", `{"storage_specs":{}}`, "want a list"},
		{"quota", "POST", instances, `{"cluster":"c","namespace":"a","resource_spec":{"@class":"x","cpu_limit":1,"pod_count":2}}`, ""},
		{"quota of create has no unset", "POST", instances, `{"cluster":"c","namespace":"a","resource_spec":{"cpu_limit_unset":true}}`, "cpu_limit_unset"},
		{"quota of update has", "PATCH", instances + "/a", `{"resource_spec":{"cpu_limit_unset":true}}`, ""},
		{"quota of set has not", "PUT", instances + "/a", `{"resource_spec":{"cpu_limit_unset":true}}`, "cpu_limit_unset"},
		{"quota of wrong type", "PATCH", instances + "/a", `{"resource_spec":{"cpu_limit":"1"}}`, "want long"},
		{"case of names", "POST", "/api/vcenter/namespace-management/virtual-machine-classes", `{"id":"a","cpu_count":1,"memory_MB":2}`, ""},
		{"name in two cases", "POST", "/api/vcenter/namespace-management/virtual-machine-classes", `{"id":"a","cpu_count":1,"memory_MB":2,"memory_mb":2}`, "twice"},
		{"body where none belongs", "DELETE", instances + "/a", `{"a":1}`, "no body"},
		{"not JSON", "PATCH", instances + "/a", `{`, "not JSON"},
		{"two values", "PATCH", instances + "/a", `{} {}`, "more than one"},
		{"access", "POST", instances + "/a/access/d/u?type=USER", `{"role":"VIEW"}`, ""},
		{"not covered", "POST", "/api/other", `whatever`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			wantError(t, s.CheckRequest(tc.method, tc.path, []byte(tc.body)), tc.err)
		})
	}
}

func TestPublishedResponses(t *testing.T) {
	t.Parallel()
	s := published(t)
	failure := func(kind string) string {
		return `{"error_type":"` + kind + `","messages":[{"id":"i","default_message":"m","args":[]}]}`
	}
	for _, tc := range []struct {
		name, method, path string
		status             int
		body, err          string
	}{
		{"list", "GET", instances, 200, "[" + summary + "]", ""},
		{"empty list", "GET", instances, 200, "[]", ""},
		{"null for a list", "GET", instances, 200, "null", "want a list"},
		{"v2 is not an instance", "GET", instances + "/v2", 200, "[" + summary + "]", "cluster"},
		{"status value", "GET", instances, 200, "[" + strings.Replace(summary, "RUNNING", "READY", 1) + "]", "READY"},
		{"create says 200", "POST", instances, 200, "", "want 204"},
		{"create has a body", "POST", instances, 204, "{}", "with a body"},
		{"create", "POST", instances, 204, "", ""},
		{"wire name of the endpoint", "GET", "/api/vcenter/namespace-management/supervisors/summaries", 200, `{"items":[{"supervisor":"s","info":{"name":"n","APIEndpoint":"h","config_status":"RUNNING","kubernetes_status":"READY","stats":{"cpu_used":1,"cpu_capacity":1,"memory_used":1,"memory_capacity":1,"storage_used":1,"storage_capacity":1}}}]}`, ""},
		{"exists", "POST", instances, 400, failure("ALREADY_EXISTS"), ""},
		{"exists on update", "PATCH", instances + "/a", 400, failure("ALREADY_EXISTS"), "ALREADY_EXISTS"},
		{"malformed is always possible", "POST", instances + "/a/access/d/u", 400, failure("INVALID_ARGUMENT"), ""},
		{"no access as 404", "GET", instances + "/a/access/d/u", 404, failure("UNSUPPORTED"), "UNSUPPORTED"},
		{"unknown kind", "POST", instances, 400, failure("BROKEN"), "BROKEN"},
		{"error without messages", "POST", instances, 400, `{"error_type":"ALREADY_EXISTS"}`, "messages"},
		{"expired", "GET", instances, 401, failure("UNAUTHENTICATED"), ""},
		{"overload", "GET", instances, 503, failure("SERVICE_UNAVAILABLE"), ""},
		{"string", "POST", instances + "/a/registervm", 200, `"task-1"`, ""},
		{"quota in a reply", "GET", instances + "/a", 200, `{"cluster":"c","config_status":"RUNNING","messages":[],"description":"","access_list":[],"storage_specs":[],"resource_spec":{"cpu":1},` + stats + `}`, "cpu"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			wantError(t, s.CheckResponse(tc.method, tc.path, tc.status, []byte(tc.body)), tc.err)
		})
	}
}

func wantError(t *testing.T, err error, text string) {
	t.Helper()
	switch {
	case text == "" && err != nil:
		t.Errorf("unexpected: %v", err)
	case text != "" && (err == nil || !strings.Contains(err.Error(), text)):
		t.Errorf("error %v, want one with %q", err, text)
	}
}

// Every operation of the index finds the schemas that it names.
func TestPublishedOperationsResolve(t *testing.T) {
	t.Parallel()
	s := published(t)
	if len(s.ops) < 30 {
		t.Errorf("only %d operations", len(s.ops))
	}
	for _, op := range s.ops {
		for _, name := range []string{op.Request, op.Response} {
			typ := typeOf(name)
			if elem, ok := inside(typ, "List<"); ok {
				typ = elem
			}
			if typ != "" && typ != "string" && s.named(typ) == nil {
				t.Errorf("%s %s: no schema %q", op.Method, op.Path, typ)
			}
		}
		if !s.Covers(op.Method, op.Path) {
			t.Errorf("%s %s is not found again", op.Method, op.Path)
		}
	}
	if s.Covers(http.MethodGet, "/api/vcenter/namespace-management/supervisors") {
		t.Error("covers a path that is not served")
	}
}

func TestNilChecksNothing(t *testing.T) {
	t.Parallel()
	var s *Schemas
	if err := s.CheckRequest("POST", instances, []byte("{")); err != nil {
		t.Error(err)
	}
	if err := s.CheckResponse("POST", instances, 500, nil); err != nil {
		t.Error(err)
	}
	if s.Covers("POST", instances) {
		t.Error("nil covers something")
	}
}

func TestLoadSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), schemasFile) {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, schemasFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), schemasFile) {
		t.Errorf("broken file: %v", err)
	}
}

// The same checks on a description of our own, so that they run without the published one.
func TestOwnDescription(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for file, text := range map[string]string{
		schemasFile: `{"schemas":{
			"A.Spec":{"required":["name"],"properties":{"name":{"type":"string"},"kind":{"type":"string","description":"Possible values:   - ` + "`ONE`: x.   - `TWO`: y." + `"},
				"tags":{"type":"Dictionary<string, long>"},"inner":{"type":"AInner"},"any":{"type":"NotDescribed"},"free":{"type":"Object"}}},
			"A.Inner":{"required":[],"properties":{"ok":{"type":"bool"}}}}}`,
		pathsFile: `{"operations":[{"method":"POST","path":"/a/{id}","success":200,"request_schema":"A.Spec","response_schema":"[A.Spec]"}]}`,
		opsFile:   `{"operations":[]}`,
		oldFile:   `{"paths":{}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for body, text := range map[string]string{
		`{"name":"n","kind":"TWO","tags":{"a":1},"inner":{"ok":true},"any":{"x":1},"free":{"y":2}}`: "",
		`{"NAME":"n"}`:                      "",
		`{"name":"n","kind":"THREE"}`:       "ONE, TWO",
		`{"name":"n","tags":{"a":"b"}}`:     "body.tags.a",
		`{"name":"n","inner":{"ok":"yes"}}`: "body.inner.ok",
		`{"name":"n","inner":{"no":true}}`:  "no",
		`{"name":"n","any":1}`:              "want an object",
		`{"name":"n","free":1}`:             "want Object",
		`{}`:                                "required",
		`[]`:                                "want an object",
	} {
		wantError(t, s.CheckRequest("POST", "/a/x", []byte(body)), text)
	}
	wantError(t, s.CheckResponse("POST", "/a/x", 200, []byte(`[{"name":"n"}]`)), "")
	wantError(t, s.CheckResponse("POST", "/a/x", 200, []byte(`{"name":"n"}`)), "want a list")
}

package contract

import (
	"strings"
	"testing"
)

const (
	policies   = "/api/vcenter/storage/policies"
	access     = instances + "/a/access/d/u"
	info703    = `{"cluster":"c","config_status":"RUNNING","messages":[],"description":"","access_list":[],"storage_specs":[],` + stats + `}`
	serverFull = `{"error_type":"NOT_FOUND","messages":[{"id":"i","default_message":"m","args":[]}]}`
)

func (s *Schemas) mustFor(t *testing.T, version string) *Schemas {
	t.Helper()
	of, err := s.For(version)
	if err != nil {
		t.Fatal(err)
	}
	return of
}

// The same request is right for one release and wrong for an older one.
func TestPublishedRequestsOfReleases(t *testing.T) {
	t.Parallel()
	s := published(t)
	for _, tc := range []struct {
		name, version, method, target, body, err string
	}{
		{"zones", "9.0.0.0", "PATCH", instances + "/a", `{"zones":[{"name":"z"}]}`, ""},
		{"zones too early", "8.0.3.0", "PATCH", instances + "/a", `{"zones":[{"name":"z"}]}`, "came with 9.0.0.0, this is 8.0.3.0"},
		{"a later field that is null", "8.0.3.0", "PATCH", instances + "/a", `{"zones":null}`, ""},
		{"a later field inside", "8.0.3.0", "PATCH", instances + "/a", `{"content_libraries":[{"content_library":"l","allow_import":true}]}`, "came with 9.0.0.0"},
		{"content libraries", "8.0.2.0", "PATCH", instances + "/a", `{"content_libraries":[{"content_library":"l"}]}`, ""},
		{"content libraries too early", "8.0.0.1", "PATCH", instances + "/a", `{"content_libraries":[{"content_library":"l"}]}`, "came with 8.0.2.0"},
		{"an identity provider too early", "7.0.3.0", "POST", access + "?type=USER", `{"role":"VIEW","identity_provider":"p"}`, "came with 8.0.0.1"},
		{"edges too early", "9.0.0.0", "PATCH", instances + "/a", `{"edges":[]}`, "came with 9.1.0.0"},
		{"a later operation may be asked for", "7.0.3.0", "GET", instances + "/v2/a", "", ""},
		{"an operation that never was", "9.1.0.0", "GET", "/api/vcenter/namespace-management/supervisors", "", "no such operation"},
		{"an operation without description", "9.1.0.0", "GET", "/api/vcenter/namespace-management/capability", "", ""},
		{"another part of the API", "9.1.0.0", "GET", "/api/appliance/system/version", "", ""},
		{"a parameter that is missing", "9.1.0.0", "DELETE", access, "", `"type" is required`},
		{"a parameter of another value", "9.1.0.0", "DELETE", access + "?type=user", "", "none of [USER GROUP]"},
		{"an unknown parameter", "9.1.0.0", "GET", instances + "?colour=red", "", `unknown query parameter "colour"`},
		{"a later parameter", "7.0.3.0", "GET", "/api/vcenter/namespaces-user/namespaces?groups=g", "", `"groups" came with 8.0.0.1`},
		{"a name with a slash", "9.1.0.0", "GET", instances + "/a/access/d/u%2Fv?type=USER", "", ""},
		{"7.0.3: create", "7.0.3.0", "POST", instances, `{"cluster":"c","namespace":"a","storage_specs":[{"policy":"p","limit":1}],"vm_service_spec":{"vm_classes":["c"]},"resource_spec":{"cpu_limit":1}}`, ""},
		{"7.0.3: a role", "7.0.3.0", "POST", access + "?type=USER", `{"role":"VIEW"}`, ""},
		{"7.0.3: a class", "7.0.3.0", "POST", "/api/vcenter/namespace-management/virtual-machine-classes", `{"id":"a","cpu_count":1,"memory_MB":2}`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			wantError(t, s.mustFor(t, tc.version).CheckRequest(tc.method, tc.target, []byte(tc.body)), tc.err)
		})
	}
}

func TestPublishedResponsesOfReleases(t *testing.T) {
	t.Parallel()
	s := published(t)
	with := func(fields string) string { return strings.TrimSuffix(info703, "}") + "," + fields + "}" }
	v2 := strings.Replace(info703, "cluster", "supervisor", 1)
	for _, tc := range []struct {
		name, version, method, target string
		status                        int
		body, err                     string
	}{
		{"7.0.3", "7.0.3.0", "GET", instances + "/a", 200, info703, ""},
		{"7.0.3: a later field", "7.0.3.0", "GET", instances + "/a", 200, with(`"content_libraries":[]`), "came with 8.0.2.0"},
		{"8.0.2", "8.0.2.0", "GET", instances + "/a", 200, with(`"content_libraries":[]`), ""},
		{"8.0: a later field", "8.0.2.0", "GET", instances + "/v2/a", 200, strings.TrimSuffix(v2, "}") + `,"zones":[]}`, "came with 9.0.0.0"},
		{"9.0", "9.0.0.0", "GET", instances + "/v2/a", 200, strings.TrimSuffix(v2, "}") + `,"zones":[]}`, ""},
		{"an operation too early", "7.0.3.0", "GET", instances + "/v2/a", 200, v2, "came with 8.0.0.1"},
		{"it says that it is not there", "7.0.3.0", "GET", instances + "/v2/a", 404, serverFull, ""},
		{"served though not described", "9.1.0.0", "GET", "/api/vcenter/namespace-management/capability", 200, "[]", "not described"},
		{"absent", "9.1.0.0", "GET", "/api/vcenter/namespace-management/capability", 404, serverFull, ""},
		{"policies, which are described under an older path", "7.0.3.0", "GET", policies, 200, `[{"policy":"p","name":"n","description":""}]`, ""},
		{"policies, wrapped as there", "7.0.3.0", "GET", policies, 200, `{"value":[]}`, "want a list"},
		{"7.0.3: update", "7.0.3.0", "PATCH", instances + "/a", 204, "", ""},
		{"7.0.3: the name of the endpoint", "8.0.3.0", "GET", "/api/vcenter/namespace-management/supervisors/s/summary", 200, `{"name":"n","APIEndpoint":"h"}`, "came with 9.1.0.0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			wantError(t, s.mustFor(t, tc.version).CheckResponse(tc.method, tc.target, tc.status, []byte(tc.body)), tc.err)
		})
	}
}

// What 7.0.3 said otherwise than 9.1 does is found by its own document alone.
func TestPublishedOldDocument(t *testing.T) {
	t.Parallel()
	d := published(t).old
	if len(d.ops) < 15 {
		t.Errorf("only %d operations", len(d.ops))
	}
	for body, text := range map[string]string{
		info703: "",
		strings.Replace(info703, `"description":""`, `"description":1`, 1):              "want string",
		strings.Replace(info703, "RUNNING", "READY", 1):                                 "none of CONFIGURING",
		strings.Replace(info703, `"messages":[],`, "", 1):                               `"messages" is required`,
		strings.Replace(info703, `"messages":[]`, `"messages":{}`, 1):                   "want array",
		strings.Replace(info703, `"messages":[]`, `"messages":[1]`, 1):                  "messages[0]: want an object",
		strings.Replace(info703, `"messages":[]`, `"messages":[],"zones":[]`, 1):        `unknown field "zones"`,
		strings.Replace(info703, `"messages":[]`, `"messages":[],"zones":null`, 1):      "",
		strings.Replace(info703, `"cpu_used":1`, `"cpu_used":1.5`, 1):                   "want integer",
		strings.Replace(info703, `"messages":[]`, `"messages":[],"networks":"n"`, 1):    "networks",
		strings.Replace(info703, `"messages":[]`, `"messages":[],"RESOURCE_SPEC":1`, 1): "want an object",
	} {
		wantError(t, d.checkResponse("GET", instances+"/a", 200, []byte(body)), text)
	}
	wantError(t, d.checkResponse("GET", instances+"/a", 204, nil), "want one of")
	wantError(t, d.checkResponse("PATCH", instances+"/a", 204, []byte("{}")), "where none belongs")
	wantError(t, d.checkRequest("PATCH", instances+"/a", nil, []byte(`{"zones":[]}`)), `unknown field "zones"`)
	wantError(t, d.checkRequest("PATCH", instances+"/a", nil, []byte(`{`)), "not JSON")
	wantError(t, d.checkRequest("DELETE", access, nil, nil), `"type" is required`)
	wantError(t, d.checkRequest("DELETE", access, map[string][]string{"type": {"USER"}, "x": {"1"}}, nil), `unknown query parameter "x"`)
}

func TestReleases(t *testing.T) {
	t.Parallel()
	older := []string{"7.0.0.0", "7.0.2", "7.0.2.00100", "7.0.3.0", "8.0.0.1", "8.0.2.0", "9.0.0.0", "9.1.0.0"}
	for i := range older[1:] {
		a, errA := ParseRelease(older[i])
		b, errB := ParseRelease(older[i+1])
		if errA != nil || errB != nil || !a.Before(b) || b.Before(a) || a.Before(a) {
			t.Errorf("%s is not before %s (%v, %v)", a, b, errA, errB)
		}
	}
	for _, bad := range []string{"", "x", "1.2.3.4.5"} {
		if _, err := ParseRelease(bad); err == nil {
			t.Errorf("%q is a release", bad)
		}
		if _, err := (&Schemas{}).For(bad); err == nil {
			t.Errorf("the description of %q", bad)
		}
	}
	if of, err := (*Schemas)(nil).For("8.0"); of != nil || err != nil {
		t.Error("nil is not nil for a release", of, err)
	}
}

func TestConstantsOfReleases(t *testing.T) {
	t.Parallel()
	enum, err := enumOf("x. Possible values:   - `ONE`: x.   - `TWO`: y. This constant was added in __vSphere API 9.0.0.0__.   " +
		"For more information see: *Z*.  This property was added in __vSphere API 9.1.0.0__.")
	if err != nil || len(enum) != 2 || enum["ONE"] != (Release{}) || enum["TWO"] != (Release{9}) {
		t.Errorf("%v %v", enum, err)
	}
}

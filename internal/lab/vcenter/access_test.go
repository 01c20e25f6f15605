package vcenter

import "testing"

func TestAccess(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	l.create("team-a", "")
	alice := instances + "/team-a/access/corp.local/alice?type=USER"
	system := instances + "/team-a/access/vsphere.local/SupervisorProviderViewers?type=GROUP"
	for _, tc := range []struct {
		method, path, body string
		status             int
		kind               string
	}{
		{"GET", alice, "", 400, "UNSUPPORTED"}, // no access is not a 404
		{"PUT", alice, `{"role":"VIEW"}`, 400, "UNSUPPORTED"},
		{"DELETE", alice, "", 400, "UNSUPPORTED"},
		{"POST", alice, `{"role":"VIEW"}`, 204, ""},
		{"POST", alice, `{"role":"EDIT"}`, 400, "ALREADY_EXISTS"},
		{"GET", alice, "", 200, ""},
		{"PUT", alice, `{"role":"EDIT"}`, 204, ""},
		{"PUT", alice, `{"role":"OWNER","identity_provider":"idp"}`, 400, "UNSUPPORTED"},
		{"GET", instances + "/team-a/access/corp.local/alice?type=GROUP", "", 400, "UNSUPPORTED"},
		{"GET", instances + "/team-a/access/corp.local/alice", "", 400, "INVALID_ARGUMENT"}, // the type is required
		{"GET", instances + "/team-x/access/corp.local/alice?type=USER", "", 404, "NOT_FOUND"},
		{"POST", system, `{"role":"VIEW"}`, 400, "ALREADY_EXISTS"},
		{"GET", system, "", 200, ""},
		{"DELETE", system, "", 400, "UNSUPPORTED"},
		{"DELETE", alice, "", 204, ""},
		{"GET", alice, "", 400, "UNSUPPORTED"},
	} {
		l.want(tc.method, tc.path, tc.body, tc.status, tc.kind)
	}
	l.waitStatus("team-a", running)
	l.want("POST", alice, `{"role":"KING"}`, 400, "INVALID_ARGUMENT")
	l.broken = 2
}

func TestSessions(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Users: map[string]User{"reader@corp.local": {Password: "r", ReadOnly: true}}, LockAfter: 3})
	token := l.token
	l.token = ""
	l.want("GET", instances, "", 401, "UNAUTHENTICATED")
	l.token = "made-up"
	l.want("GET", instances, "", 401, "UNAUTHENTICATED")
	l.token = token
	l.want("GET", "/api/session", "", 200, "")
	l.want("DELETE", "/api/session", "", 204, "")
	l.want("DELETE", "/api/session", "", 401, "UNAUTHENTICATED")

	l.login("reader@corp.local", "r")
	l.want("GET", instances, "", 200, "")
	l.want("POST", instances+"/v2", `{"supervisor":"`+l.Supervisors()[0].ID+`","namespace":"a"}`, 403, "UNAUTHORIZED")
	if got := l.seam.Requests(nil); got[len(got)-1].User != "reader@corp.local" {
		t.Errorf("the log has user %q", got[len(got)-1].User)
	}
	if got := l.Sessions(); got != 1 {
		t.Errorf("%d sessions", got)
	}
	for range 3 {
		if _, _, ok := l.Authenticate("reader@corp.local", "wrong"); ok {
			t.Error("a wrong password is right")
		}
	}
	if _, _, ok := l.Authenticate("reader@corp.local", "r"); ok {
		t.Error("the account is not locked")
	}
	if _, admin, ok := l.Authenticate(defaultUser, defaultPass); !ok || !admin {
		t.Error("the lock is on another account")
	}
}

func TestSessionTTL(t *testing.T) {
	t.Parallel()
	l := start(t, Options{SessionTTL: 1})
	l.want("GET", instances, "", 401, "UNAUTHENTICATED")
}

func TestAbsentRoutes(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	l.broken = 2 // a client must not ask for what never was in these parts of the API
	id := l.Supervisors()[0].ID
	for _, path := range []string{management + "/supervisors", management + "/supervisors/" + id + "/namespaces", "/api/nonsense"} {
		status, body := l.call("GET", path, "")
		if status != 404 || !contains(body, "com.vmware.vapi.rest.httpNotFound") {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	status, body := l.call("GET", instances+"/none", "")
	if status != 404 || contains(body, "httpNotFound") {
		t.Errorf("a namespace that is gone looks like a route that is absent: %d %s", status, body)
	}
}

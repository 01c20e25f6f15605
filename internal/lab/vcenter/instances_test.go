package vcenter

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Clusters: 2, Supervisors: []Supervisor{{Name: "s1", Zones: []SupervisorZone{{Name: "z1", Clusters: []string{"DC0_C0"}}}}}})
	id := l.Supervisors()[0].ID
	enabled, _ := l.inv.byName("DC0_C0")
	plain, _ := l.inv.byName("DC0_C1")
	l.create("taken", "")
	spec := func(name, more string) string {
		return fmt.Sprintf(`{"supervisor":%q,"namespace":%q%s}`, id, name, more)
	}
	old := func(cluster, name string) string { return fmt.Sprintf(`{"cluster":%q,"namespace":%q}`, cluster, name) }
	policy := l.Policies()[1].ID
	for _, tc := range []struct {
		name, path, body string
		status           int
		kind             string
	}{
		{"taken name", "/v2", spec("taken", ""), 400, "ALREADY_EXISTS"},
		{"taken name on v1", "", old(enabled.ref.Value, "taken"), 400, "ALREADY_EXISTS"},
		{"upper case", "/v2", spec("Bad", ""), 400, "INVALID_ARGUMENT"},
		{"underscore", "/v2", spec("a_b", ""), 400, "INVALID_ARGUMENT"},
		{"64 characters", "/v2", spec(strings.Repeat("a", 64), ""), 400, "INVALID_ARGUMENT"},
		{"reserved", "/v2", spec("vmware-system-x", ""), 403, "UNAUTHORIZED"},
		{"of Kubernetes", "/v2", spec("kube-system", ""), 400, "ALREADY_EXISTS"},
		{"unknown Supervisor", "/v2", `{"supervisor":"no","namespace":"a"}`, 404, "NOT_FOUND"},
		{"unknown cluster", "", old("domain-c999", "a"), 404, "NOT_FOUND"},
		{"cluster without Supervisor", "", old(plain.ref.Value, "a"), 400, "UNSUPPORTED"},
		{"unknown policy", "/v2", spec("a", `,"storage_specs":[{"policy":"no"}]`), 400, "INVALID_ARGUMENT"},
		{"policy twice", "/v2", spec("a", fmt.Sprintf(`,"storage_specs":[{"policy":%q},{"policy":%q}]`, policy, policy)), 400, "INVALID_ARGUMENT"},
		{"unknown class", "/v2", spec("a", `,"vm_service_spec":{"vm_classes":["no"]}`), 400, "INVALID_ARGUMENT"},
		{"unknown library", "/v2", spec("a", `,"content_libraries":[{"content_library":"no"}]`), 400, "INVALID_ARGUMENT"},
		{"unknown zone", "/v2", spec("a", `,"zones":[{"name":"no"}]`), 400, "INVALID_ARGUMENT"},
		{"reservation above limit", "/v2", spec("a", `,"zones":[{"name":"z1","cpu_limit_mhz":1,"cpu_reservation_mhz":2}]`), 400, "INVALID_ARGUMENT"},
		{"too little CPU", "/v2", spec("a", `,"resource_spec":{"cpu_limit":9}`), 400, "INVALID_ARGUMENT"},
		{"negative limit", "/v2", spec("a", `,"resource_spec":{"memory_limit":-1}`), 400, "INVALID_ARGUMENT"},
		{"owner from elsewhere", "/v2", spec("a", `,"access_list":[{"subject_type":"USER","subject":"u","domain":"d","role":"OWNER","identity_provider":"idp"}]`), 400, "UNSUPPORTED"},
		{"access twice", "/v2", spec("a", `,"access_list":[{"subject_type":"USER","subject":"u","domain":"d","role":"VIEW"},{"subject_type":"USER","subject":"U","domain":"d","role":"EDIT"}]`), 400, "INVALID_ARGUMENT"},
		{"NSX on a Supervisor without", "/v2", spec("a", `,"network_spec":{"network_provider":"NSX_VPC"}`), 400, "INVALID_ARGUMENT"},
		{"unknown network", "/v2", spec("a", `,"networks":["no"]`), 400, "INVALID_ARGUMENT"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l.t = t
			l.want(http.MethodPost, instances+tc.path, tc.body, tc.status, tc.kind)
		})
	}
	l.t = t
	if got := l.Namespaces(); !slices.Equal(got, []string{"taken"}) {
		t.Errorf("refused creates left %v", got)
	}
}

// What breaks the contract is refused whether the contract's files are at hand or not.
func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	id := l.Supervisors()[0].ID
	broken := []string{
		`{"supervisor":"` + id + `","namespace":"a","colour":"red"}`,
		`{"supervisor":"` + id + `","namespace":"a","resource_spec":{"cpu_limit_unset":true}}`,
		`{"supervisor":"` + id + `","namespace":"a","resource_spec":{"cpus":1}}`,
		`{"supervisor":"` + id + `","namespace":"a","storage_specs":[{"policy":"p","limit":"1Gi"}]}`,
		`{"supervisor":"` + id + `","namespace":"a","access_list":[{"subject_type":"ROBOT","subject":"u","domain":"d","role":"VIEW"}]}`,
		`{"supervisor":"` + id + `","namespace":"a","access_list":[{"subject_type":"USER","subject_name":"u","domain":"d","role":"VIEW"}]}`,
		`{"supervisor":"` + id + `","namespace":"a","cluster":"domain-c8"}`,
		`{`,
	}
	for _, body := range broken {
		l.want(http.MethodPost, instances+"/v2", body, 400, "INVALID_ARGUMENT")
	}
	l.broken = len(broken)
}

func TestLifecycle(t *testing.T) {
	t.Parallel()
	hooks := &recorder{refuse: errNotYet, stats: Stats{CPUUsedMHz: 1, MemoryUsedMiB: 2, StorageUsedMiB: 3}}
	l := start(t, Options{Hooks: hooks})
	id := l.Supervisors()[0].ID
	policy := l.Policies()[1]
	// Clients send explicit nulls too.
	l.want(http.MethodPost, instances+"/v2", fmt.Sprintf(
		`{"supervisor":%q,"namespace":"team-a","description":"A","zones":null,"creator":null,"resource_spec":{"cpu_limit":4000,"memory_limit":8192,"pod_count":7,"cpu_limit_default":500},
		"storage_specs":[{"policy":%q,"limit":0},{"policy":%q,"limit":null}],"vm_service_spec":{"vm_classes":["guaranteed-small"]},
		"access_list":[{"subject_type":"USER","subject":"alice","domain":"corp.local","role":"EDIT"}]}`, id, policy.ID, l.Policies()[3].ID), 204, "")
	if got := l.info("team-a"); got.ConfigStatus != configuring {
		t.Errorf("right after create: %s", got.ConfigStatus)
	}
	l.eventually("the refusal is a message", func() bool { return len(l.info("team-a").Messages) == 1 })
	hooks.setRefuse(nil)
	l.waitStatus("team-a", running)
	got := l.info("team-a")
	if got.Description != "A" || got.ResourceSpec["cpu_limit"] != 4000 || got.Stats != (statsInfo{1, 2, 3}) || len(got.Messages) != 0 {
		t.Errorf("info %+v", got)
	}
	if got.StorageSpecs[0].Limit == nil || *got.StorageSpecs[0].Limit != 0 || got.StorageSpecs[1].Limit != nil {
		t.Errorf("zero and no limit are not kept apart: %+v", got.StorageSpecs)
	}
	if len(got.AccessList) != 3 {
		t.Errorf("want alice and two groups of the system: %+v", got.AccessList)
	}
	ns := hooks.last("team-a")
	if *ns.CPULimitMHz != 4000 || ns.StorageLimitMiB != nil || ns.ObjectLimits["pod_count"] != 7 || ns.ContainerDefaults["cpu_limit_default"] != 500 ||
		ns.StoragePolicies[0].StorageClass != "gold-policy" || ns.StoragePolicies[1].StorageClass != "bronze-policy" ||
		ns.VMClasses[0].CPUReservationPercent != 100 || ns.VMClasses[0].MemoryMiB != 4096 {
		t.Errorf("hooks got %+v", ns)
	}
	if len(ns.Zones) != 1 || ns.Zones[0].PoolMoID == "" || ns.Zones[0].FolderMoID == "" {
		t.Errorf("zones %+v", ns.Zones)
	}

	hooks.setRefuse(errNotYet)
	l.want(http.MethodDelete, instances+"/team-a", "", 204, "")
	if got := l.info("team-a").ConfigStatus; got != removing {
		t.Errorf("right after delete: %s", got)
	}
	l.want(http.MethodDelete, instances+"/team-a", "", 204, "")
	l.want(http.MethodPatch, instances+"/team-a", `{"description":"B"}`, 400, "NOT_ALLOWED_IN_CURRENT_STATE")
	l.want(http.MethodPost, instances+"/v2", `{"supervisor":"`+id+`","namespace":"team-a"}`, 400, "ALREADY_EXISTS")
	hooks.setRefuse(nil)
	l.waitGone()
	for _, m := range []string{http.MethodGet, http.MethodDelete} {
		l.want(m, instances+"/team-a", "", 404, "NOT_FOUND")
	}
	l.want(http.MethodPatch, instances+"/team-a", `{}`, 404, "NOT_FOUND")
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	lib := l.libraries[0].ID
	base := fmt.Sprintf(`,"description":"A","resource_spec":{"cpu_limit":4000,"memory_limit":8192,"pod_count":7},"storage_specs":[{"policy":%q}],
		"vm_service_spec":{"vm_classes":["best-effort-small","best-effort-large"]},"content_libraries":[{"content_library":%q,"writable":true}],
		"access_list":[{"subject_type":"USER","subject":"alice","domain":"corp.local","role":"EDIT"}]`, l.Policies()[1].ID, lib)
	one := func(i info) string {
		writable := len(i.ContentLibraries) == 1 && *i.ContentLibraries[0].Writable
		return fmt.Sprintf("%s %v storage=%d classes=%d access=%d libs=%v", i.Description, i.ResourceSpec, len(i.StorageSpecs), len(i.VMServiceSpec.VMClasses), len(i.AccessList), writable)
	}
	const all = "A map[cpu_limit:4000 memory_limit:8192 pod_count:7] storage=1 classes=2 access=3 libs=true"
	for n, tc := range []struct {
		name, method, body string
		status             int
		want               string
	}{
		{"nothing", "PATCH", `{}`, 204, all},
		{"nulls", "PATCH", `{"description":null,"resource_spec":null,"storage_specs":null,"vm_service_spec":null,"access_list":null}`, 204, all},
		{"one limit of three", "PATCH", `{"resource_spec":{"cpu_limit":5000}}`, 204, strings.Replace(all, "4000", "5000", 1)},
		{"unset a limit", "PATCH", `{"resource_spec":{"cpu_limit_unset":true}}`, 204, strings.Replace(all, "cpu_limit:4000 ", "", 1)},
		{"unset false", "PATCH", `{"resource_spec":{"cpu_limit_unset":false}}`, 204, all},
		{"empty lists", "PATCH", `{"storage_specs":[],"access_list":[],"content_libraries":[]}`, 204, "A map[cpu_limit:4000 memory_limit:8192 pod_count:7] storage=0 classes=2 access=2 libs=false"},
		{"classes replaced", "PATCH", fmt.Sprintf(`{"vm_service_spec":{"vm_classes":["guaranteed-small"],"content_libraries":[%q]}}`, lib), 204, strings.Replace(all, "classes=2", "classes=1", 1)},
		{"writable library cannot go that way", "PATCH", `{"vm_service_spec":{}}`, 400, all},
		{"empty object loses the classes", "PATCH", fmt.Sprintf(`{"vm_service_spec":{},"content_libraries":[{"content_library":%q,"writable":true}]}`, lib), 204, strings.Replace(all, "classes=2", "classes=0", 1)},
		{"refused as a whole", "PATCH", `{"description":"B","storage_specs":[{"policy":"no"}]}`, 400, all},
		{"set clears what is missing", "PUT", `{"description":"B"}`, 204, "B map[] storage=0 classes=0 access=2 libs=false"},
		{"set has no unset", "PUT", `{"resource_spec":{"cpu_limit":4000}}`, 204, " map[cpu_limit:4000] storage=0 classes=0 access=2 libs=false"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l.t = t
			name := fmt.Sprintf("ns-%d", n)
			l.create(name, base)
			kind := ""
			if tc.status == 400 {
				kind = "INVALID_ARGUMENT"
			}
			l.want(tc.method, instances+"/"+name, tc.body, tc.status, kind)
			if got := one(l.info(name)); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			l.waitStatus(name, running)
		})
	}
	l.t = t
}

func TestLists(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Users: map[string]User{
		"alice@corp.local": {Password: "a", Groups: []string{"devs"}},
		"bob@corp.local":   {Password: "b"},
	}})
	l.create("team-a", `,"access_list":[{"subject_type":"GROUP","subject":"devs","domain":"corp.local","role":"VIEW"}]`)
	l.create("team-b", `,"access_list":[{"subject_type":"USER","subject":"bob","domain":"corp.local","role":"EDIT"}]`)
	l.SetSupervisorEndpoint(l.Supervisors()[0].ID, "127.0.0.1:6443", "PEM")
	names := func(path string) string {
		var items []struct {
			Namespace  string `json:"namespace"`
			Cluster    string `json:"cluster"`
			Supervisor string `json:"supervisor"`
			MasterHost string `json:"master_host"`
		}
		l.get(path, &items)
		var out []string
		for _, i := range items {
			out = append(out, i.Namespace)
			if (i.Cluster == "") == (i.Supervisor == "") && i.MasterHost != "127.0.0.1" {
				t.Errorf("%s: %+v", path, i)
			}
		}
		return strings.Join(out, " ")
	}
	const own = "/api/vcenter/namespaces-user/namespaces"
	for _, tc := range []struct{ user, password, path, want string }{
		{defaultUser, defaultPass, instances, "team-a team-b"},
		{defaultUser, defaultPass, instances + "/v2", "team-a team-b"},
		{defaultUser, defaultPass, own, "team-a team-b"},
		{defaultUser, defaultPass, own + "?username=alice@corp.local", "team-a"},
		{"alice@corp.local", "a", instances + "/v2", "team-a"},
		{"alice@corp.local", "a", own, "team-a"},
		{"bob@corp.local", "b", own, "team-b"},
	} {
		l.login(tc.user, tc.password)
		if got := names(tc.path); got != tc.want {
			t.Errorf("%s as %s: %q, want %q", tc.path, tc.user, got, tc.want)
		}
	}
}

func TestForcedError(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	l.SetNamespaceError("team-a", "no storage", "no network")
	l.want(http.MethodPost, instances+"/v2", `{"supervisor":"`+l.Supervisors()[0].ID+`","namespace":"team-a"}`, 204, "")
	l.waitStatus("team-a", failed)
	got := l.info("team-a")
	if len(got.Messages) != 2 || got.Messages[0].Severity != failed || got.Messages[0].Details.DefaultMessage != "no storage" {
		t.Errorf("messages %+v", got.Messages)
	}
	l.SetNamespaceError("team-a")
	l.waitStatus("team-a", running)
	l.SetNamespaceError("team-a", "broken later")
	l.waitStatus("team-a", failed)
	l.want(http.MethodDelete, instances+"/team-a", "", 204, "")
	l.waitGone()
}

// What a client must put up with: a namespace that is not there yet, and a status from before the update.
func TestLateAppearanceAndStaleStatus(t *testing.T) {
	t.Parallel()
	l := start(t, Options{AppearDelay: time.Hour, StaleDelay: time.Hour, ConfigureDelay: time.Hour})
	l.want(http.MethodPost, instances+"/v2", `{"supervisor":"`+l.Supervisors()[0].ID+`","namespace":"team-a"}`, 204, "")
	l.want(http.MethodGet, instances+"/v2/team-a", "", 404, "NOT_FOUND")
	l.mu.Lock()
	r := l.namespaces["team-a"]
	r.status, r.appears = running, time.Now() // an hour has passed
	l.mu.Unlock()
	if got := l.info("team-a"); got.ConfigStatus != running {
		t.Errorf("an hour later: %+v", got)
	}
	l.want(http.MethodPatch, instances+"/team-a", `{"description":"B"}`, 204, "")
	if got := l.info("team-a"); got.ConfigStatus != running || got.Description != "B" {
		t.Errorf("%+v", got)
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		version      string
		zones        string // error_type of a create with zones
		libraries    string
		infoZones    bool
		endpoint     bool
		v2, bindings int
	}{
		{version: "9.1.0.0", infoZones: true, endpoint: true, v2: 200, bindings: 200},
		{version: "9.0.0.0", infoZones: true, v2: 200, bindings: 200},
		{version: "8.0.2.0", zones: "INVALID_ARGUMENT", v2: 200, bindings: 404},
		{version: "8.0.0.1", zones: "INVALID_ARGUMENT", libraries: "INVALID_ARGUMENT", v2: 200, bindings: 404},
		{version: "7.0.3.0", v2: 404, bindings: 404},
	} {
		t.Run(tc.version, func(t *testing.T) {
			t.Parallel()
			l := start(t, Options{Version: tc.version})
			id := l.Supervisors()[0].ID
			l.SetSupervisorEndpoint(id, "127.0.0.1:6443", "")
			status, _ := l.call(http.MethodGet, instances+"/v2", "")
			if status != tc.v2 {
				t.Errorf("GET v2: %d", status)
			}
			if status, _ := l.call(http.MethodGet, management+"/supervisors/"+id+"/zones/bindings", ""); status != tc.bindings {
				t.Errorf("bindings: %d", status)
			}
			if tc.v2 != 200 {
				cluster := l.inv.clusters[0].ref.Value
				l.want(http.MethodPost, instances, fmt.Sprintf(`{"cluster":%q,"namespace":"old"}`, cluster), 204, "")
				l.waitStatus("old", running)
				return
			}
			want := func(name, fields, kind string) {
				code := 204
				if kind != "" {
					code = 400
					l.broken++
				}
				l.want(http.MethodPost, instances+"/v2", fmt.Sprintf(`{"supervisor":%q,"namespace":%q%s}`, id, name, fields), code, kind)
			}
			want("a", `,"zones":[{"name":"zone-1"}]`, tc.zones)
			want("b", `,"content_libraries":[]`, tc.libraries)
			want("c", "", "")
			l.waitStatus("c", running)
			if got := l.info("c"); (got.Zones != nil) != tc.infoZones || (got.NetworkSpec != nil) != tc.infoZones {
				t.Errorf("info %+v", got)
			}
			var sum supervisorInfo
			l.get(management+"/supervisors/"+id+"/summary", &sum)
			if (sum.APIEndpoint != "") != tc.endpoint {
				t.Errorf("endpoint %q", sum.APIEndpoint)
			}
		})
	}
}

package vcenter

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

const infoV2 = `{
  "supervisor": "sv-1", "config_status": "RUNNING", "description": "Tenant A",
  "messages": [{"severity": "WARNING", "details": {"id": "m", "default_message": "disk", "localized": "The disk is full.", "args": []}}, {"severity": "INFO"}],
  "stats": {"cpu_used": 1, "memory_used": 2, "storage_used": 3},
  "resource_spec": {"@class": "com.vmware.vcenter.namespaces.resource_quota_options_v1", "cpu_limit": 48000, "memory_LIMIT": 0, "pod_count": null},
  "access_list": [{"subject_type": "USER", "subject": "anna", "domain": "vsphere.local", "role": "EDIT"}],
  "storage_specs": [{"policy": "p-1"}, {"policy": "p-2", "limit": 0}],
  "vm_service_spec": {"vm_classes": ["small"], "content_libraries": ["lib-1"]},
  "content_libraries": [{"content_library": "lib-1", "writable": true, "allow_import": false}],
  "zones": [{"zone": "z1", "type": "MANAGEMENT", "marked_for_removal": false}]
}`

func TestNamespace(t *testing.T) {
	t.Parallel()
	f, c := newFake(t, map[string]answer{
		"GET /api/vcenter/namespaces/instances/v2/team-a": {200, infoV2},
		"GET /api/vcenter/namespaces/instances/v2/gone":   {404, `{"error_type":"NOT_FOUND","messages":[]}`},
	})
	got, err := c.Namespace(t.Context(), "team-a")
	if err != nil {
		t.Fatal(err)
	}
	zero, yes, no := int64(0), true, false
	want := &Namespace{
		Name: "team-a", Supervisor: "sv-1", Description: "Tenant A", ConfigStatus: StatusRunning,
		Messages:         []Message{{Severity: "WARNING", Text: "The disk is full."}, {Severity: "INFO"}},
		Stats:            NamespaceStats{CPUUsed: 1, MemoryUsed: 2, StorageUsed: 3},
		Limits:           Limits{CPULimit: 48000, MemoryLimit: 0},
		Access:           []Access{{Type: "USER", Principal: "anna", Domain: "vsphere.local", Role: "EDIT"}},
		StoragePolicies:  []StorageSpec{{Policy: "p-1"}, {Policy: "p-2", Limit: &zero}},
		VMClasses:        []string{"small"},
		ContentLibraries: []ContentLibrarySpec{{Library: "lib-1", Writable: &yes, AllowImport: &no}},
		Zones:            []NamespaceZone{{Name: "z1", Type: "MANAGEMENT"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if reads := f.asked()[1:]; len(reads) != 1 {
		t.Errorf("one read is %d requests: %v", len(reads), reads)
	}
	if _, err := c.Namespace(t.Context(), "gone"); !errors.Is(err, fault.NotFound) {
		t.Errorf("a namespace that is gone: %v", err)
	}
}

// vCenter 7 has no v2: its router takes the v2 of the list for a namespace.
func TestOldVCenter(t *testing.T) {
	t.Parallel()
	f, c := newFake(t, map[string]answer{
		"GET /api/vcenter/namespaces/instances/v2":                 {404, `{"error_type":"NOT_FOUND","messages":[{"id":"x","default_message":"No namespace v2.","args":[]}]}`},
		"GET /api/vcenter/namespaces/instances":                    {200, `[{"cluster":"domain-c9","namespace":"team-a","config_status":"RUNNING","description":"","stats":{}}]`},
		"GET /api/vcenter/namespaces/instances/team-a":             {200, strings.Replace(infoV2, `"supervisor": "sv-1"`, `"cluster": "domain-c9"`, 1)},
		"GET /api/vcenter/namespaces/instances/gone":               {404, `{"error_type":"NOT_FOUND","messages":[]}`},
		"POST /api/vcenter/namespaces/instances":                   {204, ""},
		"GET /api/vcenter/namespace-management/clusters":           {200, `[{"cluster":"domain-c9","cluster_name":"compute","config_status":"RUNNING","kubernetes_status":"READY"}]`},
		"GET /api/vcenter/namespace-management/clusters/domain-c9": {200, `{"api_server_cluster_endpoint":"192.0.2.9"}`},
	})
	list, err := c.Namespaces(t.Context())
	if err != nil || len(list) != 1 || list[0].Supervisor != "domain-c9" {
		t.Fatalf("list: %v, %v", list, err)
	}
	n, err := c.Namespace(t.Context(), "team-a")
	if err != nil || n.Supervisor != "domain-c9" {
		t.Fatalf("read: %v, %v", n, err)
	}
	if _, err := c.Namespace(t.Context(), "gone"); !errors.Is(err, fault.NotFound) {
		t.Errorf("gone: %v", err)
	}
	if err := c.CreateNamespace(t.Context(), NamespaceSpec{Supervisor: "domain-c9", Name: "team-b"}); err != nil {
		t.Errorf("create: %v", err)
	}
	if got := f.lastBody(); got != `{"cluster":"domain-c9","namespace":"team-b"}` {
		t.Errorf("create sent %s", got)
	}
	if slices.Contains(f.asked(), "GET /api/vcenter/namespaces/instances/v2/team-a") {
		t.Error("v2 was asked again after it was found to be absent")
	}
	if endpoint, err := c.SupervisorEndpoint(t.Context(), ""); err != nil || endpoint != "192.0.2.9" {
		t.Errorf("endpoint: %q, %v", endpoint, err)
	}
}

// A server that has neither route never says that a namespace is gone.
func TestNeitherRoute(t *testing.T) {
	t.Parallel()
	_, c := newFake(t, nil)
	if _, err := c.Namespace(t.Context(), "team-a"); !errors.Is(err, fault.RouteAbsent) {
		t.Errorf("got %v", err)
	}
}

func TestWrites(t *testing.T) {
	t.Parallel()
	f, c := newFake(t, map[string]answer{
		"POST /api/vcenter/namespaces/instances/v2":                                             {204, ""},
		"PATCH /api/vcenter/namespaces/instances/team-a":                                        {204, ""},
		"GET /api/vcenter/namespaces/instances/v2/team-a":                                       {200, infoV2},
		"DELETE /api/vcenter/namespaces/instances/team-a":                                       {204, ""},
		"POST /api/vcenter/namespaces/instances/team-a/access/corp.local/dev%20team?type=GROUP": {204, ""},
	})
	ctx, ten, empty := t.Context(), int64(10), ""
	group := Access{Type: "GROUP", Principal: "dev team", Domain: "corp.local", Role: "VIEW"}
	for name, step := range map[string]struct {
		do   func() error
		want string
	}{
		"create": {func() error {
			return c.CreateNamespace(ctx, NamespaceSpec{
				Supervisor: "sv-1", Name: "team-a", Limits: Limits{CPULimit: 0}, Access: []Access{group},
				StoragePolicies: []StorageSpec{{Policy: "p-1"}}, VMClasses: []string{"small"},
			})
		}, `{"supervisor":"sv-1","namespace":"team-a","resource_spec":{"cpu_limit":0},
		    "access_list":[{"subject_type":"GROUP","subject":"dev team","domain":"corp.local","role":"VIEW"}],
		    "storage_specs":[{"policy":"p-1"}],"vm_service_spec":{"vm_classes":["small"]}}`},
		"limits": {func() error {
			return c.UpdateNamespace(ctx, "team-a", NamespaceChanges{Limits: LimitChanges{MemoryLimit: &ten, CPULimit: nil}})
		}, `{"resource_spec":{"memory_limit":10,"cpu_limit_unset":true}}`},
		"description": {func() error {
			return c.UpdateNamespace(ctx, "team-a", NamespaceChanges{Description: &empty})
		}, `{"description":""}`},
		"no policy left": {func() error {
			return c.UpdateNamespace(ctx, "team-a", NamespaceChanges{StoragePolicies: &[]StorageSpec{}})
		}, `{"storage_specs":[]}`},
		"classes keep the libraries": {func() error {
			return c.UpdateNamespace(ctx, "team-a", NamespaceChanges{VMClasses: &[]string{}})
		}, `{"vm_service_spec":{"vm_classes":[],"content_libraries":["lib-1"]},
		    "content_libraries":[{"content_library":"lib-1","writable":true,"allow_import":false}]}`},
		"grant": {func() error { return c.GrantAccess(ctx, "team-a", group) }, `{"role":"VIEW"}`},
	} {
		if err := step.do(); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(asJSON(t, step.want), asJSON(t, f.lastBody())); diff != "" {
			t.Errorf("%s sent something else: %s", name, diff)
		}
	}
	before := len(f.asked())
	if err := c.UpdateNamespace(ctx, "team-a", NamespaceChanges{}); err != nil || len(f.asked()) != before {
		t.Errorf("an empty update made a request, or failed: %v", err)
	}
}

func TestAccessOfUnknownPrincipal(t *testing.T) {
	t.Parallel()
	none := answer{400, `{"error_type":"UNSUPPORTED","messages":[]}`}
	const path = " /api/vcenter/namespaces/instances/team-a/access/vsphere.local/anna?type=USER"
	_, c := newFake(t, map[string]answer{"GET" + path: none, "PUT" + path: none, "DELETE" + path: none, "POST" + path: none})
	anna := Access{Type: "USER", Principal: "anna", Domain: "vsphere.local", Role: "EDIT"}
	owner := anna
	owner.Role, owner.IdentityProvider = "OWNER", "idp-1"
	_, readErr := c.Access(t.Context(), "team-a", anna)
	for name, got := range map[string]struct {
		err  error
		want fault.Kind
	}{
		"read":                         {readErr, fault.NotFound},
		"change":                       {c.SetAccess(t.Context(), "team-a", anna), fault.NotFound},
		"revoke":                       {c.RevokeAccess(t.Context(), "team-a", anna), fault.NotFound},
		"grant":                        {c.GrantAccess(t.Context(), "team-a", anna), fault.Unsupported},
		"change to owner of other IdP": {c.SetAccess(t.Context(), "team-a", owner), fault.Unsupported},
	} {
		if fault.KindOf(got.err) != got.want {
			t.Errorf("%s: got %v, want %s", name, got.err, got.want)
		}
	}
}

func TestResolveSupervisor(t *testing.T) {
	t.Parallel()
	item := func(id, name, endpoint string) string {
		return `{"supervisor":"` + id + `","info":{"name":"` + name + `","config_status":"RUNNING","kubernetes_status":"READY","APIEndpoint":"` + endpoint + `","stats":{}}}`
	}
	const path = "GET /api/vcenter/namespace-management/supervisors/summaries"
	_, one := newFake(t, map[string]answer{path: {200, `{"items":[` + item("id-1", "east", "192.0.2.1") + `]}`}})
	_, two := newFake(t, map[string]answer{
		path: {200, `{"items":[` + item("id-1", "east", "") + "," + item("id-2", "west", "") + `]}`},
		"GET /api/vcenter/namespace-management/supervisors/id-2/topology": {200, `[{"zone":"z","clusters":["domain-c1"]}]`},
		"GET /api/vcenter/namespace-management/clusters/domain-c1":        {200, `{"api_server_cluster_endpoint":"192.0.2.2"}`},
	})
	for name, c := range map[string]struct {
		client *Client
		ask    string
		want   string
		says   string
	}{
		"the only one":  {one, "", "id-1", ""},
		"by name":       {two, "west", "id-2", ""},
		"by id":         {two, "id-1", "id-1", ""},
		"none of two":   {two, "", "", "several Supervisors: east (id-1), west (id-2)"},
		"unknown names": {two, "north", "", `no Supervisor "north"; this vCenter has: east (id-1), west (id-2)`},
	} {
		s, err := c.client.ResolveSupervisor(t.Context(), c.ask)
		if c.says == "" && (err != nil || s.ID != c.want) {
			t.Errorf("%s: got %v, %v", name, s, err)
		}
		if c.says != "" && (!errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if endpoint, err := one.SupervisorEndpoint(t.Context(), "east"); err != nil || endpoint != "192.0.2.1" {
		t.Errorf("endpoint of the summary: %q, %v", endpoint, err)
	}
	if endpoint, err := two.SupervisorEndpoint(t.Context(), "west"); err != nil || endpoint != "192.0.2.2" {
		t.Errorf("endpoint of the cluster: %q, %v", endpoint, err)
	}
}

func asJSON(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

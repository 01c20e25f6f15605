package vcenter

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

const supervisorsPath = "/api/vcenter/namespace-management/supervisors"

func TestSupervisorSummary(t *testing.T) {
	t.Parallel()
	const item = `{"supervisor":"id-1","info":{"name":"east","config_status":"ERROR","kubernetes_status":"WARNING","APIEndpoint":"192.0.2.1",
	  "stats":{"cpu_used":1,"cpu_capacity":2,"memory_used":3,"memory_capacity":4,"storage_used":5,"storage_capacity":6}`
	const messages = `,"messages":[{"id":"m-1","severity":"ERROR","details":{"id":"m","default_message":"A node is down.","args":[]}}]`
	want := Supervisor{
		ID: "id-1", Name: "east", ConfigStatus: "ERROR", KubernetesStatus: "WARNING", APIEndpoint: "192.0.2.1",
		Stats: SupervisorStats{CPUUsed: 1, CPUCapacity: 2, MemoryUsed: 3, MemoryCapacity: 4, StorageUsed: 5, StorageCapacity: 6},
	}
	for name, c := range map[string]struct {
		more string
		want []Message
	}{
		"9.1":    {messages, []Message{{Severity: "ERROR", Text: "A node is down."}}},
		"before": {"", nil},
	} {
		_, client := newFake(t, map[string]answer{"GET " + supervisorsPath + "/summaries": {200, `{"items":[` + item + c.more + `}}]}`}})
		got, err := client.ResolveSupervisor(t.Context(), "east")
		if err != nil {
			t.Fatal(err)
		}
		want.Messages = c.want
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// What is known of a Supervisor beside its summary is asked for once; zones have
// a type since 9.0 only.
func TestSupervisorDetails(t *testing.T) {
	t.Parallel()
	const one = supervisorsPath + "/id-1"
	answers := map[string]answer{
		"GET " + one + "/topology":                                 {200, `[{"zone":"z1","clusters":["domain-c1"]}]`},
		"GET " + one + "/zones/bindings":                           {200, `{"zones":[{"zone":"z1","type":"WORKLOAD","namespaces":["a"],"marked_for_removal":true,"status":"REMOVING"}]}`},
		"GET /api/vcenter/namespace-management/clusters/domain-c1": {200, `{"api_server_cluster_endpoint":"192.0.2.1","network_provider":"NSX_VPC"}`},
	}
	f, c := newFake(t, answers)
	s := Supervisor{ID: "id-1", Name: "east"}
	for range 2 {
		zones, err := c.Topology(t.Context(), s)
		if diff := cmp.Diff([]SupervisorZone{{Name: "z1", Clusters: []string{"domain-c1"}}}, zones); err != nil || diff != "" {
			t.Errorf("topology: %v %s", err, diff)
		}
		bindings, err := c.ZoneBindings(t.Context(), s)
		if diff := cmp.Diff([]ZoneBinding{{Zone: "z1", Type: "WORKLOAD", MarkedForRemoval: true, Status: "REMOVING"}}, bindings); err != nil || diff != "" {
			t.Errorf("bindings: %v %s", err, diff)
		}
		info, err := c.WorkloadManagement(t.Context(), "domain-c1")
		if err != nil || info.Endpoint != "192.0.2.1" || info.NetworkProvider != "NSX_VPC" {
			t.Errorf("cluster: %v, %v", info, err)
		}
	}
	if reads := len(f.asked()) - 1; reads != 3 {
		t.Errorf("%d requests, want 3: %v", reads, f.asked())
	}
	c.Forget()
	if _, err := c.Topology(t.Context(), s); err != nil || len(f.asked()) != 5 {
		t.Errorf("after Forget: %v, %v", err, f.asked())
	}

	delete(answers, "GET "+one+"/zones/bindings")
	_, old := newFake(t, answers)
	if bindings, err := old.ZoneBindings(t.Context(), s); err != nil || bindings != nil {
		t.Errorf("bindings before 9.0: %v, %v", bindings, err)
	}
	f, seven := newFake(t, nil)
	if bindings, err := seven.ZoneBindings(t.Context(), Supervisor{ID: "domain-c1", Legacy: true}); err != nil || bindings != nil || len(f.asked()) != 0 {
		t.Errorf("bindings before 8.0: %v, %v, %v", bindings, err, f.asked())
	}
}

// An address that is not known yet is asked for again.
func TestEndpointIsNotRemembered(t *testing.T) {
	t.Parallel()
	const cluster = "GET /api/vcenter/namespace-management/clusters/domain-c1"
	f, c := newFake(t, map[string]answer{
		"GET " + supervisorsPath + "/summaries":     {200, `{"items":[{"supervisor":"id-1","info":{"name":"east","config_status":"CONFIGURING","stats":{}}}]}`},
		"GET " + supervisorsPath + "/id-1/topology": {200, `[{"zone":"z1","clusters":["domain-c1"]}]`},
		cluster: {200, `{}`},
	})
	for range 2 {
		if _, err := c.SupervisorEndpoint(t.Context(), ""); !errors.Is(err, fault.Unsupported) {
			t.Errorf("got %v", err)
		}
	}
	if n := strings.Count(strings.Join(f.asked(), "\n"), cluster); n != 2 {
		t.Errorf("asked %d times, want 2", n)
	}
}

// A write may bind classes to namespaces, so that they are read again after it.
func TestClassesAfterAWrite(t *testing.T) {
	t.Parallel()
	const path = "GET /api/vcenter/namespace-management/virtual-machine-classes"
	f, c := newFake(t, map[string]answer{path: {200, `[]`}, "DELETE /api/vcenter/namespaces/instances/team-a": {204, ""}})
	_, _ = c.VMClasses(t.Context())
	if err := c.DeleteNamespace(t.Context(), "team-a"); err != nil {
		t.Fatal(err)
	}
	_, _ = c.VMClasses(t.Context())
	if n := strings.Count(strings.Join(f.asked(), "\n"), path); n != 2 {
		t.Errorf("asked %d times, want 2", n)
	}
}

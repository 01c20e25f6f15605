package supervisor

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

// fakeAPI answers lists of a Supervisor and remembers what was asked for.
type fakeAPI struct {
	// served are the resources by group and version, and lists the items by resource.
	served map[string][]string
	lists  map[string][]map[string]any
	// onlyNamespaces refuses lists over all namespaces.
	onlyNamespaces bool
	// broken is a resource, or a group and version: the server fails on it.
	broken string

	mu    sync.Mutex
	paths []string
}

func (f *fakeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.paths = append(f.paths, r.URL.Path)
	f.mu.Unlock()
	if f.broken != "" && strings.HasSuffix(r.URL.Path, "/"+f.broken) {
		reply(w, http.StatusBadRequest, map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 400, "reason": "BadRequest", "message": "broken"})
		return
	}
	gv := strings.TrimPrefix(r.URL.Path, "/apis/")
	if resources, ok := f.served[gv]; ok {
		var list []map[string]any
		for _, name := range resources {
			list = append(list, map[string]any{"name": name, "namespaced": true})
		}
		reply(w, http.StatusOK, map[string]any{"kind": "APIResourceList", "groupVersion": gv, "resources": list})
		return
	}
	if r.URL.Path == "/apis" {
		reply(w, http.StatusOK, map[string]any{"kind": "APIGroupList", "apiVersion": "v1", "groups": []map[string]any{{"name": "apps"}}})
		return
	}
	parts := strings.Split(r.URL.Path, "/")
	resource, namespace := parts[len(parts)-1], ""
	if i := slices.Index(parts, "namespaces"); i > 0 && i+1 < len(parts) {
		namespace = parts[i+1]
	}
	items, known := f.lists[resource]
	switch {
	case !known:
		http.Error(w, "404 page not found", http.StatusNotFound)
	case namespace == "" && f.onlyNamespaces:
		reply(w, http.StatusForbidden, map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 403, "reason": "Forbidden", "message": "no"})
	default:
		found := []map[string]any{}
		for _, item := range items {
			if namespace == "" || node(item).at("metadata").text("namespace") == namespace {
				found = append(found, item)
			}
		}
		reply(w, http.StatusOK, map[string]any{"kind": "List", "apiVersion": "v1", "metadata": map[string]any{}, "items": found})
	}
}

func (f *fakeAPI) asked(resource string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var paths []string
	for _, p := range f.paths {
		if strings.HasSuffix(p, "/"+resource) {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	return paths
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (f *fakeAPI) client(t *testing.T) *Client {
	t.Helper()
	server := httptest.NewTLSServer(f)
	t.Cleanup(server.Close)
	c, err := New(Config{Server: strings.TrimPrefix(server.URL, "https://"), Insecure: true, Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func item(kind, namespace, name string, more map[string]any) map[string]any {
	o := map[string]any{"apiVersion": "v1", "kind": kind, "metadata": map[string]any{"namespace": namespace, "name": name}}
	for key, value := range more {
		if key == "labels" || key == "annotations" {
			node(o).at("metadata")[key] = value
			continue
		}
		o[key] = value
	}
	return o
}

// machineOf is one of the cluster prod.
func machineOf(namespace, name, pool, zone string) map[string]any {
	labels := map[string]any{labelCluster: "prod", labelPool: pool}
	if pool == "" {
		labels = map[string]any{labelCluster: "prod", labelControlPlane: ""}
	}
	return item("Machine", namespace, name, map[string]any{"labels": labels, "spec": map[string]any{"failureDomain": zone}})
}

func platform() *fakeAPI {
	cluster := func(namespace string) map[string]any {
		return item("Cluster", namespace, "prod", map[string]any{"spec": map[string]any{"topology": map[string]any{
			"variables": []any{map[string]any{"name": "vmClass", "value": "small"}, map[string]any{"name": "storageClass", "value": "gold"}},
			"workers": map[string]any{"machineDeployments": []any{map[string]any{
				"name": "np", "metadata": map[string]any{"annotations": map[string]any{autoscalerMax: "5"}},
				"variables": map[string]any{"overrides": []any{
					map[string]any{"name": "vmClass", "value": "large"},
					map[string]any{"name": "volumes", "value": []any{map[string]any{"name": "d", "mountPath": "/d", "capacity": "10Gi"}}},
				}},
			}}},
		}}})
	}
	class := func(name string, cpus int, memory string, requests map[string]any) map[string]any {
		return item("VirtualMachineClass", "a", name, map[string]any{"spec": map[string]any{
			"hardware": map[string]any{"cpus": cpus, "memory": memory},
			"policies": map[string]any{"resources": map[string]any{"requests": requests}},
		}})
	}
	return &fakeAPI{
		served: map[string][]string{
			"cluster.x-k8s.io/v1beta2": {"clusters", "machines"}, "vmoperator.vmware.com/v1alpha3": {kindClasses, kindVMs},
			"cns.vmware.com/v1alpha2": {kindPolicyQuotas, kindStorageQuotas}, "topology.tanzu.vmware.com/v1alpha1": {kindZones},
		},
		lists: map[string][]map[string]any{
			kindClusters: {cluster("a"), cluster("b"), cluster("other")},
			kindMachines: {
				machineOf("a", "prod-cp-1", "", "zone-1"), machineOf("a", "prod-np-1", "np", "zone-2"),
				machineOf("a", "prod-gone-1", "gone", ""),
			},
			kindClasses: {class("small", 2, "4Gi", nil), class("large", 4, "16Gi", map[string]any{"cpu": "4", "memory": "16Gi"})},
			kindVMs: {
				item("VirtualMachine", "a", "prod-np-1", map[string]any{"spec": map[string]any{"className": "older"}}),
				item("VirtualMachine", "a", "prod-gone-1", map[string]any{"spec": map[string]any{"className": "small"}, "status": map[string]any{"zone": "zone-2"}}),
				item("VirtualMachine", "a", "alone", map[string]any{"spec": map[string]any{"className": "small"}, "status": map[string]any{"zone": "zone-1"}}),
				item("VirtualMachine", "a", "off", map[string]any{"spec": map[string]any{"className": "small", "powerState": "PoweredOff"}}),
			},
			kindPolicyQuotas: {item("StoragePolicyQuota", "a", "gold-storagepolicyquota", map[string]any{
				"spec": map[string]any{"storagePolicyId": "p-1", "limit": "100Gi"},
				"status": map[string]any{"total": []any{
					map[string]any{"storageClassName": "gold", "scQuotaUsage": map[string]any{"used": "10Gi", "reserved": "1Gi"}},
					map[string]any{"storageClassName": "gold-latebinding", "scQuotaUsage": map[string]any{"used": "5Gi", "reserved": "0"}},
				}},
			})},
			"namespaces": {
				item("Namespace", "", "a", map[string]any{"annotations": map[string]any{annotatedCPU: "1000", annotatedMemory: "2Gi"}}),
				item("Namespace", "", "b", map[string]any{"annotations": map[string]any{annotatedCPU: "<unset>", annotatedMemory: "<unset>"}}),
			},
			kindStorageQuotas: {
				item("StorageQuota", "a", "a-storagequota", map[string]any{"spec": map[string]any{"limit": "200Gi"}}),
				item("StorageQuota", "b", "b-storagequota", map[string]any{"spec": map[string]any{"limit": "9223372036854775807"}}),
			},
			kindResourceQuotas: {item("ResourceQuota", "a", "a", map[string]any{
				"spec":   map[string]any{"hard": map[string]any{"pods": "10", "count/jobs.batch": "4"}},
				"status": map[string]any{"hard": map[string]any{"pods": "10", "count/jobs.batch": "4"}, "used": map[string]any{"pods": "3"}},
			})},
			kindZones: {item("Zone", "a", "zone-1", map[string]any{
				"spec": map[string]any{
					"cpu": map[string]any{"limit": "3000000000"}, "memory": map[string]any{"reservation": "1Gi"},
					"namespace": map[string]any{"poolMoIDs": []any{"resgroup-1", "resgroup-2"}},
				},
			})},
		},
	}
}

func whole(n int64) *int64 { return &n }

func TestUsage(t *testing.T) {
	t.Parallel()
	api := platform()
	usage, err := api.client(t).Usage(t.Context(), []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	want := &NamespaceUsage{
		Clusters: []ClusterUsage{{
			Name: "prod",
			ControlPlane: NodeGroup{
				VMClass: "small", StorageClass: "gold", Nodes: []Node{{Name: "prod-cp-1", VMClass: "small", Zone: "zone-1"}},
			},
			Pools: []NodeGroup{
				{
					Name: "np", VMClass: "large", StorageClass: "gold", Volumes: []Volume{{MiB: 10 << 10}}, Max: whole(5),
					Nodes: []Node{{Name: "prod-np-1", VMClass: "older", Zone: "zone-2"}},
				},
				{Name: "gone", VMClass: "small", StorageClass: "gold", Nodes: []Node{{Name: "prod-gone-1", VMClass: "small", Zone: "zone-2"}}},
			},
		}},
		Machines: []Node{{Name: "alone", VMClass: "small", Zone: "zone-1"}},
		Classes: map[string]VMClass{
			"small": {CPUs: 2, MemoryMiB: 4 << 10},
			"large": {CPUs: 4, MemoryMiB: 16 << 10, CPURequestMilli: 4000, MemoryRequestMiB: 16 << 10},
		},
		StorageKnown: true,
		Storage:      []StorageUsage{{PolicyID: "p-1", StorageClass: "gold", LimitMiB: whole(100 << 10), UsedMiB: 15 << 10, ReservedMiB: 1 << 10}},
		CPULimitMHz:  whole(1000), MemoryLimitMiB: whole(2048), StorageLimitMiB: whole(200 << 10), Pools: []string{"resgroup-1", "resgroup-2"},
		Objects: map[string]ObjectUsage{"pods": {Limit: whole(10), Used: whole(3)}, "jobs": {Limit: whole(4)}},
		Zones:   map[string]ZoneUsage{"zone-1": {CPULimitMHz: whole(3000), MemoryReservationMiB: whole(1024)}},
	}
	if diff := cmp.Diff(want, usage.Namespaces["a"], cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	if len(usage.Namespaces) != 2 || len(usage.Namespaces["b"].Clusters) != 1 || len(usage.Namespaces["b"].Storage) != 0 {
		t.Errorf("namespace b: %+v", usage.Namespaces)
	}
	if b := usage.Namespaces["b"]; b.StorageLimitMiB != nil || b.CPULimitMHz != nil || b.MemoryLimitMiB != nil {
		t.Errorf("no limit became one: %+v", b)
	}
	if !usage.Machines || !usage.Limits || usage.OneByOne != "" || len(usage.Gaps) > 0 {
		t.Errorf("not everything is known: %+v", usage)
	}
	for resource := range api.lists {
		if got := api.asked(resource); len(got) != 1 {
			t.Errorf("%s was listed %d times: %v", resource, len(got), got)
		}
	}
}

func TestUsageOfManyNamespacesTakesNoMoreRequests(t *testing.T) {
	t.Parallel()
	counts := map[int]int{}
	for _, n := range []int{2, 40} {
		api := platform()
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf("ns-%d", i))
		}
		if _, err := api.client(t).Usage(t.Context(), names); err != nil {
			t.Fatal(err)
		}
		counts[n] = len(api.paths)
	}
	if counts[2] != counts[40] {
		t.Errorf("requests by number of namespaces: %v", counts)
	}
}

func TestUsageNamespaceByNamespace(t *testing.T) {
	t.Parallel()
	api := platform()
	api.onlyNamespaces = true
	usage, err := api.client(t).Usage(t.Context(), []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	if len(usage.Namespaces["a"].Clusters) != 1 || len(usage.Namespaces["b"].Clusters) != 1 {
		t.Errorf("got %+v", usage.Namespaces)
	}
	if got := api.asked(kindClusters); len(got) != 3 {
		t.Errorf("clusters were listed as %v", got)
	}
	if !strings.Contains(usage.OneByOne, "no") || len(usage.Gaps) > 0 {
		t.Errorf("why it took so many requests: %q; gaps %v", usage.OneByOne, usage.Gaps)
	}
	one := platform()
	one.onlyNamespaces = true
	if _, err := one.client(t).Usage(t.Context(), []string{"a"}); err != nil {
		t.Fatal(err)
	}
	if got := one.asked(kindClusters); len(got) != 1 {
		t.Errorf("a single namespace was listed as %v", got)
	}
}

// What one kind could not tell does not keep the others from telling.
func TestUsageWithoutAKind(t *testing.T) {
	t.Parallel()
	for resource, want := range map[string]string{
		kindZones: "limits of zones", kindClasses: "what machines are sized for", kindMachines: "clusters and their machines",
		kindVMs: "machines that belong to no cluster", kindPolicyQuotas: "storage by policy", kindStorageQuotas: "limits on storage",
		kindResourceQuotas: "counts of objects", "cluster.x-k8s.io/v1beta2": "clusters and their machines", "cns.vmware.com/v1alpha2": "storage by policy",
	} {
		api := platform()
		api.broken = resource
		usage, err := api.client(t).Usage(t.Context(), []string{"a", "b"})
		if err != nil {
			t.Errorf("%s: %v", resource, err)
			continue
		}
		gaps := 1
		if resource == "cns.vmware.com/v1alpha2" {
			gaps = 2 // both kinds of the group
		}
		if len(usage.Gaps) != gaps || !strings.Contains(usage.Gaps[gaps-1], want) || !strings.Contains(usage.Gaps[0], "broken") {
			t.Errorf("%s: gaps %v", resource, usage.Gaps)
		}
		machines := resource != kindClasses && resource != kindMachines && resource != "cluster.x-k8s.io/v1beta2"
		storage := resource != kindPolicyQuotas && resource != "cns.vmware.com/v1alpha2"
		limits := storage && resource != kindStorageQuotas && resource != kindResourceQuotas
		if usage.Machines != machines || usage.Namespaces["a"].StorageKnown != storage || usage.Limits != limits {
			t.Errorf("%s: %+v, namespace a %+v", resource, usage, usage.Namespaces["a"])
		}
	}
}

// The quota that there was before StoragePolicyQuotas tells, where they could not
// be read, of the namespaces that have one; of no other.
func TestUsageOfTheOlderStorageQuota(t *testing.T) {
	t.Parallel()
	api := platform()
	api.broken = kindPolicyQuotas
	api.lists[kindResourceQuotas] = append(api.lists[kindResourceQuotas], item("ResourceQuota", "b", "b-storagequota", map[string]any{
		"status": map[string]any{"hard": map[string]any{"gold" + classQuotaSuffix: "9Gi"}, "used": map[string]any{"gold" + classQuotaSuffix: "1Gi"}},
	}))
	usage, err := api.client(t).Usage(t.Context(), []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	a, b := usage.Namespaces["a"], usage.Namespaces["b"]
	if a.StorageKnown || len(a.Storage) != 0 || !b.StorageKnown {
		t.Errorf("a %+v, b %+v", a, b)
	}
	if diff := cmp.Diff([]StorageUsage{{StorageClass: "gold", LimitMiB: whole(9 << 10), UsedMiB: 1 << 10}}, b.Storage); diff != "" {
		t.Error(diff)
	}
}

// Nobody who answers is one error, and not a gap for each kind.
func TestUsageOfNobody(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	server.Close()
	c, err := New(Config{Server: strings.TrimPrefix(server.URL, "https://"), Insecure: true, Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	if usage, err := c.Usage(t.Context(), []string{"a"}); !errors.Is(err, fault.Unreachable) {
		t.Errorf("got %+v, %v", usage, err)
	}
}

func TestUsageOfAnOldSupervisor(t *testing.T) {
	t.Parallel()
	api := platform()
	api.served = map[string][]string{"vmoperator.vmware.com/v1alpha2": {kindClasses}}
	api.lists[kindResourceQuotas] = append(api.lists[kindResourceQuotas], item("ResourceQuota", "a", "a-storagequota", map[string]any{
		"spec": map[string]any{"hard": map[string]any{
			"gold" + classQuotaSuffix: "9223372036854775807", "gold-latebinding" + classQuotaSuffix: "9223372036854775807",
		}},
		"status": map[string]any{
			"hard": map[string]any{"gold" + classQuotaSuffix: "9223372036854775807", "gold-latebinding" + classQuotaSuffix: "9223372036854775807"},
			"used": map[string]any{"gold" + classQuotaSuffix: "1Gi", "gold-latebinding" + classQuotaSuffix: "512Mi"},
		},
	}))
	quota := node(api.lists[kindResourceQuotas][0])
	quota.at("spec", "hard")[volumeQuota], quota.at("status", "hard")[volumeQuota] = "5Gi", "5Gi"
	usage, err := api.client(t).Usage(t.Context(), []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	if limit := usage.Namespaces["a"].StorageLimitMiB; limit == nil || *limit != 5<<10 {
		t.Errorf("storage limit %v", limit)
	}
	want := []StorageUsage{{StorageClass: "gold", UsedMiB: 1536}}
	if diff := cmp.Diff(want, usage.Namespaces["a"].Storage); diff != "" {
		t.Error(diff)
	}
	if usage.Machines || !usage.Namespaces["a"].StorageKnown || len(usage.Gaps) != 1 || !strings.Contains(usage.Gaps[0], "Cluster API") {
		t.Errorf("got %+v", usage)
	}
}

package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
)

// warnings collects the Warning headers of a client.
type warnings struct {
	mu   sync.Mutex
	list []string
}

func (w *warnings) HandleWarningHeaderWithContext(_ context.Context, _ int, _, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, text)
}

func (w *warnings) take() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := strings.Join(w.list, "\n")
	w.list = nil
	return out
}

// administrator is a client of the front door that keeps warnings.
func administrator(t *testing.T) (client.Client, *warnings) {
	t.Helper()
	_, config := through(t, "administrator@vsphere.local")
	config = rest.CopyConfig(config)
	w := &warnings{}
	config.WarningHandlerWithContext = w
	c, err := newClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return c, w
}

// newCluster is a Cluster as users write it.
func newCluster(namespace, name, version, class string, controlPlane, workers int) *unstructured.Unstructured {
	return object(kindCluster, namespace, name, map[string]any{"spec": map[string]any{
		"clusterNetwork": map[string]any{
			"pods":          map[string]any{"cidrBlocks": []any{"192.168.156.0/20"}}, // host bits, as in VMware's own examples
			"services":      map[string]any{"cidrBlocks": []any{"10.96.0.0/12"}},
			"serviceDomain": "cluster.local",
		},
		"topology": map[string]any{
			"classRef":     map[string]any{"name": class},
			"version":      version,
			"controlPlane": map[string]any{"replicas": controlPlane},
			"workers": map[string]any{"machineDeployments": []any{
				map[string]any{"class": "node-pool", "name": "np", "replicas": workers},
			}},
			"variables": []any{
				map[string]any{"name": "vmClass", "value": "best-effort-small"},
				map[string]any{"name": "storageClass", "value": "vsan-default"},
			},
		},
	}})
}

func set(u *unstructured.Unstructured, value any, path ...string) *unstructured.Unstructured {
	u = u.DeepCopy()
	raw, _ := json.Marshal(value)
	var plain any
	_ = json.Unmarshal(raw, &plain)
	if err := unstructured.SetNestedField(u.Object, plain, path...); err != nil {
		panic(err)
	}
	return u
}

func without(u *unstructured.Unstructured, path ...string) *unstructured.Unstructured {
	u = u.DeepCopy()
	unstructured.RemoveNestedField(u.Object, path...)
	return u
}

// waitCluster waits for a state of a Cluster and returns it.
func waitCluster(t *testing.T, key client.ObjectKey, what string, ok func(*clusterv1.Cluster) bool) *clusterv1.Cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	c := &clusterv1.Cluster{}
	err := await.OK(ctx, what, func(ctx context.Context) error {
		if err := lab.kube.Get(ctx, key, c); err != nil {
			return err
		}
		if !ok(c) {
			return errors.New(describe(c))
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, describe(c)) // the last error may be that of the read
	}
	return c
}

func describe(c *clusterv1.Cluster) string {
	var parts []string
	for _, cond := range c.Status.Conditions {
		parts = append(parts, fmt.Sprintf("%s=%s (%s)", cond.Type, cond.Status, cond.Message))
	}
	return strings.Join(parts, "\n")
}

func TestSupervisorCluster(t *testing.T) {
	t.Parallel()
	tenant(t, "cluster")
	door, warned := administrator(t)
	events := lab.WatchClusters(t.Context())
	key := client.ObjectKey{Namespace: "cluster", Name: "prod"}
	began := time.Now()

	if err := door.Create(t.Context(), newCluster("cluster", "prod", "v1.33", "builtin-generic-v3.4.0", 3, 2)); err != nil {
		t.Fatal(err)
	}
	if got, want := warned.take(), "ClusterClass builtin-generic-v3.4.0 updated to the newest compatible ClusterClass builtin-generic-v3.7.0"; got != want {
		t.Errorf("warnings %q, want %q", got, want)
	}
	waitCluster(t, key, "the control plane", controlPlaneReady)
	t.Logf("control plane after %s", time.Since(began).Round(time.Second))
	expectEvent(t, events, ClusterEvent{Namespace: "cluster", Name: "prod", Available: true})

	// Without an API server for its users a Cluster is not available.
	labGuest.start("cluster", "prod")
	c := waitCluster(t, key, "Available", func(c *clusterv1.Cluster) bool {
		return conditionTrue(c, clusterv1.ClusterAvailableCondition) && conditionTrue(c, conditionAddons) && conditionTrue(c, conditionSystemChecks)
	})
	t.Logf("available after %s", time.Since(began).Round(time.Second))
	checkAdmitted(t, c)
	if len(c.Status.FailureDomains) != 1 || c.Status.FailureDomains[0].Name != "zone-1" {
		t.Errorf("failure domains: %v", c.Status.FailureDomains)
	}
	waitUsage(t, "cluster", 5*rootDiskMiB)
	cpu, memory, storage, err := lab.Usage(t.Context(), "cluster")
	if err != nil || cpu != 5*2*mhzPerCPU*idleCPUPercent/100 || memory != 5*(4096*residentMemPercent/100) || storage != 5*rootDiskMiB {
		t.Errorf("usage: %d MHz, %d MiB, %d MiB, %v", cpu, memory, storage, err)
	}

	began = time.Now()
	if err := lab.NamespaceRemoved(t.Context(), "cluster"); err != nil {
		t.Fatal(err)
	}
	t.Logf("removed after %s", time.Since(began).Round(time.Second))
	expectEvent(t, events, ClusterEvent{Namespace: "cluster", Name: "prod", Deleted: true})
}

// checkAdmitted looks for what admission has made of a Cluster.
func checkAdmitted(t *testing.T, c *clusterv1.Cluster) {
	t.Helper()
	topology := c.Spec.Topology
	if topology.Version != "v1.33.6+vmware.1-fips" || c.Labels[labelRelease] != "v1.33.6---vmware.1-fips-vkr.1" {
		t.Errorf("version %q, release %q", topology.Version, c.Labels[labelRelease])
	}
	if topology.ClassRef.Name != "builtin-generic-v3.7.0" || topology.ClassRef.Namespace != PublicNamespace {
		t.Errorf("class %v", topology.ClassRef)
	}
	if c.Spec.Paused != nil && *c.Spec.Paused {
		t.Error("still paused")
	}
	for _, v := range topology.Variables {
		if v.Name == "kubernetes" && strings.Contains(string(v.Value.Raw), `"renewalDaysBeforeExpiry":90`) {
			return
		}
	}
	t.Errorf("no certificate rotation in %v", topology.Variables)
}

func expectEvent(t *testing.T, events <-chan ClusterEvent, want ClusterEvent) {
	t.Helper()
	timeout := time.After(time.Minute)
	for {
		select {
		case e := <-events:
			if (e.UID == "") != e.Deleted {
				t.Errorf("UID of %+v", e)
			}
			if e.UID = ""; e == want {
				return
			}
		case <-timeout:
			t.Fatalf("no event %+v", want)
		}
	}
}

func waitUsage(t *testing.T, namespace string, mib int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := await.OK(ctx, "usage", func(ctx context.Context) error {
		u := object(kindPolicyQuota, namespace, "vsan-default"+policyQuotaSuffix, nil)
		if err := lab.kube.Get(ctx, client.ObjectKeyFromObject(u), u); err != nil {
			return err
		}
		total, _, _ := unstructured.NestedSlice(u.Object, "status", "total")
		if len(total) == 1 {
			entry, _ := total[0].(map[string]any)
			if used, _, _ := unstructured.NestedString(entry, "scQuotaUsage", "used"); quantityMiB(used) == mib {
				return nil
			}
		}
		return fmt.Errorf("status.total is %v", total)
	})
	if err != nil {
		t.Error(err)
	}
}

func TestSupervisorRefusals(t *testing.T) {
	t.Parallel()
	tenant(t, "refusals")
	door, _ := administrator(t)
	good := newCluster("refusals", "c", "v1.34", "builtin-generic-v3.6.0", 1, 1)
	variables := func(v ...any) []any { return v }
	vmClass := map[string]any{"name": "vmClass", "value": "best-effort-small"}
	storage := map[string]any{"name": "storageClass", "value": "vsan-default"}
	at := []string{"spec", "topology", "variables"}
	image := func(selector string) *unstructured.Unstructured {
		return set(good, selector, "spec", "topology", "controlPlane", "metadata", "annotations", annotationOSImage)
	}
	for name, tt := range map[string]struct {
		object *unstructured.Unstructured
		want   string
	}{
		"unknown version":      {set(good, "v1.99", "spec", "topology", "version"), "k8sVersionPrefix: v1.99"},
		"incompatible release": {set(good, "v1.37", "spec", "topology", "version"), resolverWebhook + `" denied the request: Could not resolve KR/OSImage`},
		"half a minor":         {set(good, "v1.3", "spec", "topology", "version"), "Could not resolve"},
		"ambiguous image":      {image("os-name=ubuntu"), "Multiple OSImages resolved for Control Plane"},
		"no such image":        {image("os-name=rhel"), "osImageSelector: os-name=rhel"},
		"no vmClass":           {set(good, variables(storage), at...), "Required value"},
		"no storageClass":      {set(good, variables(vmClass), at...), "Required value"},
		"unknown variable":     {set(good, variables(vmClass, storage, map[string]any{"name": "ntp", "value": "x"}), at...), "variable is not defined"},
		"foreign VM class":     {set(good, variables(storage, map[string]any{"name": "vmClass", "value": "huge"}), at...), "not bound to the namespace"},
		"foreign storage":      {set(good, variables(vmClass, map[string]any{"name": "storageClass", "value": "gold"}), at...), "not assigned to the namespace"},
		"overlapping pods":     {set(good, []any{"10.244.0.0/16"}, "spec", "clusterNetwork", "pods", "cidrBlocks"), "overlaps with the Supervisor's range"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := door.Create(t.Context(), tt.object, client.DryRunAll)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
		})
	}
	if err := door.Create(t.Context(), image("os-name=ubuntu, os-version=24.04"), client.DryRunAll); err != nil {
		t.Errorf("selector with a space: %v", err)
	}
	err := door.Get(t.Context(), client.ObjectKeyFromObject(good), good.DeepCopy())
	if !apierrors.IsNotFound(err) {
		t.Errorf("a dry run left something: %v", err)
	}
}

func TestSupervisorVersions(t *testing.T) {
	t.Parallel()
	tenant(t, "versions")
	door, warned := administrator(t)
	for asked, want := range map[string][2]string{
		"v1.33.1":                  {"v1.33.1+vmware.1-fips", "v1.33.1---vmware.1-fips-vkr.2"},
		"v1.33.1+vmware.1-fips":    {"v1.33.1+vmware.1-fips", "v1.33.1---vmware.1-fips-vkr.2"},
		"v1.34.1+vmware.1-vkr.4":   {"v1.34.1+vmware.1", "v1.34.1---vmware.1-vkr.4"},
		"v1.35.2---vmware.1-vkr.3": {"v1.35.2+vmware.1", "v1.35.2---vmware.1-vkr.3"},
		"v1.32":                    {"v1.32.10+vmware.1-fips", "v1.32.10---vmware.1-fips-vkr.2"},
	} {
		c := newCluster("versions", "c", asked, "builtin-generic-v3.6.0", 1, 1)
		if err := door.Create(t.Context(), c, client.DryRunAll); err != nil {
			t.Errorf("%s: %v", asked, err)
			continue
		}
		version, _, _ := unstructured.NestedString(c.Object, "spec", "topology", "version")
		if got := [2]string{version, c.GetLabels()[labelRelease]}; got != want {
			t.Errorf("%s became %v, want %v", asked, got, want)
		}
	}
	warned.take()
	kept := newCluster("versions", "kept", "v1.33", "builtin-generic-v3.4.0", 1, 1)
	kept.SetAnnotations(map[string]string{annotationKeepClass: ""})
	if err := door.Create(t.Context(), kept, client.DryRunAll); err != nil {
		t.Fatal(err)
	}
	if class, _, _ := unstructured.NestedString(kept.Object, "spec", "topology", "classRef", "name"); class != "builtin-generic-v3.4.0" || warned.take() != "" {
		t.Errorf("class %s in spite of %s", class, annotationKeepClass)
	}
}

func TestSupervisorV1Beta1(t *testing.T) {
	t.Parallel()
	tenant(t, "old-api")
	door, warned := administrator(t)
	c := newCluster("old-api", "c", "v1.34", "builtin-generic-v3.6.0", 1, 1)
	c.SetAPIVersion("cluster.x-k8s.io/v1beta1")
	c = set(without(c, "spec", "topology", "classRef"), "builtin-generic-v3.6.0", "spec", "topology", "class")
	if err := door.Create(t.Context(), c.DeepCopy(), client.DryRunAll); err != nil {
		t.Fatal(err)
	}
	if got := warned.take(); !strings.Contains(got, "v1beta1 Cluster is deprecated") {
		t.Errorf("warnings %q", got)
	}
	err := door.Create(t.Context(), without(c, "spec", "clusterNetwork", "services"), client.DryRunAll)
	if err == nil || !strings.Contains(err.Error(), "spec.ClusterNetwork.Services must be defined") {
		t.Errorf("without services: %v", err)
	}
}

func TestSupervisorUpdates(t *testing.T) {
	t.Parallel()
	tenant(t, "updates")
	door, warned := administrator(t)
	labGuest.start("updates", "c")
	key := client.ObjectKey{Namespace: "updates", Name: "c"}
	if err := door.Create(t.Context(), newCluster("updates", "c", "v1.33.1", "builtin-generic-v3.6.0", 1, 1)); err != nil {
		t.Fatal(err)
	}
	waitCluster(t, key, "Available", func(c *clusterv1.Cluster) bool { return conditionTrue(c, conditionAddons) })
	warned.take()

	patch := func(body string) error {
		u := object(kindCluster, "updates", "c", nil)
		return door.Patch(t.Context(), u, client.RawPatch("application/merge-patch+json", []byte(body)))
	}
	if err := patch(`{"spec":{"clusterNetwork":{"serviceDomain":"other.local"}}}`); err == nil || !strings.Contains(err.Error(), "spec.clusterNetwork is immutable and cannot be updated") {
		t.Errorf("network change: %v", err)
	}
	setCondition(t, conditionSystemChecks, "False")
	if err := patch(`{"spec":{"topology":{"version":"v1.34"}}}`); err == nil || !strings.Contains(err.Error(), "SystemChecksSucceeded condition is not True") {
		t.Errorf("upgrade in spite of failed checks: %v", err)
	}
	setCondition(t, conditionSystemChecks, "True")
	began := time.Now()
	if err := patch(`{"spec":{"topology":{"version":"v1.34","controlPlane":{"replicas":1}}}}`); err != nil {
		t.Fatal(err)
	}
	c := waitCluster(t, key, "the upgrade", upToDate)
	t.Logf("upgraded after %s", time.Since(began).Round(time.Second))
	if c.Spec.Topology.Version != "v1.34.2+vmware.2" {
		t.Errorf("version %s", c.Spec.Topology.Version)
	}
	if err := lab.NamespaceRemoved(t.Context(), "updates"); err != nil {
		t.Error(err)
	}
}

// A lab that runs for long makes more clusters than it has ports for at a time;
// and a name can be used again as soon as its Cluster is gone.
func TestSupervisorUsesPortsAndNamesAgain(t *testing.T) {
	t.Parallel()
	tenant(t, "ports")
	door, _ := administrator(t)
	key := client.ObjectKey{Namespace: "ports", Name: "c"}
	for range maxClusters + 1 {
		if err := door.Create(t.Context(), newCluster(key.Namespace, key.Name, "v1.34", "builtin-generic-v3.6.0", 1, 1)); err != nil {
			t.Fatal(err)
		}
		c := waitCluster(t, key, "an endpoint", func(c *clusterv1.Cluster) bool { return c.Spec.ControlPlaneEndpoint.Port != 0 })
		if err := door.Delete(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		waitGone(t, key)
	}
	if err := lab.NamespaceRemoved(t.Context(), "ports"); err != nil {
		t.Error(err)
	}
}

// A Cluster whose deletion begins before the pause of admission has ended goes, too.
func TestSupervisorDeletesWhatIsPaused(t *testing.T) {
	t.Parallel()
	tenant(t, "at-once")
	door, _ := administrator(t)
	key := client.ObjectKey{Namespace: "at-once", Name: "c"}
	// Its owner's pause lasts until the test makes it admission's.
	c := set(newCluster(key.Namespace, key.Name, "v1.34", "builtin-generic-v3.6.0", 1, 1), true, "spec", "paused")
	if err := door.Create(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	waitCluster(t, key, "Cluster API to hold it", func(c *clusterv1.Cluster) bool { return slices.Contains(c.Finalizers, clusterv1.ClusterFinalizer) })
	if err := door.Delete(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	lab.paused.set(key, true)
	waitGone(t, key)
}

func waitGone(t *testing.T, key client.ObjectKey) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := &clusterv1.Cluster{}
	if err := await.OK(ctx, "the end of the cluster", func(ctx context.Context) error {
		err := lab.kube.Get(ctx, key, c)
		if apierrors.IsNotFound(err) {
			return nil
		}
		return errors.Join(errors.New("it is there still"), err)
	}); err != nil {
		t.Fatalf("%v\n%s", err, describe(c))
	}
}

// upToDate is when an upgrade is over.
func upToDate(c *clusterv1.Cluster) bool {
	for _, kind := range []string{
		clusterv1.ClusterTopologyReconciledCondition, clusterv1.ClusterControlPlaneMachinesUpToDateCondition,
		clusterv1.ClusterWorkerMachinesUpToDateCondition, clusterv1.ClusterAvailableCondition,
	} {
		if cond := findCondition(c, kind); cond == nil || cond.Status != "True" || cond.ObservedGeneration != c.Generation {
			return false
		}
	}
	rolling := findCondition(c, clusterv1.ClusterRollingOutCondition)
	return rolling != nil && rolling.Status == "False"
}

func setCondition(t *testing.T, kind, status string) {
	t.Helper()
	u := object(kindCluster, "updates", "c", map[string]any{"status": map[string]any{
		"conditions": []any{condition(kind, status, "Test", "as the test wants it", metav1.NewTime(time.Now()))},
	}})
	if err := lab.applyStatus(t.Context(), u, "test"); err != nil {
		t.Fatal(err)
	}
}

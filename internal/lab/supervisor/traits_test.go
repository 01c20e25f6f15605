package supervisor

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func variablesOf(nameValues ...any) []any {
	var out []any
	for i := 0; i < len(nameValues); i += 2 {
		out = append(out, map[string]any{"name": nameValues[i], "value": nameValues[i+1]})
	}
	return out
}

// legacyCluster is a Cluster of the first class, as people wrote it in v1beta1.
func legacyCluster(namespace, name string, machineDeployments, variables []any) *unstructured.Unstructured {
	c := newCluster(namespace, name, "v1.25.7---vmware.3-fips.1-tkg.1", "", 1, 1)
	c.SetAPIVersion("cluster.x-k8s.io/v1beta1")
	c = set(without(c, "spec", "topology", "classRef"), legacyClass, "spec", "topology", "class")
	c = set(c, machineDeployments, "spec", "topology", "workers", "machineDeployments")
	return set(c, append(variablesOf("vmClass", "best-effort-small", "storageClass", "vsan-default"), variables...), "spec", "topology", "variables")
}

func createAndWait(t *testing.T, door client.Client, u *unstructured.Unstructured) *clusterv1.Cluster {
	t.Helper()
	labGuest.start(u.GetNamespace(), u.GetName())
	if err := door.Create(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	return waitCluster(t, client.ObjectKeyFromObject(u), "Available", func(c *clusterv1.Cluster) bool {
		return conditionTrue(c, clusterv1.ClusterAvailableCondition) && conditionTrue(c, conditionAddons)
	})
}

// poolsOf is how many machines each pool wants.
func poolsOf(t *testing.T, c *clusterv1.Cluster) map[string]int32 {
	t.Helper()
	var list clusterv1.MachineDeploymentList
	if err := lab.kube.List(t.Context(), &list, client.InNamespace(c.Namespace), client.MatchingLabels{clusterv1.ClusterNameLabel: c.Name}); err != nil {
		t.Fatal(err)
	}
	out := map[string]int32{}
	for _, md := range list.Items {
		out[md.Labels[clusterv1.ClusterTopologyMachineDeploymentNameLabel]] = ptr.Deref(md.Spec.Replicas, -1)
	}
	return out
}

// What people ran on the first class: zones, empty pools, pools that only an
// autoscaler sizes, lists with nothing in them, overrides without a storage class.
func TestSupervisorLegacyClass(t *testing.T) {
	t.Parallel()
	tenant(t, "legacy")
	door, warned := administrator(t)
	disks := []any{map[string]any{
		"name": "containerd", "mountPath": "/var/lib/containerd", "storageClass": "vsan-default", "capacity": map[string]any{"storage": "15Gi"},
	}}
	c := createAndWait(t, door, legacyCluster("legacy", "old",
		[]any{
			map[string]any{
				"class": "node-pool", "name": "zoned", "failureDomain": "zone-1", "replicas": 1,
				"variables": map[string]any{"overrides": variablesOf("nodePoolVolumes", []any{
					map[string]any{"name": "containerd", "mountPath": "/var/lib/containerd", "capacity": map[string]any{"storage": "30Gi"}},
				})},
			},
			map[string]any{"class": "node-pool", "name": "empty", "failureDomain": "zone-1", "replicas": 0},
			map[string]any{"class": "node-pool", "name": "scaled", "metadata": map[string]any{"annotations": map[string]any{
				clusterv1.AutoscalerMinSizeAnnotation: "0", clusterv1.AutoscalerMaxSizeAnnotation: "3",
			}}},
		},
		variablesOf(
			"ntp", "ntp.example.com", "defaultStorageClass", "vsan-default", "clusterEncryptionConfigYaml", "kind: EncryptionConfiguration\n",
			"controlPlaneVolumes", disks, "nodePoolVolumes", []any{}, "nodePoolLabels", []any{}, "nodePoolTaints", []any{},
			"trust", map[string]any{"additionalTrustedCAs": []any{map[string]any{"name": "harbor-ca-1"}}},
		)))
	topology := c.Spec.Topology
	if topology.ClassRef.Name != legacyClass || topology.ClassRef.Namespace != PublicNamespace || topology.Version != "v1.25.7+vmware.3-fips.1" {
		t.Errorf("class %v, version %s", topology.ClassRef, topology.Version)
	}
	for _, v := range topology.Variables {
		if v.Name == "kubernetes" {
			t.Errorf("certificate rotation for a class that does not know it: %s", v.Value.Raw)
		}
	}
	if got := warned.take(); strings.Contains(got, "updated to the newest") {
		t.Errorf("warnings %q", got)
	}
	if got := poolsOf(t, c); got["zoned"] != 1 || got["empty"] != 0 || got["scaled"] != 0 || len(got) != 3 {
		t.Errorf("pools %v", got)
	}
	// The control plane and the one worker have a disk each beside their own.
	waitUsage(t, "legacy", 2*rootDiskMiB+(15+30)*1024)

	pool := map[string]any{"class": "node-pool", "name": "np", "replicas": 1}
	err := door.Create(t.Context(), legacyCluster("legacy", "other", []any{pool}, variablesOf("volumes", []any{})), client.DryRunAll)
	if err == nil || !strings.Contains(err.Error(), "variable is not defined") {
		t.Errorf("a variable of another generation: %v", err)
	}
	if err := lab.NamespaceRemoved(t.Context(), "legacy"); err != nil {
		t.Error(err)
	}
}

// What only the newest class knows, and an autoscaled pool beside it.
func TestSupervisorNewestClass(t *testing.T) {
	t.Parallel()
	tenant(t, "newest")
	door, _ := administrator(t)
	jwt := map[string]any{
		"issuer":               map[string]any{"url": "https://idp.example.com", "audiences": []any{"vks"}},
		"claimMappings":        map[string]any{"username": map[string]any{"claim": "email", "prefix": "oidc:"}},
		"claimValidationRules": []any{map[string]any{"expression": "claims.email_verified == true", "message": "must be verified"}},
	}
	u := newCluster("newest", "c", "v1.36.1---vmware.4-vkr.5", "builtin-generic-v3.7.0", 1, 1)
	u = set(u, variablesOf(
		"vmClass", "best-effort-small", "storageClass", "vsan-default",
		"kubernetes", map[string]any{
			"apiServerConfiguration": map[string]any{"extraAuthentication": map[string]any{"jwt": []any{jwt}}, "logs": map[string]any{"format": "json"}},
			"etcdConfiguration":      map[string]any{"maximumDBSizeGiB": 4, "maxRequestSizeKiB": 2048},
			"kubeProxyConfiguration": map[string]any{"enabled": true},
			"security":               map[string]any{"minimumTLSProtocol": "1.3"},
		},
		"bootstrapAddons", map[string]any{"cniRef": map[string]any{"name": "antrea", "namespace": PublicNamespace}},
		"osConfiguration", map[string]any{"immutability": map[string]any{"usrPartitionMode": "ReadOnly"}},
	), "spec", "topology", "variables")
	u = set(u, []any{map[string]any{"class": "node-pool", "name": "scaled", "metadata": map[string]any{"annotations": map[string]any{
		clusterv1.AutoscalerMinSizeAnnotation: "1", clusterv1.AutoscalerMaxSizeAnnotation: "5",
		annotationOSImage: "os-name=ubuntu,os-version=24.04",
	}}}}, "spec", "topology", "workers", "machineDeployments")
	spec := u.DeepCopy()
	c := createAndWait(t, door, u)
	if c.Spec.Topology.Version != "v1.36.1+vmware.4" || c.Spec.Topology.Workers.MachineDeployments[0].Replicas != nil {
		t.Errorf("version %s, pools %+v", c.Spec.Topology.Version, c.Spec.Topology.Workers.MachineDeployments)
	}
	if got := poolsOf(t, c); got["scaled"] != 1 {
		t.Errorf("pools %v", got)
	}
	older := set(set(spec, "v1.34", "spec", "topology", "version"), "builtin-generic-v3.6.0", "spec", "topology", "classRef", "name")
	older.SetAnnotations(map[string]string{annotationKeepClass: ""})
	if err := door.Create(t.Context(), older, client.DryRunAll); err == nil || !strings.Contains(err.Error(), "kubeProxyConfiguration") {
		t.Errorf("the same on an older class: %v", err)
	}
	if err := lab.NamespaceRemoved(t.Context(), "newest"); err != nil {
		t.Error(err)
	}
}

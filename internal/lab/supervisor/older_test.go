package supervisor

import (
	"net/http"
	"slices"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// versionsOf is what discovery tells of Cluster API, as newer and as older
// clients ask.
func versionsOf(t *testing.T, config *rest.Config, legacy bool) (preferred string, versions []string) {
	t.Helper()
	d, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	d.UseLegacyDiscovery = legacy
	groups, resources, err := d.ServerGroupsAndResources()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		if g.Name != clusterGroup {
			continue
		}
		preferred = g.PreferredVersion.GroupVersion
		for _, v := range g.Versions {
			versions = append(versions, v.Version)
		}
	}
	for _, version := range versions {
		if !slices.ContainsFunc(resources, func(l *metav1.APIResourceList) bool { return l.GroupVersion == clusterGroup+"/"+version }) {
			t.Errorf("no resources of %s", version)
		}
	}
	return preferred, versions
}

func TestOlderDoor(t *testing.T) {
	t.Parallel()
	tenant(t, "older")
	_, newer := through(t, "administrator@vsphere.local")
	door, config := throughDoor(t, lab.OlderURL(), "administrator@vsphere.local")
	for _, legacy := range []bool{false, true} {
		if preferred, versions := versionsOf(t, config, legacy); preferred != "cluster.x-k8s.io/v1beta1" || !slices.Equal(versions, []string{"v1beta1"}) {
			t.Errorf("the older door tells %s of %v (legacy: %v)", preferred, versions, legacy)
		}
		if preferred, versions := versionsOf(t, newer, legacy); preferred != "cluster.x-k8s.io/v1beta2" || !slices.Contains(versions, "v1beta2") {
			t.Errorf("the other door tells %s of %v (legacy: %v)", preferred, versions, legacy)
		}
	}
	anybody := &rest.Config{Host: lab.OlderURL(), TLSClientConfig: config.TLSClientConfig}
	if _, err := discovery.NewDiscoveryClientForConfigOrDie(anybody).ServerResourcesForGroupVersion(kindCluster.GroupVersion().String()); !apierrors.IsUnauthorized(err) {
		t.Errorf("without a login: %v", err)
	}
	group, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{
		"/apis/cluster.x-k8s.io/v1beta2":                           http.StatusNotFound,
		"/apis/cluster.x-k8s.io/v1beta2/namespaces/older/clusters": http.StatusNotFound,
		"/apis/cluster.x-k8s.io/v1beta1/namespaces/older/clusters": http.StatusOK,
		"/openapi/v3/apis/cluster.x-k8s.io/v1beta2":                http.StatusNotFound,
		"/apis/controlplane.cluster.x-k8s.io/v1beta2":              http.StatusOK,
		"/api": http.StatusOK,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, lab.OlderURL()+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := group.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %s, want %d", path, res.Status, want)
		}
	}

	// The client does not know of the version, and so knows no such kind.
	if err := door.List(t.Context(), listOf(kindCluster), client.InNamespace("older")); !meta.IsNoMatchError(err) {
		t.Errorf("v1beta2 through the older door: %v", err)
	}
	old := kindCluster
	old.Version = olderVersion
	c := newCluster("older", "c", "v1.34", "", 1, 1)
	c.SetGroupVersionKind(old)
	c = set(without(c, "spec", "topology", "classRef"), "builtin-generic-v3.6.0", "spec", "topology", "class")
	if err := door.Create(t.Context(), c, client.DryRunAll); err != nil {
		t.Error(err)
	}
	if c.GetAPIVersion() != clusterGroup+"/v1beta1" {
		t.Errorf("answered as %s", c.GetAPIVersion())
	}
}

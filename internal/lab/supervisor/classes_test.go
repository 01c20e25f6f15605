package supervisor

import (
	"encoding/json"
	"slices"
	"testing"

	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
)

func TestNewestClass(t *testing.T) {
	t.Parallel()
	s := &Supervisor{classes: classes()}
	for version, want := range map[string]string{
		"v1.25.7+vmware.3-fips.1": "", // none of the modern ones: it stays where it is
		"v1.29":                   "builtin-generic-v3.4.0",
		"v1.31.0":                 "builtin-generic-v3.5.0",
		"v1.32.10+vmware.1-fips":  "builtin-generic-v3.6.0",
		"v1.33":                   "builtin-generic-v3.7.0",
		"v1.36.1+vmware.4":        "builtin-generic-v3.7.0",
		"v1.37":                   "",
	} {
		if got, ok := s.newestClass(version); got.name != want || ok != (want != "") {
			t.Errorf("%s: %q, want %q", version, got.name, want)
		}
	}
}

// Each class has the variables, and the fields in them, of its own generation.
func TestClassVariables(t *testing.T) {
	t.Parallel()
	for _, c := range classes() {
		variables, err := c.variables()
		if err != nil {
			t.Fatal(err)
		}
		has := func(name string) bool {
			return slices.ContainsFunc(variables, func(v clusterv1.ClusterClassVariable) bool { return v.Name == name })
		}
		isLegacy := c.since == legacy
		for name, want := range map[string]bool{
			"vmClass": true, "storageClass": true, "kubeAPIServerFQDNs": true,
			"kubernetes": !isLegacy, "volumes": !isLegacy, "nodePoolVolumes": isLegacy, "ntp": isLegacy,
			"bootstrapAddons": c.since >= "3.6" && !isLegacy,
		} {
			if has(name) != want {
				t.Errorf("%s: variable %s: %v, want %v", c.name, name, has(name), want)
			}
		}
		if isLegacy {
			continue
		}
		i := slices.IndexFunc(variables, func(v clusterv1.ClusterClassVariable) bool { return v.Name == "kubernetes" })
		kubernetes := variables[i].Schema.OpenAPIV3Schema.Properties
		if _, ok := kubernetes["kubeProxyConfiguration"]; ok != (c.since >= "3.7") {
			t.Errorf("%s: kubeProxyConfiguration: %v", c.name, ok)
		}
		if _, ok := kubernetes["apiServerConfiguration"].Properties["extraAuthentication"]; ok != (c.since >= "3.7") {
			t.Errorf("%s: extraAuthentication: %v", c.name, ok)
		}
		if _, ok := kubernetes["etcdConfiguration"]; ok != (c.since >= "3.5") {
			t.Errorf("%s: etcdConfiguration: %v", c.name, ok)
		}
	}
}

// Volumes of both generations count towards a quota.
func TestVolumeCapacity(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`[{"capacity":"15Gi","storageClass":"gold"}]`, `[{"capacity":{"storage":"15Gi"},"storageClass":"gold"}]`} {
		var volumes []volume
		if err := json.Unmarshal([]byte(text), &volumes); err != nil {
			t.Fatal(err)
		}
		if want := (volume{Capacity: "15Gi", StorageClass: "gold"}); volumes[0] != want {
			t.Errorf("%s: %+v, want %+v", text, volumes[0], want)
		}
	}
	var volumes []volume
	if json.Unmarshal([]byte(`[{"capacity":3}]`), &volumes) == nil {
		t.Errorf("a number is no quantity here: %+v", volumes)
	}
}

// One image of a release has the library that a selector may name, and no
// selector but that of the system is needed for the default one.
func TestResolveImages(t *testing.T) {
	t.Parallel()
	releases, err := loadReleases()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range releases {
		if n, err := r.resolveImages(""); n != 1 || err != nil {
			t.Errorf("%s: %d images without a selector, %v", r.Name, n, err)
		}
	}
	i := slices.IndexFunc(releases, func(r release) bool { return r.Name == "v1.33.6---vmware.1-fips-vkr.1" })
	for selector, want := range map[string]int{
		"os-name=photon, content-library=cl-32ee3681364c701d0": 1,
		"os-name=photon, content-library=" + contentLibrary:    0,
		"os-name=ubuntu":                  2,
		"os-name=ubuntu,os-version=24.04": 1,
	} {
		if n, err := releases[i].resolveImages(selector); n != want || err != nil {
			t.Errorf("%s: %d images, want %d, %v", selector, n, want, err)
		}
	}
}

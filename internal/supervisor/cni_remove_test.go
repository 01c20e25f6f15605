package supervisor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	bootstrapPath = "/apis/run.tanzu.vmware.com/v1alpha3/namespaces/team-a/clusterbootstraps/prod"
	calicoPath    = "/apis/cni.tanzu.vmware.com/v1alpha1/namespaces/team-a/calicoconfigs/prod-calico-package"
	addonPath     = "/apis/addons.kubernetes.vmware.com/v1alpha1/namespaces/team-a/addonconfigs/prod-calico"

	byUs     = `{"manager":"terraform-provider-vks","operation":"Apply","fieldsV1":{"f:spec":{"f:a":{}}}}`
	byOthers = `{"manager":"kubectl","operation":"Update","fieldsV1":{"f:spec":{"f:b":{}}}}`
	ofProd   = `,"ownerReferences":[{"apiVersion":"cluster.x-k8s.io/v1beta1","kind":"Cluster","name":"prod","uid":"1"}]`
)

// made is an object with those managers, and more in its metadata.
func made(path, managers, more string) string {
	parts := strings.Split(path, "/")
	return fmt.Sprintf(`{"apiVersion":"%s/%s","kind":"X","metadata":{"name":"%s","namespace":"team-a","uid":"7","managedFields":[%s]%s},"spec":{"cni":{"refName":"calico.tanzu.vmware.com.3.29"}}}`,
		parts[2], parts[3], parts[7], managers, more)
}

func TestBootstrap(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		object string
		want   Bootstrap
	}{
		"none":      {},
		"ours":      {made(bootstrapPath, byUs, ""), Bootstrap{CNI: "calico", Ours: true}},
		"others'":   {made(bootstrapPath, byUs+","+byOthers, ""), Bootstrap{CNI: "calico"}},
		"a cluster": {made(bootstrapPath, byUs, ofProd), Bootstrap{CNI: "calico", Taken: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{password: "secret", objects: map[string]string{}}
			if c.object != "" {
				f.objects[bootstrapPath] = c.object
			}
			client, _ := start(t, f, nil)
			got, err := client.Bootstrap(t.Context(), "team-a", "prod")
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Error(err, diff)
			}
			if name, err := client.BootstrappedCNI(t.Context(), "team-a", "prod"); name != c.want.CNI || err != nil {
				t.Errorf("%q, %v", name, err)
			}
		})
	}
}

// What is removed is this provider's alone, and nothing but what is named.
func TestRemoveCNI(t *testing.T) {
	t.Parallel()
	all := []string{addonPath, calicoPath, bootstrapPath}
	of := CNIOf{Namespace: "team-a", Cluster: "prod", Name: "calico"}
	for name, c := range map[string]struct {
		managers, more string
		objects        []string
		settings       bool // of the cluster, and not all
		gone           bool
		left           []string
	}{
		"all":                {managers: byUs, objects: all},
		"others' stay":       {managers: byUs + "," + byOthers, objects: all, left: all},
		"a cluster's stay":   {managers: byUs, more: ofProd, objects: all, left: all},
		"settings":           {managers: byUs, objects: all, settings: true, gone: true, left: []string{addonPath, bootstrapPath}},
		"others' settings":   {managers: byUs + "," + byOthers, objects: all, settings: true, left: all},
		"settings not there": {settings: true, gone: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{password: "secret", objects: map[string]string{}}
			for _, path := range c.objects {
				f.objects[path] = made(path, c.managers, c.more)
			}
			client, _ := start(t, f, nil)
			var err error
			if c.settings {
				var gone bool
				if gone, err = client.RemoveCNIConfig(t.Context(), of); gone != c.gone {
					t.Errorf("gone: %t", gone)
				}
			} else {
				err = client.RemoveCNI(t.Context(), "team-a", "prod", "calico")
			}
			if err != nil {
				t.Error(err)
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			delete(f.objects, "/api/v1/namespaces/team-a")
			if diff := cmp.Diff(c.left, slices.Sorted(maps.Keys(f.objects))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

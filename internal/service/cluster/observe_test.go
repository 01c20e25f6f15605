package cluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"k8s.io/utils/ptr"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

func wantedSpec() supervisor.ClusterSpec {
	return supervisor.ClusterSpec{
		Namespace: "team-a", Name: "prod", Version: "v1.33", Class: "builtin-generic-v3.5.0", ClassNamespace: "team-a",
		Pods: []string{"192.168.156.0/20"}, Services: []string{"10.96.0.0/12"}, ServiceDomain: "cluster.local",
		Labels: map[string]string{"tier": "gold"},
		Variables: map[string]any{
			"vmClass":    "small",
			"kubernetes": map[string]any{"security": map[string]any{"podSecurityStandard": map[string]any{"enforce": "baseline"}}},
			"count":      int64(5),
		},
		ControlPlane: supervisor.ControlPlaneSpec{
			Replicas:    ptr.To[int64](3),
			MachineSpec: supervisor.MachineSpec{Annotations: map[string]string{osImageAnnotation: "os-name=ubuntu,os-version=24.04"}},
		},
		Pools: map[string]supervisor.PoolSpec{"a": {Class: "node-pool", Replicas: ptr.To[int64](2)}},
	}
}

// admitted is wantedSpec after what the platform does to every cluster.
func admitted() supervisor.ClusterSpec {
	s := wantedSpec()
	s.Version, s.Class, s.ClassNamespace = "v1.33.6+vmware.1-fips", "builtin-generic-v3.6.0", supervisor.PublicNamespace
	s.Labels = map[string]string{"tier": "gold", "topology.cluster.x-k8s.io/owned": ""}
	s.Variables = map[string]any{
		"vmClass": "small",
		"kubernetes": map[string]any{
			"security":            map[string]any{"podSecurityStandard": map[string]any{"enforce": "baseline", "deactivated": false}},
			"certificateRotation": map[string]any{"enabled": true},
		},
		"osConfiguration": map[string]any{"fips": map[string]any{"enabled": false}},
		"count":           float64(5),
	}
	s.ControlPlane.Annotations = map[string]string{osImageAnnotation: "os-version=24.04, os-name=ubuntu"}
	s.Pools = map[string]supervisor.PoolSpec{"a": {Class: "node-pool", Replicas: ptr.To[int64](2), Zone: "zone-1"}}
	return s
}

const release133 = "v1.33.6---vmware.1-fips-vkr.1"

func TestObserveSeesNoDriftInAdmission(t *testing.T) {
	t.Parallel()
	if seen := observe(wantedSpec(), admitted(), release133); !same(seen, wantedSpec()) {
		t.Error(cmp.Diff(wantedSpec(), seen, cmpopts.EquateEmpty()))
	}
}

func TestObserveSeesDrift(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ change, want func(*supervisor.ClusterSpec) }{
		"version": {
			func(s *supervisor.ClusterSpec) { s.Version = "v1.34.1+vmware.1" },
			func(s *supervisor.ClusterSpec) { s.Version = "v1.34.1+vmware.1" },
		},
		"older class": {
			func(s *supervisor.ClusterSpec) { s.Class = "builtin-generic-v3.4.0" },
			func(s *supervisor.ClusterSpec) {
				s.Class, s.ClassNamespace = "builtin-generic-v3.4.0", supervisor.PublicNamespace
			},
		},
		"label": {
			func(s *supervisor.ClusterSpec) { s.Labels["tier"] = "lead" },
			func(s *supervisor.ClusterSpec) { s.Labels["tier"] = "lead" },
		},
		"variable gone": {
			func(s *supervisor.ClusterSpec) { delete(s.Variables, "vmClass") },
			func(s *supervisor.ClusterSpec) { delete(s.Variables, "vmClass") },
		},
		"inside a variable": {
			func(s *supervisor.ClusterSpec) {
				s.Variables["kubernetes"] = map[string]any{"security": map[string]any{"podSecurityStandard": map[string]any{"enforce": "privileged", "x": 1}}, "y": 2}
			},
			func(s *supervisor.ClusterSpec) {
				s.Variables["kubernetes"] = map[string]any{"security": map[string]any{"podSecurityStandard": map[string]any{"enforce": "privileged"}}}
			},
		},
		"image": {
			func(s *supervisor.ClusterSpec) { s.ControlPlane.Annotations[osImageAnnotation] = "os-name=photon" },
			func(s *supervisor.ClusterSpec) { s.ControlPlane.Annotations[osImageAnnotation] = "os-name=photon" },
		},
		"pool size": {
			func(s *supervisor.ClusterSpec) {
				s.Pools["a"] = supervisor.PoolSpec{Class: "node-pool", Replicas: ptr.To[int64](7)}
			},
			func(s *supervisor.ClusterSpec) {
				s.Pools["a"] = supervisor.PoolSpec{Class: "node-pool", Replicas: ptr.To[int64](7)}
			},
		},
		"pool gone": {
			func(s *supervisor.ClusterSpec) { delete(s.Pools, "a") },
			func(s *supervisor.ClusterSpec) { delete(s.Pools, "a") },
		},
		"another pool": {
			func(s *supervisor.ClusterSpec) { s.Pools["b"] = supervisor.PoolSpec{Class: "node-pool"} },
			func(s *supervisor.ClusterSpec) { s.Pools["b"] = supervisor.PoolSpec{Class: "node-pool"} },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live, want := admitted(), wantedSpec()
			c.change(&live)
			c.want(&want)
			seen := observe(wantedSpec(), live, "")
			if diff := cmp.Diff(want, seen, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			if same(seen, wantedSpec()) {
				t.Error("the drift was not seen")
			}
		})
	}
}

// What a user wrote of the class stays while the platform keeps it or moves the
// cluster on; what the platform chose follows it.
func TestRefreshClass(t *testing.T) {
	t.Parallel()
	server := finished().set("builtin-generic-v3.6.0", "spec", "topology", "classRef", "name").
		set(supervisor.PublicNamespace, "spec", "topology", "classRef", "namespace").cluster()
	for name, c := range map[string]struct {
		known                private
		class, namespace     string
		wantClass, wantSpace string
	}{
		"nothing configured": {private{}, "builtin-generic-v3.5.0", "old", "builtin-generic-v3.6.0", supervisor.PublicNamespace},
		"class":              {private{ClassConfigured: true}, "builtin-generic-v3.5.0", "old", "builtin-generic-v3.5.0", supervisor.PublicNamespace},
		"namespace":          {private{ClassNamespaceConfigured: true}, "builtin-generic-v3.5.0", "team-a", "builtin-generic-v3.6.0", "team-a"},
		"both":               {private{ClassConfigured: true, ClassNamespaceConfigured: true}, "builtin-generic-v3.5.0", "team-a", "builtin-generic-v3.5.0", "team-a"},
		"both, but it is older": {
			private{ClassConfigured: true, ClassNamespaceConfigured: true}, "builtin-generic-v3.7.0", "team-a", "builtin-generic-v3.6.0", supervisor.PublicNamespace,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			m := model{ClusterClass: text(c.class), ClusterClassNamespace: text(c.namespace)}
			m.refresh(t.Context(), server, c.known, &diags)
			if diags.HasError() {
				t.Fatal(diags)
			}
			if got := m.ClusterClass.ValueString(); got != c.wantClass {
				t.Errorf("cluster_class %s, want %s", got, c.wantClass)
			}
			if got := m.ClusterClassNamespace.ValueString(); got != c.wantSpace {
				t.Errorf("cluster_class_namespace %s, want %s", got, c.wantSpace)
			}
		})
	}
}

func TestRestrictLists(t *testing.T) {
	t.Parallel()
	entry := func(name string, more ...string) any {
		object := map[string]any{"name": name}
		for _, key := range more {
			object[key] = "x"
		}
		return object
	}
	type list = []any
	for name, c := range map[string]struct{ wanted, live, want list }{
		"another order":       {list{entry("a"), entry("b")}, list{entry("b"), entry("a")}, list{entry("a"), entry("b")}},
		"the platform adds":   {list{entry("a"), entry("b")}, list{entry("b", "y"), entry("a", "z")}, list{entry("a"), entry("b")}},
		"one more":            {list{entry("a")}, list{entry("b", "y"), entry("a", "z")}, list{entry("a"), entry("b", "y")}},
		"one less":            {list{entry("a"), entry("b")}, list{entry("b")}, list{entry("b")}},
		"another value":       {list{entry("a", "y")}, list{map[string]any{"name": "a", "y": "changed"}}, list{map[string]any{"name": "a", "y": "changed"}}},
		"texts have an order": {list{"a", "b"}, list{"b", "a"}, list{"b", "a"}},
		"a name twice":        {list{entry("a", "y"), entry("a")}, list{entry("a"), entry("a", "y")}, list{entry("a"), entry("a")}},
		"no names": {
			list{map[string]any{"key": "a"}, map[string]any{"key": "b"}},
			list{map[string]any{"key": "b"}, map[string]any{"key": "a"}},
			list{map[string]any{"key": "b"}, map[string]any{"key": "a"}},
		},
		"none wanted": {list{}, list{entry("a")}, list{entry("a")}},
		"none there":  {list{entry("a")}, list{}, list{}},
	} {
		if diff := cmp.Diff(c.want, restrict(c.wanted, c.live)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestForeign(t *testing.T) {
	t.Parallel()
	got := foreign(supervisor.ClusterSpec{
		Labels:      map[string]string{"mine": "1", "run.tanzu.vmware.com/tkr": "r", "topology.cluster.x-k8s.io/owned": ""},
		Annotations: map[string]string{pinAnnotation: "", "example.com/owner": "a", "kubectl.kubernetes.io/last-applied-configuration": "{}"},
		Variables: map[string]any{
			"kubernetes":      map[string]any{"certificateRotation": map[string]any{"enabled": true, "renewalDaysBeforeExpiry": int64(90)}},
			"osConfiguration": map[string]any{"fips": map[string]any{"enabled": false}, "sshd": map[string]any{"banner": "hi"}},
			"vmClass":         "small",
		},
	})
	want := supervisor.ClusterSpec{
		Labels:      map[string]string{"mine": "1"},
		Annotations: map[string]string{pinAnnotation: "", "example.com/owner": "a"},
		Variables:   map[string]any{"osConfiguration": map[string]any{"sshd": map[string]any{"banner": "hi"}}, "vmClass": "small"},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

package cluster

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"k8s.io/utils/ptr"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

func TestSchema(t *testing.T) {
	t.Parallel()
	resp := &resource.SchemaResponse{}
	NewResource().Schema(t.Context(), resource.SchemaRequest{}, resp)
	if diags := resp.Schema.ValidateImplementation(t.Context()); diags.HasError() {
		t.Error(diags)
	}
}

// What a cluster asks for, flattened into a model and expanded again, is the same.
func TestFlattenExpand(t *testing.T) {
	t.Parallel()
	node := func(extra map[string]any) map[string]any {
		all := map[string]any{"firewall": map[string]any{"inboundRules": []any{"x"}}, "labels": map[string]any{"all": "nodes"}}
		for k, v := range extra {
			all[k] = v
		}
		return all
	}
	spec := supervisor.ClusterSpec{
		Namespace: "team-a", Name: "prod", Version: "v1.33", Class: "builtin-generic-v3.6.0", ClassNamespace: supervisor.PublicNamespace,
		Labels: map[string]string{"a": "b"}, Annotations: map[string]string{pinAnnotation: "", "c": "d"},
		Pods: []string{"192.168.156.0/20"}, Services: []string{"198.51.100.0/12"}, ServiceDomain: "cluster.local", APIServerPort: 443,
		Variables: map[string]any{"vmClass": "small", "storageClass": "gold", "node": node(nil), "kubernetes": map[string]any{"n": int64(1)}},
		ControlPlane: supervisor.ControlPlaneSpec{Replicas: ptr.To[int64](3), MachineSpec: supervisor.MachineSpec{
			Annotations: map[string]string{osImageAnnotation: "os-name=ubuntu,os-version=24.04,content-library=cl-1"},
			Variables:   map[string]any{"vmClass": "large"}, NodeDrain: ptr.To(10 * time.Minute), NodeDeletion: ptr.To(time.Duration(0)),
			Health: supervisor.HealthCheck{NodeStartup: ptr.To(4 * time.Hour)}, RolloutAfter: ptr.To(time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)),
		}},
		AvailabilityGates: []supervisor.Gate{{ConditionType: "A"}, {ConditionType: "B", Polarity: "Negative"}},
		Pools: map[string]supervisor.PoolSpec{
			"auto": {Class: "node-pool", MachineSpec: supervisor.MachineSpec{Annotations: map[string]string{minNodes: "0", maxNodes: "5"}}},
			"full": {
				Class: "node-pool", Replicas: ptr.To[int64](0), Zone: "zone-1", MinReadySeconds: ptr.To[int64](10),
				DeletionOrder: "Newest", RolloutType: "RollingUpdate", MaxSurge: "25%", MaxUnavailable: "0",
				MachineSpec: supervisor.MachineSpec{
					Labels:         map[string]string{"l": "m"},
					ReadinessGates: []supervisor.Gate{{ConditionType: "C"}},
					Taints:         []supervisor.Taint{{Key: "k", Effect: "NoExecute", Propagation: "Always"}, {Key: "k", Value: "v", Effect: "NoSchedule", Propagation: "OnInitialization"}},
					Health: supervisor.HealthCheck{
						Enabled: ptr.To(false), MaxUnhealthy: "40%", UnhealthyRange: "[1-2]", MaxInFlight: "1",
						NodeConditions:    []supervisor.UnhealthyCondition{{Type: "Ready", Status: "False", Timeout: 90 * time.Second}},
						MachineConditions: []supervisor.UnhealthyCondition{{Type: "NodeReady", Status: "Unknown"}},
						Template:          supervisor.TemplateRef{APIVersion: "example.com/v1", Kind: "Mend", Name: "mend"},
					},
					Variables: map[string]any{
						"node": node(map[string]any{
							"labels": map[string]any{"all": "nodes", "role": "db"},
							"taints": []any{map[string]any{"key": "k", "value": "", "effect": "NoSchedule"}},
						}),
						"volumes":    []any{map[string]any{"name": "data", "mountPath": "/data", "capacity": "5Gi", "storageClass": "gold"}},
						"kubernetes": map[string]any{"n": int64(2)},
					},
				},
			},
		},
	}
	var diags diag.Diagnostics
	m := model{}
	m.Name, m.Namespace = text(spec.Name), text(spec.Namespace)
	m.flatten(t.Context(), spec, &diags)
	got := m.expand(t.Context(), &diags)
	if diags.HasError() {
		t.Fatal(diags)
	}
	if diff := cmp.Diff(spec, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	pool := m.parts(t.Context(), &diags).pools["full"]
	if labels := texts(pool.NodeLabels); !cmp.Equal(labels, map[string]string{"role": "db"}) {
		t.Errorf("node_labels %v: what the cluster says must not come along", labels)
	}
}

func TestVersionSatisfied(t *testing.T) {
	t.Parallel()
	const name = "v1.33.1---vmware.1-fips-vkr.2"
	for _, c := range []struct {
		asked, state string
		want         bool
	}{
		{"v1.33", "v1.33.1+vmware.1-fips", true},
		{name, "v1.33.1+vmware.1-fips", true},
		{"v1.33.1+vmware.1-fips-vkr.2", "v1.33.1+vmware.1-fips", true},
		{"v1.33.1+vmware.1-fips-vkr.3", "v1.33.1+vmware.1-fips", false},
		{"v1.33.1+vmware.1-fips", "v1.33", false},
		{"v1.34", "v1.33.1+vmware.1-fips", false},
	} {
		if got := versionSatisfied(c.asked, c.state, name); got != c.want {
			t.Errorf("versionSatisfied(%q, %q) = %t", c.asked, c.state, got)
		}
	}
}

func TestMeansSame(t *testing.T) {
	t.Parallel()
	rotation := map[string]any{"certificateRotation": map[string]any{"enabled": true, "renewalDaysBeforeExpiry": int64(90)}}
	type object = map[string]any
	for name, c := range map[string]struct {
		asked, have, defaults object
		want                  bool
	}{
		"the same":                    {object{"a": int64(1)}, object{"a": int64(1)}, nil, true},
		"another value":               {object{"a": int64(1)}, object{"a": int64(2)}, nil, false},
		"one more":                    {object{"a": int64(1), "b": "x"}, object{"a": int64(1)}, nil, false},
		"one less":                    {object{"a": int64(1)}, object{"a": int64(1), "b": "x"}, nil, false},
		"a default that is there":     {object{"a": "x", "kubernetes": rotation}, object{"a": "x"}, object{"kubernetes": rotation}, true},
		"a default inside":            {object{"kubernetes": object{"certificateRotation": object{"enabled": true}, "x": "y"}}, object{"kubernetes": object{"x": "y"}}, object{"kubernetes": rotation}, true},
		"a default that is not there": {object{"a": "x", "kubernetes": rotation}, object{"a": "x"}, object{}, false},
		"a default that is something else": {
			object{"kubernetes": object{"certificateRotation": object{"enabled": false}}}, object{}, object{"kubernetes": rotation}, false,
		},
		"beyond a default":             {object{"kubernetes": object{"certificateRotation": object{"enabled": true, "x": "y"}}}, object{}, object{"kubernetes": rotation}, false},
		"a default that state has too": {object{}, object{"kubernetes": rotation}, object{"kubernetes": rotation}, false},
		"an object for a text":         {object{"a": object{}}, object{"a": "x"}, nil, false},
		"an empty object":              {object{"a": object{}}, object{}, nil, false},
		"an empty list":                {object{"a": []any{}}, object{}, nil, false},
	} {
		if got := meansSame(c.asked, c.have, c.defaults); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestDefaultsIn(t *testing.T) {
	t.Parallel()
	got := defaultsIn(map[string]any{
		"vmClass": "small",
		"kubernetes": map[string]any{
			"certificateRotation": map[string]any{"enabled": true, "renewalDaysBeforeExpiry": int64(30)},
			"security":            map[string]any{"podSecurityStandard": map[string]any{"enforce": "baseline"}},
		},
	})
	if want := `{"kubernetes":{"certificateRotation":{"enabled":true}}}`; string(got) != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// What the attributes cannot say is left to those that can: JSON and annotations.
func TestFlattenWhatAttributesCannotSay(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	for name, c := range map[string]struct {
		variables   object
		annotations map[string]string
	}{
		"a volume with more":                   {object{"volumes": []any{object{"name": "a", "mountPath": "/a", "capacity": "1Gi", "new": "x"}}}, nil},
		"a volume of another shape":            {object{"volumes": []any{object{"name": "a", "mountPath": "/a", "capacity": object{"storage": "1Gi"}}}}, nil},
		"no volumes":                           {object{"volumes": []any{}}, nil},
		"a node without what is the cluster's": {object{"node": object{"labels": object{"role": "db"}}}, nil},
		"a node with less":                     {object{"node": object{"taints": []any{object{"key": "a", "effect": "NoSchedule"}}}}, nil},
		"no node":                              {object{"node": object{}}, nil},
		"a class that is no text":              {object{"vmClass": int64(1)}, nil},
		"a selector with a set":                {nil, map[string]string{osImageAnnotation: "os-name in (photon, ubuntu)"}},
		"a selector with a negation":           {nil, map[string]string{osImageAnnotation: "os-name!=photon"}},
		"a bare key":                           {nil, map[string]string{osImageAnnotation: "os-name"}},
		"half an autoscaler":                   {nil, map[string]string{minNodes: "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := supervisor.ClusterSpec{
				Name: "prod", Namespace: "team-a", Variables: object{"node": object{"labels": object{"all": "nodes"}}},
				ControlPlane: supervisor.ControlPlaneSpec{Replicas: ptr.To[int64](1)},
				Pools: map[string]supervisor.PoolSpec{"p": {
					Class: "node-pool", Replicas: ptr.To[int64](1), MachineSpec: supervisor.MachineSpec{Variables: c.variables, Annotations: c.annotations},
				}},
			}
			var diags diag.Diagnostics
			m := model{Name: text(spec.Name), Namespace: text(spec.Namespace)}
			m.flatten(t.Context(), spec, &diags)
			got := m.expand(t.Context(), &diags)
			if diags.HasError() {
				t.Fatal(diags)
			}
			if diff := cmp.Diff(spec, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

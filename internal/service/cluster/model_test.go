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
		}},
		Pools: map[string]supervisor.PoolSpec{
			"auto": {Class: "node-pool", MachineSpec: supervisor.MachineSpec{Annotations: map[string]string{minNodes: "0", maxNodes: "5"}}},
			"full": {
				Class: "node-pool", Replicas: ptr.To[int64](0), Zone: "zone-1", MinReadySeconds: ptr.To[int64](10),
				DeletionOrder: "Newest", RolloutType: "RollingUpdate", MaxSurge: "25%", MaxUnavailable: "0",
				MachineSpec: supervisor.MachineSpec{
					Labels: map[string]string{"l": "m"},
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

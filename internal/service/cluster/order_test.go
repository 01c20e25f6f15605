package cluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

func TestKeepOrder(t *testing.T) {
	t.Parallel()
	volume := func(name, size string) any { return map[string]any{"name": name, "capacity": size} }
	type list = []any
	for name, c := range map[string]struct{ wanted, live, want any }{
		"another order":   {list{volume("a", "1Gi"), volume("b", "1Gi")}, list{volume("b", "1Gi"), volume("a", "1Gi")}, list{volume("b", "1Gi"), volume("a", "1Gi")}},
		"a change":        {list{volume("a", "9Gi"), volume("b", "1Gi")}, list{volume("b", "1Gi"), volume("a", "1Gi")}, list{volume("b", "1Gi"), volume("a", "9Gi")}},
		"one more":        {list{volume("a", "1Gi"), volume("b", "1Gi")}, list{volume("b", "1Gi")}, list{volume("b", "1Gi"), volume("a", "1Gi")}},
		"one less":        {list{volume("a", "1Gi")}, list{volume("b", "1Gi"), volume("a", "1Gi")}, list{volume("a", "1Gi")}},
		"inside":          {map[string]any{"x": list{volume("a", ""), volume("b", "")}}, map[string]any{"x": list{volume("b", ""), volume("a", "")}}, map[string]any{"x": list{volume("b", ""), volume("a", "")}}},
		"texts":           {list{"a", "b"}, list{"b", "a"}, list{"a", "b"}},
		"nothing there":   {list{volume("b", ""), volume("a", "")}, nil, list{volume("b", ""), volume("a", "")}},
		"another type":    {list{volume("b", "")}, "x", list{volume("b", "")}},
		"an empty list":   {list{}, list{volume("b", "")}, list{}},
		"a name is twice": {list{volume("a", ""), volume("a", "1Gi")}, list{volume("a", "1Gi"), volume("a", "")}, list{volume("a", ""), volume("a", "1Gi")}},
	} {
		spec := func(v any) supervisor.ClusterSpec {
			machine := supervisor.MachineSpec{Variables: map[string]any{"v": v}}
			return supervisor.ClusterSpec{
				Variables: map[string]any{"v": v}, ControlPlane: supervisor.ControlPlaneSpec{MachineSpec: machine},
				Pools: map[string]supervisor.PoolSpec{"p": {MachineSpec: machine}},
			}
		}
		if diff := cmp.Diff(spec(c.want), keepOrder(spec(c.wanted), spec(c.live))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

package cluster

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func objectValues(name, settings string) map[string]attr.Value {
	return map[string]attr.Value{"name": types.StringValue(name), "config": jsontypes.NewNormalizedValue(settings)}
}

func TestSurgeOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rollout *rolloutModel
		nodes   int64
		want    int64
	}{
		"default":             {nil, 10, 1},
		"number":              {&rolloutModel{MaxSurge: types.StringValue("3")}, 10, 3},
		"percent, rounded up": {&rolloutModel{MaxSurge: types.StringValue("25%")}, 10, 3},
		"percent of nothing":  {&rolloutModel{MaxSurge: types.StringValue("25%")}, 0, 0},
		"none":                {&rolloutModel{MaxSurge: types.StringValue("0"), MaxUnavailable: types.StringValue("1")}, 10, 0},
		"only unavailable":    {&rolloutModel{MaxUnavailable: types.StringValue("1")}, 10, 1},
		"by hand":             {&rolloutModel{Type: types.StringValue("OnDelete")}, 10, 0},
		"unknown":             {&rolloutModel{MaxSurge: types.StringUnknown()}, 10, 1},
	} {
		if got := surgeOf(c.rollout, c.nodes); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestSmallControlPlane(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		class   types.String
		workers int64
		small   bool
	}{
		"few workers":          {types.StringValue("best-effort-small"), 5, false},
		"tiny":                 {types.StringValue("best-effort-xsmall"), 1, true},
		"some workers":         {types.StringValue("best-effort-small"), 6, true},
		"ten":                  {types.StringValue("guaranteed-medium"), 10, false},
		"many":                 {types.StringValue("guaranteed-medium"), 11, true},
		"hundred":              {types.StringValue("guaranteed-large"), 100, false},
		"more":                 {types.StringValue("guaranteed-xlarge"), 101, true}, // enough memory, not enough CPUs
		"large enough":         {types.StringValue("guaranteed-2xlarge"), 140, false},
		"somebody's own class": {types.StringValue("team-small"), 140, false},
		"unknown":              {types.StringUnknown(), 140, false},
		"none":                 {types.StringNull(), 140, false},
	} {
		if got := smallControlPlane(c.class, c.workers); (got != "") != c.small {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestWarnOfPods(t *testing.T) {
	t.Parallel()
	variables := func(maxPods string) jsontypes.Normalized {
		return jsontypes.NewNormalizedValue(`{"kubernetes":{"kubeletConfiguration":{"maxPods":` + maxPods + `}}}`)
	}
	calico := model{Variables: variables("300"), CNI: types.ObjectValueMust(cniType(), objectValues("calico", "{}"))}
	for name, c := range map[string]struct {
		config model
		pool   jsontypes.Normalized
		want   int
	}{
		"default":       {config: model{}},
		"all addresses": {config: model{Variables: variables("254")}},
		"too many":      {config: model{Variables: variables("255")}, want: 1},
		"in a pool":     {config: model{}, pool: variables("300"), want: 1},
		"calico":        {config: calico},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got diag.Diagnostics
			pool := poolModel{}
			pool.Variables = c.pool
			warnOfPods(t.Context(), c.config, parts{network: &networkModel{Pods: textList([]string{"192.168.0.0/16"})}, pools: map[string]poolModel{"a": pool}}, &got)
			if got.WarningsCount() != c.want || got.HasError() {
				t.Errorf("got %v", got)
			}
		})
	}
}

package cluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

func TestObserveGates(t *testing.T) {
	t.Parallel()
	type gates = []supervisor.Gate
	a, b, bFalse := supervisor.Gate{ConditionType: "a"}, supervisor.Gate{ConditionType: "b"}, supervisor.Gate{ConditionType: "b", Polarity: "Negative"}
	aTrue := supervisor.Gate{ConditionType: "a", Polarity: "Positive"}
	for name, c := range map[string]struct{ wanted, live, want gates }{
		"the same, elsewhere":  {gates{a, b}, gates{b, a}, gates{a, b}},
		"the default written":  {gates{a}, gates{aTrue}, gates{a}},
		"the default left out": {gates{aTrue}, gates{a}, gates{aTrue}},
		"another polarity":     {gates{b}, gates{bFalse}, gates{bFalse}},
		"one more":             {gates{a}, gates{b, a}, gates{a, b}},
		"one less":             {gates{a, b}, gates{b}, gates{b}},
		"none asked for":       {nil, gates{a}, nil},
	} {
		if diff := cmp.Diff(c.want, observeGates(c.wanted, c.live)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestSelectors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"os-name=photon, content-library=cl-1", "content-library=cl-1,os-name==photon", true},
		{"os-name=photon", "os-name=photon,os-version=5", false},
		{"os-name in (a,b)", "os-name in (a,b)", true},
		{"os-name in (a,b)", "os-name in (b,a)", false},
		{"os-name!=a", "os-name=a", false},
	} {
		if got := sameSelector(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %t", c.a, c.b, got)
		}
	}
}

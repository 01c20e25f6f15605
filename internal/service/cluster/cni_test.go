package cluster

import (
	"cmp"
	"context"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

// recorded is a Supervisor that writes down the order of what is asked of it.
type recorded struct {
	*scripted
	calls    []string
	variable any // bootstrapAddons of the Cluster that was sent last
	has      string
	hides    error // instead of what it has
	refuses  string
	shared   bool                   // the settings are not ours alone
	found    []supervisor.Bootstrap // by each look for one; the last one stays
}

func (r *recorded) call(name string) error {
	r.calls = append(r.calls, name)
	if name == r.refuses {
		return &fault.Error{Kind: fault.Invalid, Op: name, Message: "no"}
	}
	return nil
}

func (r *recorded) ApplyCluster(_ context.Context, spec supervisor.ClusterSpec, dryRun bool) (*supervisor.Cluster, error) {
	name := "cluster"
	if dryRun {
		name = "try cluster"
	}
	r.variable = spec.Variables[addonsVariable]
	return finished().set(spec.Version+".1+vmware.1", "spec", "topology", "version").
		set(strings.TrimSuffix(spec.Version, ".1")+".1---vmware.1-vkr.4", "metadata", "labels", "run.tanzu.vmware.com/tkr").cluster(), r.call(name)
}

func (r *recorded) ApplyCNI(_ context.Context, of supervisor.CNIOf, _, _ map[string]any) error {
	return r.call(of.String())
}

func (r *recorded) BootstrapCNI(_ context.Context, of supervisor.CNIOf, release string) error {
	return r.call("bootstrap " + of.Name + " " + release)
}

func (r *recorded) BootstrappedCNI(context.Context, string, string) (string, error) {
	return r.has, r.hides
}

func (r *recorded) Bootstrap(context.Context, string, string) (supervisor.Bootstrap, error) {
	if r.hides != nil || len(r.found) == 0 {
		return supervisor.Bootstrap{}, r.hides
	}
	found := r.found[0]
	if len(r.found) > 1 {
		r.found = r.found[1:]
	}
	return found, nil
}

func (r *recorded) RemoveCNIConfig(_ context.Context, of supervisor.CNIOf) (bool, error) {
	return !r.shared, r.call("remove " + of.String())
}

func (r *recorded) RemoveCNI(_ context.Context, _, _, name string) error {
	return r.call("remove " + name)
}

// What configures the network plugin comes before the Cluster, and after
// admission has seen the Cluster: what it refuses leaves nothing behind.
func TestCreateWithCNI(t *testing.T) {
	t.Parallel()
	settings := map[string]any{"antrea": map[string]any{}}
	left := func(version string) *supervisor.Cluster {
		return finished().set("true", "metadata", "annotations", supervisor.CreatingAnnotation).set(version, "spec", "topology", "version").cluster()
	}
	for name, c := range map[string]struct {
		version  string
		cni      *supervisor.CNI
		left     *supervisor.Cluster
		has      string
		refuses  string
		want     []string
		variable any
		err      string
	}{
		"none":                         {version: "v1.35", want: []string{"cluster"}},
		"the default one":              {version: "v1.34", cni: &supervisor.CNI{Name: "antrea"}, want: []string{"cluster"}},
		"the default one by an add-on": {version: "v1.35", cni: &supervisor.CNI{Name: "antrea"}, want: []string{"cluster"}, variable: cniReference("antrea")},
		"settings": {
			version: "v1.34", cni: &supervisor.CNI{Name: "antrea", Config: settings},
			want: []string{"try cluster", "AntreaConfig team-a/prod-antrea-package", "cluster"},
		},
		"another": {
			version: "v1.34", cni: &supervisor.CNI{Name: "calico"},
			want: []string{"try cluster", "CalicoConfig team-a/prod-calico-package", "bootstrap calico v1.34.1---vmware.1-vkr.4", "cluster"},
		},
		"another by an add-on": {
			version: "v1.36", cni: &supervisor.CNI{Name: "cilium", Config: settings},
			want: []string{"try cluster", "AddonConfig team-a/prod-cilium", "cluster"}, variable: cniReference("cilium"),
		},
		"a cluster that is refused": {
			version: "v1.34", cni: &supervisor.CNI{Name: "antrea", Config: settings}, refuses: "try cluster",
			want: []string{"try cluster"}, err: "no",
		},
		"left by a killed apply": {
			version: "v1.34", cni: &supervisor.CNI{Name: "calico", Config: settings}, left: left("v1.34.1+vmware.1"), has: "calico",
			want: []string{"CalicoConfig team-a/prod-calico-package", "cluster"},
		},
		"another left": {version: "v1.34", cni: &supervisor.CNI{Name: "calico"}, left: left("v1.34.1+vmware.1"), has: "antrea", err: "the cluster has antrea, and calico is asked for"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &recorded{scripted: &scripted{existing: c.left}, has: c.has, refuses: c.refuses}
			spec := supervisor.ClusterSpec{Namespace: "team-a", Name: "prod", Version: c.version, CNI: c.cni}
			_, err := create(t.Context(), server, spec, nil)
			if (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Fatalf("error %v, want %q", err, c.err)
			}
			if diff := gocmp.Diff(c.want, server.calls); diff != "" {
				t.Error(diff)
			}
			if diff := gocmp.Diff(c.variable, server.variable); diff != "" && c.err == "" {
				t.Error(diff)
			}
		})
	}
}

// A ClusterBootstrap that is there before the Cluster decides on its plugin: it
// is the one that is asked for, or it goes, or the user hears of it.
func TestCreateWithBootstrap(t *testing.T) {
	t.Parallel()
	calico, antrea := &supervisor.CNI{Name: "calico"}, &supervisor.CNI{Name: "antrea"}
	made := []string{"try cluster", "CalicoConfig team-a/prod-calico-package", "bootstrap calico v1.34.1---vmware.1-vkr.4", "cluster"}
	for name, c := range map[string]struct {
		version string
		cni     *supervisor.CNI
		found   []supervisor.Bootstrap
		hides   error
		want    []string
		err     string
	}{
		"left, and none asked for":     {found: []supervisor.Bootstrap{{CNI: "calico", Ours: true}}, want: []string{"remove calico", "cluster"}},
		"left, and another asked for":  {cni: antrea, found: []supervisor.Bootstrap{{CNI: "calico", Ours: true}}, want: []string{"remove calico", "cluster"}},
		"left, and asked for":          {cni: calico, found: []supervisor.Bootstrap{{CNI: "calico", Ours: true}}, want: made},
		"others', and none asked for":  {found: []supervisor.Bootstrap{{CNI: "calico"}}, want: []string{"cluster"}},
		"others', of the same":         {cni: antrea, found: []supervisor.Bootstrap{{CNI: "antrea"}}, want: []string{"cluster"}},
		"others', of another":          {cni: antrea, found: []supervisor.Bootstrap{{CNI: "calico"}}, err: "chooses calico, and antrea is asked for"},
		"of the cluster before":        {found: []supervisor.Bootstrap{{CNI: "calico", Taken: true}, {}}, want: []string{"cluster"}},
		"of the cluster before, again": {cni: calico, found: []supervisor.Bootstrap{{CNI: "calico", Taken: true}, {}}, want: made},
		"no matter of the default":     {found: []supervisor.Bootstrap{{CNI: "antrea", Taken: true}}, want: []string{"cluster"}},
		"says nothing":                 {cni: antrea, found: []supervisor.Bootstrap{{}}, want: []string{"cluster"}},
		"may not look":                 {cni: antrea, hides: &fault.Error{Kind: fault.Forbidden}, want: []string{"cluster"}},
		"cannot look":                  {cni: antrea, hides: &fault.Error{Kind: fault.Unauthenticated, Message: "who"}, err: "who"},
		"not for add-ons":              {version: "v1.35", cni: antrea, found: []supervisor.Bootstrap{{CNI: "calico"}}, want: []string{"cluster"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &recorded{scripted: &scripted{}, found: c.found, hides: c.hides}
			spec := supervisor.ClusterSpec{Namespace: "team-a", Name: "prod", Version: cmp.Or(c.version, "v1.34"), CNI: c.cni}
			_, err := create(t.Context(), server, spec, nil)
			if (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Fatalf("error %v, want %q", err, c.err)
			}
			if diff := gocmp.Diff(c.want, server.calls); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What was made for a cluster that never came to be goes; what a cluster has stays.
func TestDropCNI(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		existing *supervisor.Cluster
		cni      *supervisor.CNI
		want     []string
	}{
		"no cluster": {cni: &supervisor.CNI{Name: "calico"}, want: []string{"remove calico"}},
		"no cni":     {},
		"a cluster":  {existing: finished().cluster(), cni: &supervisor.CNI{Name: "calico"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &recorded{scripted: &scripted{existing: c.existing}}
			ended, cancel := context.WithCancel(t.Context())
			cancel() // as after a timeout
			dropCNI(ended, server, ids.Cluster{Namespace: "team-a", Name: "prod"}, c.cni)
			if diff := gocmp.Diff(c.want, server.calls); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A change says the whole of what this provider applied before: the network
// plugin that was chosen at creation would go otherwise.
func TestKeepCNI(t *testing.T) {
	t.Parallel()
	with := func(variables map[string]any) supervisor.ClusterSpec {
		return supervisor.ClusterSpec{Variables: variables}
	}
	reference := map[string]any{addonsVariable: cniReference("calico")}
	live := func(manager string) *supervisor.Cluster {
		return finished().
			set([]any{map[string]any{"name": addonsVariable, "value": cniReference("calico")}}, "spec", "topology", "variables").
			set([]any{map[string]any{
				"manager": manager, "operation": "Apply",
				"fieldsV1": map[string]any{"f:spec": map[string]any{"f:topology": map[string]any{"f:variables": map[string]any{
					`k:{"name":"bootstrapAddons"}`: map[string]any{".": map[string]any{}, "f:name": map[string]any{}, "f:value": map[string]any{}},
				}}}},
			}}, "metadata", "managedFields").cluster()
	}
	for name, c := range map[string]struct {
		sent, prior supervisor.ClusterSpec
		live        *supervisor.Cluster
		want        any
	}{
		"ours":                            {live: live("terraform-provider-vks"), want: cniReference("calico")},
		"somebody else's":                 {live: live("kubectl")},
		"none":                            {live: finished().cluster()},
		"written by hand":                 {sent: with(map[string]any{addonsVariable: "x"}), live: live("terraform-provider-vks"), want: "x"},
		"no longer written by hand":       {prior: with(reference), live: live("terraform-provider-vks")},
		"from variables to the attribute": {prior: with(reference), sent: supervisor.ClusterSpec{CNI: &supervisor.CNI{Name: "calico"}}, live: live("terraform-provider-vks"), want: cniReference("calico")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := gocmp.Diff(c.want, keepCNI(c.sent, c.live, c.prior).Variables[addonsVariable]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestConfigureCNI(t *testing.T) {
	t.Parallel()
	const old, addons = "v1.34.1+vmware.1", "v1.35.2+vmware.1"
	const pack, addon = "AntreaConfig team-a/prod-antrea-package", "AddonConfig team-a/prod-antrea"
	of := func(name string) func(map[string]any) supervisor.ClusterSpec {
		return func(settings map[string]any) supervisor.ClusterSpec {
			return supervisor.ClusterSpec{Namespace: "team-a", Name: "prod", CNI: &supervisor.CNI{Name: name, Config: settings}}
		}
	}
	antrea, calico := of("antrea"), of("calico")
	none := supervisor.ClusterSpec{Namespace: "team-a", Name: "prod"}
	a, b := map[string]any{"a": "1"}, map[string]any{"a": "2"}
	for name, c := range map[string]struct {
		prior, wanted supervisor.ClusterSpec
		before, after string
		shared        bool
		want          []string
	}{
		"nothing":          {prior: none, wanted: none, before: old, after: addons},
		"the same":         {prior: antrea(a), wanted: antrea(a), before: old, after: old},
		"changed":          {prior: antrea(a), wanted: antrea(b), before: old, after: old, want: []string{pack}},
		"changed later":    {prior: antrea(a), wanted: antrea(b), before: addons, after: addons, want: []string{addon}},
		"added":            {prior: none, wanted: antrea(a), before: addons, after: addons, want: []string{addon}},
		"removed":          {prior: antrea(a), wanted: none, before: old, after: old, want: []string{"remove " + pack}},
		"removed later":    {prior: antrea(a), wanted: antrea(nil), before: addons, after: addons, want: []string{"remove " + addon}},
		"not ours alone":   {prior: antrea(a), wanted: none, before: old, after: old, shared: true, want: []string{"remove " + pack, pack}},
		"empty settings":   {prior: antrea(map[string]any{}), wanted: none, before: old, after: old, want: []string{"remove " + pack}},
		"referred to":      {prior: calico(a), wanted: calico(nil), before: old, after: old, want: []string{"CalicoConfig team-a/prod-calico-package"}},
		"upgraded":         {prior: antrea(a), wanted: antrea(a), before: old, after: addons, want: []string{addon}},
		"upgraded without": {prior: antrea(nil), wanted: antrea(nil), before: old, after: addons},
		"removed with it":  {prior: antrea(a), wanted: none, before: old, after: addons, want: []string{"remove " + pack, "remove " + addon}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &recorded{scripted: &scripted{}, shared: c.shared}
			if err := configureCNI(t.Context(), server, c.prior, c.wanted, c.before, c.after); err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(c.want, server.calls); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// asking is a model of a cluster with that network plugin, "" = none named.
func asking(t *testing.T, name, settings, version, live string) model {
	t.Helper()
	m := model{
		Name: types.StringValue("prod"), Namespace: types.StringValue("team-a"),
		KubernetesVersion: types.StringValue(version), LiveVersion: types.StringValue(live), CNI: types.ObjectNull(cniType()),
	}
	if name != "" {
		var problems diag.Diagnostics
		m.setCNI(t.Context(), name, nil, &problems)
		if settings != "" {
			m.CNI = types.ObjectValueMust(cniType(), objectValues(name, settings))
		}
	}
	return m
}

// Whoever begins to name a network plugin names the one that is there, or hears
// that nobody could look.
func TestConfirmCNI(t *testing.T) {
	t.Parallel()
	const old, addons = "v1.34.1+vmware.1", "v1.35.2+vmware.1"
	hidden := &fault.Error{Kind: fault.Forbidden, Op: "read ClusterBootstrap", Message: "not for you"}
	for name, c := range map[string]struct {
		was, is, live, has string
		hides              error
		err, warn          string
	}{
		"not named":            {live: old, has: "calico"},
		"unchanged":            {was: "antrea", is: "antrea", live: old, hides: hidden},
		"no longer named":      {was: "antrea", live: old, hides: hidden},
		"the one it has":       {is: "calico", live: old, has: "calico"},
		"another":              {is: "calico", live: old, has: "antrea", err: "has the network plugin antrea, and calico is planned"},
		"the default one":      {is: "antrea", live: old, has: "calico", err: "has the network plugin calico, and antrea is planned"},
		"back to the default":  {was: "calico", live: old, has: "calico", err: "has the network plugin calico, and antrea is planned"},
		"may not look":         {is: "antrea", live: old, hides: hidden, warn: "not for you"},
		"nothing to look at":   {is: "calico", live: old, warn: "no object that says it"},
		"the default add-on":   {is: "antrea", live: addons},
		"not the default one":  {is: "cilium", live: addons, err: "has the network plugin antrea, and cilium is planned"},
		"add-on, may not look": {is: "cilium", live: addons, hides: hidden, warn: "not for you"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live := finished().set(c.live, "spec", "topology", "version").cluster()
			server := &recorded{scripted: &scripted{existing: live}, has: c.has, hides: c.hides}
			var got diag.Diagnostics
			confirmCNI(t.Context(), server, asking(t, c.was, "", c.live, c.live), asking(t, c.is, "", c.live, c.live), &got)
			says(t, "error", got.Errors(), c.err)
			says(t, "warning", got.Warnings(), c.warn)
		})
	}
}

// The CNI of a cluster is for good, and what the platform ignores is said.
func TestCheckCNI(t *testing.T) {
	t.Parallel()
	with := func(name, settings, version, live string) model { return asking(t, name, settings, version, live) }
	const old, addons = "v1.34.1+vmware.1", "v1.35.2+vmware.1"
	byVariables := with("", "", "v1.35", addons)
	byVariables.Variables = jsontypes.NewNormalizedValue(`{"bootstrapAddons":{"cniRef":{"name":"cilium"}}}`)
	ignored := with("", "", "v1.34", old)
	ignored.Variables = jsontypes.NewNormalizedValue(`{"bootstrapAddons":{"cniRef":{"name":"calico"}}}`)
	for name, c := range map[string]struct {
		state, plan model
		err, warn   string
	}{
		"ignored variable":   {state: ignored, plan: with("", "", "v1.34", old)},
		"not that ignored":   {state: with("calico", "", "v1.34", old), plan: ignored, err: "without cni it is antrea"},
		"nothing":            {state: with("", "", "v1.34", old), plan: with("", "", "v1.34", old)},
		"same":               {state: with("calico", "", "v1.34", old), plan: with("calico", "", "v1.34", old)},
		"another":            {state: with("antrea", "", "v1.34", old), plan: with("calico", "", "v1.34", old), err: "has the network plugin antrea, and calico is planned"},
		"removed":            {state: with("calico", "", "v1.35", addons), plan: with("", "", "v1.35", addons), err: "without cni it is antrea"},
		"removed default":    {state: with("antrea", "", "v1.35", addons), plan: with("", "", "v1.35", addons)},
		"to variables":       {state: with("cilium", "", "v1.35", addons), plan: byVariables},
		"away in variables":  {state: byVariables, plan: with("antrea", "", "v1.35", addons), err: "has the network plugin cilium"},
		"added":              {state: with("", "", "v1.34", old), plan: with("antrea", "", "v1.34", old)},
		"settings":           {state: with("antrea", `{"a":1}`, "v1.34", old), plan: with("antrea", `{"a":2}`, "v1.34", old), warn: "change on a running cluster"},
		"settings removed":   {state: with("antrea", `{"a":1}`, "v1.34", old), plan: with("antrea", "", "v1.34", old), warn: "change on a running cluster"},
		"settings of addons": {state: with("antrea", `{"a":1}`, "v1.35", addons), plan: with("antrea", `{"a":2}`, "v1.35", addons)},
		"settings move":      {state: with("antrea", `{"a":1}`, "v1.34", old), plan: with("antrea", `{"a":1}`, "v1.35", old), warn: "values of the AddonConfig team-a/prod-antrea"},
		"unknown":            {state: with("antrea", "", "v1.34", old), plan: unknownCNI(with("", "", "v1.34", old))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got diag.Diagnostics
			checkCNI(t.Context(), c.state, c.plan, &got)
			says(t, "error", got.Errors(), c.err)
			says(t, "warning", got.Warnings(), c.warn)
		})
	}
}

// A variable that the platform ignores chooses nothing.
func TestChosenCNI(t *testing.T) {
	t.Parallel()
	const variables = `{"bootstrapAddons":{"cniRef":{"name":"calico"}}}`
	for name, c := range map[string]struct {
		variables string
		version   types.String
		want      string
		unknown   bool
	}{
		"ignored":          {variables, types.StringValue("v1.34"), "", false},
		"heard":            {variables, types.StringValue("v1.35"), "calico", false},
		"unknown version":  {variables, types.StringUnknown(), "", true},
		"no version":       {variables, types.StringNull(), "", false},
		"nothing to judge": {`{}`, types.StringUnknown(), "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := model{CNI: types.ObjectNull(cniType()), Variables: jsontypes.NewNormalizedValue(c.variables), KubernetesVersion: c.version}
			var problems diag.Diagnostics
			if got, known := m.chosenCNI(t.Context(), &problems); got != c.want || known == c.unknown || problems.HasError() {
				t.Errorf("got %q, known %t, %v", got, known, problems)
			}
		})
	}
}

func TestAddonsAt(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{
		"": false, "v1": false, "latest": false, "v1.34.9+vmware.1": false, "v1.3": false, "1.34": false,
		"v1.35": true, "1.35": true, "v1.35.2---vmware.1-vkr.3": true, "v1.36.0+vmware.1": true,
	} {
		if got := addonsAt(version); got != want {
			t.Errorf("addonsAt(%q) is %t", version, got)
		}
	}
}

func unknownCNI(m model) model {
	m.CNI = types.ObjectUnknown(cniType())
	return m
}

// says expects one diagnostic with those words, or none for "".
func says(t *testing.T, what string, got diag.Diagnostics, words string) {
	t.Helper()
	if words == "" && len(got) > 0 || words != "" && (len(got) != 1 || !strings.Contains(got[0].Summary()+" "+got[0].Detail(), words)) {
		t.Errorf("%s: %v, want %q", what, got, words)
	}
}

func TestWarnOfKubeProxy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after string
		warns         bool
	}{
		"neither":     {`{}`, `{}`, false},
		"on, by name": {`{}`, `{"kubernetes":{"kubeProxyConfiguration":{"enabled":true}}}`, false},
		"off":         {`{}`, `{"kubernetes":{"kubeProxyConfiguration":{"enabled":false}}}`, true},
		"on again":    {`{"kubernetes":{"kubeProxyConfiguration":{"enabled":false}}}`, `{}`, true},
		"stays off":   {`{"kubernetes":{"kubeProxyConfiguration":{"enabled":false}}}`, `{"kubernetes":{"kubeProxyConfiguration":{"enabled":false}},"a":1}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got diag.Diagnostics
			warnOfKubeProxy(model{Variables: jsontypes.NewNormalizedValue(c.before)}, model{Variables: jsontypes.NewNormalizedValue(c.after)}, &got)
			if (got.WarningsCount() == 1) != c.warns {
				t.Errorf("got %v", got)
			}
		})
	}
}

package cluster

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	testclock "k8s.io/utils/clock/testing"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// scripted is a Supervisor of which only the answers to writes matter.
type scripted struct {
	api
	existing *supervisor.Cluster
	errs     []error
	applied  []supervisor.ClusterSpec
	releases []string
}

func (s *scripted) Where() string { return "Supervisor sv.example.com" }

func (s *scripted) GetCluster(context.Context, string, string) (*supervisor.Cluster, error) {
	if s.existing == nil {
		return nil, &fault.Error{Kind: fault.NotFound, Op: "read Cluster"}
	}
	return s.existing, nil
}

func (s *scripted) ApplyCluster(_ context.Context, spec supervisor.ClusterSpec, _ bool) (*supervisor.Cluster, error) {
	s.applied = append(s.applied, spec)
	if len(s.errs) > 0 {
		err := s.errs[0]
		s.errs = s.errs[1:]
		return nil, err
	}
	return finished().cluster(), nil
}

func (s *scripted) PruneCluster(context.Context, supervisor.ClusterSpec, supervisor.ClusterSpec) (*supervisor.Cluster, bool, error) {
	return finished().cluster(), false, nil
}

func (s *scripted) DeleteCluster(context.Context, string, string, types.UID) error { return nil }

func (s *scripted) Bootstrap(context.Context, string, string) (supervisor.Bootstrap, error) {
	return supervisor.Bootstrap{}, nil
}

func (s *scripted) Classes(context.Context) ([]supervisor.Class, error) {
	return []supervisor.Class{{Name: "builtin-generic-v3.6.0"}}, nil
}

func (s *scripted) Releases(context.Context) ([]supervisor.Release, error) {
	var releases []supervisor.Release
	for _, name := range s.releases {
		releases = append(releases, supervisor.Release{Name: name})
	}
	return releases, nil
}

func denied(text string) error {
	return &fault.Error{Kind: fault.Invalid, Op: "apply Cluster", Message: `admission webhook "x" denied the request: ` + text}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	spec := supervisor.ClusterSpec{Namespace: "team-a", Name: "prod", Version: "v1.33"}
	for name, c := range map[string]struct {
		server *scripted
		tries  int
		want   string
	}{
		"at once":                {server: &scripted{}, tries: 1},
		"taken":                  {server: &scripted{existing: finished().cluster()}, want: "terraform import"},
		"left by a killed apply": {server: &scripted{existing: finished().set("true", "metadata", "annotations", supervisor.CreatingAnnotation).cluster()}, tries: 1},
		"images still arrive":    {server: &scripted{errs: []error{denied("Could not resolve KR/OSImage for x")}, releases: []string{"v1.33.1---vmware.1"}}, tries: 2},
		"no such release":        {server: &scripted{errs: []error{denied("Could not resolve KR/OSImage for x")}, releases: []string{"v1.34.1---vmware.1"}}, tries: 1, want: "v1.34.1"},
		"webhook is not there":   {server: &scripted{errs: []error{&fault.Error{Kind: fault.Transient, Message: "failed calling webhook: connection refused"}}}, tries: 2},
		"the upgrade before":     {server: &scripted{errs: []error{denied("spec.topology.version: version cannot be changed: MachineDeployment(s) a are upgrading")}}, tries: 2},
		"system checks":          {server: &scripted{errs: []error{denied("update cannot be initiated: SystemChecksSucceeded condition is not True: PDB a/b")}}, tries: 1, want: skipChecksAnnotation},
		"two minors":             {server: &scripted{errs: []error{denied("version cannot be increased from 1.33 to 1.35")}}, tries: 1, want: "one minor version"},
		"refused":                {server: &scripted{errs: []error{denied("Required value")}}, tries: 1, want: "Required value"},
		"variable":               {server: &scripted{errs: []error{denied("variable is not defined")}}, tries: 1, want: "ClusterClass does not know"},
		"no namespace":           {server: &scripted{errs: []error{&fault.Error{Kind: fault.NotFound, Message: `namespaces "team-a" not found`}}}, tries: 1, want: "vks_namespace"},
		"wrong password":         {server: &scripted{errs: []error{&fault.Error{Kind: fault.Unauthenticated, Message: "no"}}}, tries: 1, want: "no"},
		"more than one OSImage":  {server: &scripted{errs: []error{denied("Multiple OSImages resolved for x")}}, tries: 1, want: "os_image"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := create(t.Context(), c.server, spec, nil)
			if len(c.server.applied) != c.tries {
				t.Errorf("%d tries, want %d", len(c.server.applied), c.tries)
			}
			for _, sent := range c.server.applied {
				if sent.Annotations[supervisor.CreatingAnnotation] == "" {
					t.Error("a creation that is cut short here could not be told from a cluster of somebody else")
				}
			}
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var f *fault.Error
			if !errors.As(err, &f) || !strings.Contains(f.Error()+f.Advice, c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if errors.Is(err, fault.NotFound) {
				t.Error("an error of a write must not read as: the cluster is gone")
			}
		})
	}
}

// A change of something else must neither upgrade a cluster nor move it back
// to an older class.
func TestSettle(t *testing.T) {
	t.Parallel()
	live := finished().set("builtin-generic-v3.7.0", "spec", "topology", "classRef", "name")
	server := &scripted{existing: live.cluster()}
	for asked, want := range map[string]string{"v1.34": "v1.34.1+vmware.1", "v1.35": "v1.35"} {
		got, _, err := settle(t.Context(), server, supervisor.ClusterSpec{Version: asked, Class: "builtin-generic-v3.6.0"}, true)
		if err != nil || got.Version != want || got.Class != "builtin-generic-v3.7.0" {
			t.Errorf("%s: got %s of class %s, %v", asked, got.Version, got.Class, err)
		}
	}
}

func TestSteady(t *testing.T) {
	t.Parallel()
	clk := testclock.NewFakePassiveClock(noon)
	s := steady{clock: clk}
	done := wait.Status{Done: true}
	if s.hold(done).Done {
		t.Error("once is not enough")
	}
	clk.SetTime(noon.Add(settleFor - time.Second))
	s.hold(wait.Status{})
	clk.SetTime(noon.Add(settleFor))
	if s.hold(done).Done {
		t.Error("it has just begun again")
	}
	clk.SetTime(noon.Add(2 * settleFor))
	if !s.hold(done).Done {
		t.Error("it has held")
	}
}

func TestDefaultClass(t *testing.T) {
	t.Parallel()
	classes := []supervisor.Class{
		{Name: "builtin-generic-v3.10.0", Lowest: "v1.36", Highest: "v1.38"},
		{Name: "builtin-generic-v3.6.0", Lowest: "v1.32", Highest: "v1.35"},
		{Name: "builtin-generic-v3.5.0", Lowest: "v1.31", Highest: "v1.34"},
	}
	for version, want := range map[string]string{
		"v1.31": "builtin-generic-v3.5.0", "v1.33.1+vmware.1": "builtin-generic-v3.6.0", "v1.36": "builtin-generic-v3.10.0", "v1.99": "builtin-generic-v3.10.0",
	} {
		if got := defaultClass(classes, version); got != want {
			t.Errorf("%s: got %s, want %s", version, got, want)
		}
	}
	if got := defaultClass(nil, "v1.33"); got != "" {
		t.Errorf("got %s of nothing", got)
	}
}

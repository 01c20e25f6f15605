package cluster

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	testclock "k8s.io/utils/clock/testing"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// fixed is a watch that always shows the same.
type fixed struct {
	cluster *supervisor.Cluster
	err     error
}

func (f fixed) Changes() <-chan struct{} { return nil }

func (f fixed) Get(context.Context) (*supervisor.Cluster, error) { return f.cluster, f.err }

// inventory is a Supervisor of which only the objects beside the cluster matter.
type inventory struct {
	api
	machines  []supervisor.Machine
	pools     []supervisor.Pool
	addresses []string
	err       error
	asked     int
}

func (i *inventory) Where() string { return "Supervisor sv.example.com" }

func (i *inventory) Machines(context.Context, string, string) ([]supervisor.Machine, error) {
	i.asked++
	return slices.Clone(i.machines), i.err
}

func (i *inventory) Pools(context.Context, string, string) ([]supervisor.Pool, error) {
	i.asked++
	return slices.Clone(i.pools), i.err
}

func (i *inventory) ControlPlaneAddresses(context.Context, string, string) ([]string, error) {
	i.asked++
	return i.addresses, i.err
}

// Conditions are sums that may lag: an update is over when the machines are
// what it made of them.
func TestProof(t *testing.T) {
	t.Parallel()
	old := []supervisor.Machine{{Name: "prod-a", Version: "v1.34.1+vmware.1", Phase: "Running"}, {Name: "prod-b", Version: "v1.33.6+vmware.1-fips", Phase: "Running"}}
	legacyCluster := func() live {
		conditions := []any{}
		for _, name := range legacy {
			conditions = append(conditions, map[string]any{"type": name, "status": "True"})
		}
		return finished().set("cluster.x-k8s.io/v1beta1", "apiVersion").set(conditions, "status", "conditions")
	}
	for name, c := range map[string]struct {
		live   live
		goal   goal
		beside inventory
		want   string
		asked  int
	}{
		"a create is told by conditions":      {live: finished(), goal: goal{creating: true}},
		"an old machine":                      {live: finished(), goal: goal{machines: true}, beside: inventory{machines: old}, want: "prod-b (Running) not yet on v1.34.1+vmware.1", asked: 1},
		"all new":                             {live: finished(), goal: goal{machines: true}, beside: inventory{machines: old[:1]}, asked: 1},
		"may not look":                        {live: finished(), goal: goal{machines: true}, beside: inventory{err: fault.Forbidden}, asked: 1},
		"no answer":                           {live: finished(), goal: goal{machines: true}, beside: inventory{err: fault.Transient}, want: "temporary failure", asked: 1},
		"workers of an old Cluster API":       {live: legacyCluster(), goal: goal{}, beside: inventory{pools: []supervisor.Pool{{Name: "blue"}, {Name: "green", Settled: true}}}, want: "pools blue", asked: 1},
		"workers of an old Cluster API, done": {live: legacyCluster(), goal: goal{}, asked: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clk := testclock.NewFakePassiveClock(noon)
			l := looker{client: &c.beside, follow: fixed{cluster: c.live.cluster()}, clock: clk, goal: c.goal, steady: steady{clock: clk, since: noon.Add(-settleFor)}}
			for range 3 { // within a moment: nobody asks twice
				status, err := l.look(t.Context())
				if err != nil || status.Done != (c.want == "") {
					t.Fatalf("got %+v, %v", status, err)
				}
				if c.want != "" && (len(status.Pending) != 1 || !strings.Contains(status.Pending[0].Message, c.want)) {
					t.Errorf("got %+v, want %s", status.Pending, c.want)
				}
			}
			if c.want != "" && c.beside.asked != c.asked {
				t.Errorf("asked %d times, want %d", c.beside.asked, c.asked)
			}
			clk.SetTime(noon.Add(proofEvery))
			c.beside.machines, c.beside.pools, c.beside.err = nil, nil, nil
			if status, err := l.look(t.Context()); err != nil || !status.Done {
				t.Errorf("afterwards: %+v, %v", status, err)
			}
		})
	}
}

// A cluster that gets the name of an earlier one may get its address, too.
func TestEndpointWatch(t *testing.T) {
	t.Parallel()
	const host = "10.0.0.7"
	serving := finished().set(host, "spec", "controlPlaneEndpoint", "host")
	waiting := func() live {
		return finished().set(host, "spec", "controlPlaneEndpoint", "host").condition(conditionAvailable, map[string]any{"status": "False"})
	}
	for name, c := range map[string]struct {
		live   live
		beside inventory
		want   bool
		asked  int
	}{
		"stale":                 {live: waiting(), beside: inventory{addresses: []string{"10.0.0.9"}}, want: true, asked: 2},
		"stale, though reached": {live: waiting().with(conditionOf("RemoteConnectionProbe", "True")), beside: inventory{addresses: []string{"10.0.0.9"}}, want: true, asked: 6},
		"the same":              {live: waiting(), beside: inventory{addresses: []string{host}}, asked: 1},
		"available":             {live: serving, beside: inventory{addresses: []string{"10.0.0.9"}}},
		"no endpoint yet":       {live: finished().condition(conditionAvailable, map[string]any{"status": "False"}), beside: inventory{addresses: []string{"10.0.0.9"}}},
		"a name":                {live: waiting().set("api.example.com", "spec", "controlPlaneEndpoint", "host"), beside: inventory{addresses: []string{"10.0.0.9"}}},
		"no load balancer":      {live: waiting(), asked: endpointLooks},
		"may not look":          {live: waiting(), beside: inventory{err: fault.Forbidden}, asked: 1},
		"VM Operator is away":   {live: waiting(), beside: inventory{err: fault.RouteAbsent}, asked: 1},
		"no answer":             {live: waiting(), beside: inventory{err: fault.Transient}, asked: endpointLooks},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clk := testclock.NewFakePassiveClock(noon)
			e := endpointWatch{client: &c.beside, clock: clk}
			var err error
			for second := 0; second < 3600 && err == nil; second++ {
				clk.SetTime(noon.Add(time.Duration(second) * time.Second))
				err = e.check(t.Context(), c.live.cluster())
			}
			if c.beside.asked != c.asked {
				t.Errorf("asked %d times, want %d", c.beside.asked, c.asked)
			}
			if (err != nil) != c.want {
				t.Fatalf("got %v", err)
			}
			var f *fault.Error
			if c.want && (!errors.As(err, &f) || !strings.Contains(f.Message, host) || !strings.Contains(f.Message, "10.0.0.9") || !strings.Contains(f.Advice, "another name")) {
				t.Errorf("got %v", err)
			}
			if c.want && clk.Since(noon) > 90*time.Second {
				t.Errorf("it took %s", clk.Since(noon))
			}
		})
	}
}

// Two looks that differ are needed, one after the other: an address may change
// while the load balancer is made.
func TestEndpointWatchForgets(t *testing.T) {
	t.Parallel()
	clk, beside := testclock.NewFakePassiveClock(noon), &inventory{addresses: []string{"10.0.0.9"}}
	e := endpointWatch{client: beside, clock: clk}
	c := finished().set("10.0.0.7", "spec", "controlPlaneEndpoint", "host").condition(conditionAvailable, map[string]any{"status": "False"}).cluster()
	for i, addresses := range [][]string{nil, {"10.0.0.9"}, nil, {"10.0.0.9"}, {"10.0.0.7"}, {"10.0.0.9"}, {"10.0.0.9"}} {
		beside.addresses = addresses
		clk.SetTime(noon.Add(time.Duration(i) * endpointPatience))
		if err := e.check(t.Context(), c); err != nil {
			t.Errorf("look %d: %v", i, err)
		}
	}
}

func TestVanished(t *testing.T) {
	t.Parallel()
	l := looker{follow: fixed{err: &fault.Error{Kind: fault.NotFound, Message: "deleted"}}, clock: testclock.NewFakePassiveClock(noon)}
	if _, err := l.look(t.Context()); !errors.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "somebody else deleted") {
		t.Errorf("got %v", err)
	}
	l.follow = fixed{err: &fault.Error{Kind: fault.Unreachable}}
	if status, err := l.look(t.Context()); err != nil || len(status.Pending) != 1 {
		t.Errorf("a network that is away ends the wait: %v, %v", status, err)
	}
}

// A deletion that runs out of time names the machines that are left.
func TestRemains(t *testing.T) {
	t.Parallel()
	timeout := &wait.TimeoutError{What: "it to be gone", Pending: []wait.Pending{{What: "finalizers"}}, Cause: context.DeadlineExceeded}
	left := []supervisor.Machine{{Name: "prod-a", Phase: "Deleting", Message: "Drain not completed yet: cannot evict pod web"}}
	for name, c := range map[string]struct {
		beside inventory
		err    error
		want   string
		layer  wait.Layer
	}{
		"machines": {beside: inventory{machines: left}, err: timeout, want: "prod-a (Deleting: Drain not completed yet: cannot evict pod web)", layer: wait.LayerCluster},
		"none":     {err: timeout, want: "none are left", layer: wait.LayerSupervisor},
		"unknown":  {beside: inventory{err: fault.Forbidden}, err: timeout, want: "could not be listed", layer: wait.LayerSupervisor},
		"no wait":  {err: fault.Forbidden},
		"gone":     {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			cancel() // the time of the deletion is over
			err := withRemains(ctx, &c.beside, "team-a", "prod", c.err)
			if c.want == "" {
				if !errors.Is(err, c.err) || c.beside.asked != 0 {
					t.Errorf("got %v after %d questions", err, c.beside.asked)
				}
				return
			}
			var got *wait.TimeoutError
			if !errors.As(err, &got) || len(got.Pending) != 2 || !strings.Contains(got.Pending[1].Message, c.want) || got.Pending[1].Layer != c.layer {
				t.Errorf("got %+v", err)
			}
		})
	}
}

func TestMachineList(t *testing.T) {
	t.Parallel()
	many := make([]supervisor.Machine, 12)
	for i := range many {
		many[i].Name = "m"
	}
	if got := machineList(many); strings.Count(got, "m,") != 10 || !strings.HasSuffix(got, "and 2 more") {
		t.Errorf("got %s", got)
	}
}

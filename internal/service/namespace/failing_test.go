package namespace

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// unreachable is a vCenter that knows its Supervisors from before, or not.
type unreachable struct {
	api
	remembers bool
}

var noRoute = &fault.Error{Kind: fault.Unreachable, Where: "vCenter vc", Message: "no route to host"}

func (u unreachable) Where() string { return "vCenter vc" }

func (u unreachable) ResolveSupervisor(context.Context, string) (vcenter.Supervisor, error) {
	if u.remembers {
		return vcenter.Supervisor{ID: "sv", Name: "one"}, nil
	}
	return vcenter.Supervisor{}, noRoute
}

func (u unreachable) Namespace(context.Context, string) (*vcenter.Namespace, error) {
	return nil, noRoute
}

func (u unreachable) StoragePolicies(context.Context) ([]vcenter.StoragePolicy, error) {
	return nil, noRoute
}

func (u unreachable) VMClasses(context.Context) ([]vcenter.VMClass, error) { return nil, noRoute }

func (u unreachable) Version(context.Context) (vcenter.Version, error) {
	return vcenter.Version{}, noRoute
}

// However much a plan asks, a vCenter that is not reached is one error.
func TestUnreachableIsOneError(t *testing.T) {
	t.Parallel()
	plan := blank()
	plan.Name = types.StringValue("team-a")
	plan.StoragePolicies = policies(map[string]*int64{"gold": nil})
	plan.VMClasses = types.SetValueMust(types.StringType, []attr.Value{types.StringValue("small")})
	exists := blank()
	exists.Name, exists.Supervisor = plan.Name, types.StringValue("one")
	for name, c := range map[string]struct {
		from  unreachable
		state *model
	}{
		"new":                               {unreachable{}, nil},
		"new, the Supervisor is known":      {unreachable{remembers: true}, nil},
		"changed, the Supervisor is known":  {unreachable{remembers: true}, exists},
		"changed, the Supervisor is stated": {unreachable{}, exists},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := diag.Diagnostics{}
			p := planner{inState: &clients.Names{}, config: *blank(), plan: *plan, state: c.state, diags: &problems}
			p.check(t.Context(), c.from)
			if len(problems) != 1 {
				t.Errorf("got %d problems: %v", len(problems), problems)
			}
		})
	}
}

// interrupted breaks off a creation that vCenter has accepted all the same.
type interrupted struct {
	api
	arrived bool
	looks   int
	late    int // looks that do not find it yet
}

func (i *interrupted) Where() string { return "vCenter vc" }

func (i *interrupted) CreateNamespace(ctx context.Context, _ vcenter.NamespaceSpec) error {
	return &fault.Error{Kind: fault.Transient, Where: "vCenter vc", Err: ctx.Err()}
}

func (i *interrupted) Namespace(ctx context.Context, name string) (*vcenter.Namespace, error) {
	i.looks++
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if _, bounded := ctx.Deadline(); !bounded {
		return nil, &fault.Error{Kind: fault.Unknown, Message: "this look could last forever"}
	}
	if !i.arrived || i.looks <= i.late {
		return nil, notFound.err
	}
	return &vcenter.Namespace{Name: name}, nil
}

// After Ctrl-C the look whether the namespace is there has time of its own.
func TestInterruptedCreationIsLookedFor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		on      interrupted
		lookFor time.Duration
	}{
		"arrived":        {interrupted{arrived: true}, time.Minute},
		"shows later":    {interrupted{arrived: true, late: 1}, time.Minute},
		"did not arrive": {interrupted{}, time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			on, plan, problems := &c.on, blank(), diag.Diagnostics{}
			plan.Name = types.StringValue("team-a")
			sent := (&namespaceResource{lookFor: c.lookFor}).send(ctx, on, plan, &problems)
			if on.looks == 0 || sent != on.arrived || problems.HasError() == on.arrived {
				t.Errorf("sent %v after %d looks: %v", sent, on.looks, problems)
			}
		})
	}
}

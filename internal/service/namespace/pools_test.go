package namespace

import (
	"context"
	"errors"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// stocked is a vCenter of one zone, whose inventory answers with pools or err.
type stocked struct {
	catalog
	pools map[string][]string
	err   error
	asked int
}

func (*stocked) Where() string { return "vCenter vc" }

func (s *stocked) NamespacePools(context.Context, string) (map[string][]string, error) {
	s.asked++
	return s.pools, s.err
}

func (*stocked) TopologyOf(context.Context, string) ([]vcenter.SupervisorZone, error) {
	return []vcenter.SupervisorZone{{Name: "a", Clusters: []string{"domain-c1"}}}, nil
}

func poolIDs(ids ...string) types.Map {
	var values []attr.Value
	for _, id := range ids {
		values = append(values, types.StringValue(id))
	}
	return types.MapValueMust(poolsType, map[string]attr.Value{"a": types.ListValueMust(types.StringType, values)})
}

// However many namespaces there are, an inventory that fails is asked once, and
// told about once; what was known of each stays.
func TestInventoryThatFailsIsAskedOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err      error
		asked    int
		warnings int
	}{
		"hangs":       {&fault.Error{Kind: fault.Transient, Op: "read resource pools", Err: context.DeadlineExceeded}, 1, 1},
		"fails":       {&fault.Error{Kind: fault.Transient, Message: "500"}, 1, 1},
		"not allowed": {&fault.Error{Kind: fault.Forbidden, Message: "NoPermission"}, 1, 0},
		"interrupted": {&fault.Error{Kind: fault.Transient, Err: context.Canceled}, 3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, r, problems := &stocked{err: c.err}, &namespaceResource{}, diag.Diagnostics{}
			r.Data = clients.New(clients.Config{})
			for _, before := range []types.Map{poolIDs("resgroup-1"), types.MapNull(poolsType), types.MapUnknown(poolsType)} {
				m, want := blank(), before
				if before.IsUnknown() {
					want = types.MapNull(poolsType)
				}
				m.ResourcePools = before
				r.readPools(t.Context(), from, m, &vcenter.Namespace{Name: "team-a", ConfigStatus: vcenter.StatusRunning}, &problems)
				if !m.ResourcePools.Equal(want) {
					t.Errorf("%s became %s", before, m.ResourcePools)
				}
			}
			if from.asked != c.asked || problems.HasError() || len(problems) != c.warnings {
				t.Errorf("asked %d times: %v", from.asked, problems)
			}
			if kept := errors.Is(r.Data.InventoryAway().Why(), c.err); kept != (c.asked == 1) {
				t.Errorf("the error is kept: %v", kept)
			}
		})
	}
}

// An account that does not see pools is told of none, without an error.
func TestHiddenPoolsAreNotKnown(t *testing.T) {
	t.Parallel()
	none := types.MapValueMust(poolsType, map[string]attr.Value{})
	for name, c := range map[string]struct {
		status       string
		shown        []string
		before, want types.Map
	}{
		"hidden, were known":     {vcenter.StatusRunning, nil, poolIDs("resgroup-1"), poolIDs("resgroup-1")},
		"hidden, were not known": {vcenter.StatusRunning, nil, types.MapUnknown(poolsType), types.MapNull(poolsType)},
		"not made yet":           {vcenter.StatusError, nil, types.MapUnknown(poolsType), none},
		"shown":                  {vcenter.StatusRunning, []string{"resgroup-2"}, poolIDs("resgroup-1"), poolIDs("resgroup-2")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, r, m, problems := &stocked{}, &namespaceResource{}, blank(), diag.Diagnostics{}
			if c.shown != nil {
				from.pools = map[string][]string{"domain-c1": c.shown}
			}
			r.Data, m.ResourcePools = clients.New(clients.Config{}), c.before
			r.readPools(t.Context(), from, m, &vcenter.Namespace{Name: "team-a", ConfigStatus: c.status}, &problems)
			if !m.ResourcePools.Equal(c.want) || len(problems) > 0 {
				t.Errorf("got %s, want %s: %v", m.ResourcePools, c.want, problems)
			}
		})
	}
}

package supervisorinfo

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// fake is a platform with one Supervisor.
type fake struct {
	supervisor                                    vcenter.Supervisor
	topologyErr, bindingErr, clusterErr, endpoint error
}

func (f *fake) ResolveSupervisor(context.Context, string) (vcenter.Supervisor, error) {
	return f.supervisor, nil
}

func (f *fake) Topology(context.Context, vcenter.Supervisor) ([]vcenter.SupervisorZone, error) {
	return []vcenter.SupervisorZone{{Name: "z2", Clusters: []string{"domain-c2"}}, {Name: "z1", Clusters: []string{"domain-c3", "domain-c1"}}}, f.topologyErr
}

func (f *fake) ZoneBindings(context.Context, vcenter.Supervisor) ([]vcenter.ZoneBinding, error) {
	if f.bindingErr != nil {
		return nil, f.bindingErr
	}
	return []vcenter.ZoneBinding{{Zone: "z1", Type: "WORKLOAD", MarkedForRemoval: true, Status: "REMOVING"}}, nil
}

func (f *fake) WorkloadManagement(context.Context, string) (vcenter.WorkloadManagement, error) {
	if f.clusterErr != nil {
		return vcenter.WorkloadManagement{}, f.clusterErr
	}
	return vcenter.WorkloadManagement{NetworkProvider: "NSX_VPC"}, nil
}

func (f *fake) KnownEndpoint(context.Context, vcenter.Supervisor) (string, error) {
	return "192.0.2.1", f.endpoint
}

func observe(t *testing.T, f *fake) (*model, diag.Diagnostics) {
	t.Helper()
	found, err := read(t.Context(), f, "")
	if err != nil {
		t.Fatal(err)
	}
	var m model
	var warnings diag.Diagnostics
	found.warn(&warnings)
	m.flatten(found)
	return &m, warnings
}

func TestRead(t *testing.T) {
	t.Parallel()
	m, warnings := observe(t, &fake{supervisor: vcenter.Supervisor{ID: "id-1", Name: "east", Messages: []vcenter.Message{{Severity: "ERROR", Text: "A node is down."}}}})
	kind, status, removing := "WORKLOAD", "REMOVING", true
	want := map[string]zoneModel{
		"z1": {Type: &kind, Status: &status, MarkedForRemoval: &removing, Clusters: []string{"domain-c1", "domain-c3"}},
		"z2": {Clusters: []string{"domain-c2"}},
	}
	if diff := cmp.Diff(want, m.Zones); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"domain-c1", "domain-c2", "domain-c3"}, m.ComputeClusters); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]messageModel{{Severity: "ERROR", Message: "A node is down."}}, m.Messages); diff != "" {
		t.Error(diff)
	}
	if len(warnings) != 0 {
		t.Error(warnings)
	}
}

// What the account may not see is null and said; what is not there yet is null.
func TestReadWithGaps(t *testing.T) {
	t.Parallel()
	forbidden, absent := &fault.Error{Kind: fault.Forbidden, Op: "look"}, &fault.Error{Kind: fault.NotFound, Op: "look"}
	unsupported := &fault.Error{Kind: fault.Unsupported, Op: "look"}
	for name, c := range map[string]struct {
		fake
		endpoint, provider types.String
		warns              []string
	}{
		"no clusters for the account": {
			fake: fake{clusterErr: forbidden}, endpoint: types.StringNull(), provider: types.StringNull(), warns: []string{"network_provider, api_endpoint: look"},
		},
		"the same, since 9.1": {
			fake:     fake{clusterErr: forbidden, supervisor: vcenter.Supervisor{APIEndpoint: "192.0.2.9"}},
			endpoint: types.StringValue("192.0.2.9"), provider: types.StringNull(), warns: []string{"network_provider: look"},
		},
		"no zones for the account": {
			fake: fake{bindingErr: forbidden}, endpoint: types.StringValue("192.0.2.1"), provider: types.StringValue("NSX_VPC"), warns: []string{"zones"},
		},
		"no topology for the account": {
			fake:     fake{topologyErr: forbidden, supervisor: vcenter.Supervisor{APIEndpoint: "192.0.2.9"}},
			endpoint: types.StringValue("192.0.2.9"), provider: types.StringNull(), warns: []string{"zones, compute_clusters, network_provider: look"},
		},
		"the same, before 9.1": {
			fake: fake{topologyErr: forbidden}, endpoint: types.StringNull(), provider: types.StringNull(),
			warns: []string{"zones, compute_clusters, network_provider, api_endpoint: look"},
		},
		"not set up yet": {
			fake: fake{clusterErr: absent, bindingErr: unsupported}, endpoint: types.StringNull(), provider: types.StringNull(),
		},
	} {
		m, warnings := observe(t, &c.fake)
		if !m.NetworkProvider.Equal(c.provider) || !m.APIEndpoint.Equal(c.endpoint) {
			t.Errorf("%s: got %s and %s", name, m.NetworkProvider, m.APIEndpoint)
		}
		if known := c.topologyErr == nil; (m.Zones != nil) != known || (m.ComputeClusters != nil) != known {
			t.Errorf("%s: zones %v, compute clusters %v", name, m.Zones, m.ComputeClusters)
		}
		if len(warnings) != min(1, len(c.warns)) {
			t.Errorf("%s: %d warnings", name, len(warnings))
		}
		for _, want := range c.warns {
			if !strings.Contains(warnings[0].Detail(), want) {
				t.Errorf("%s: %q is not in %q", name, want, warnings[0].Detail())
			}
		}
	}
}

func TestReadFails(t *testing.T) {
	t.Parallel()
	broken := &fault.Error{Kind: fault.Unreachable, Op: "look"}
	for name, f := range map[string]*fake{
		"topology": {topologyErr: broken}, "zones": {bindingErr: broken}, "cluster": {clusterErr: broken}, "endpoint": {endpoint: broken},
	} {
		if _, err := read(t.Context(), f, ""); !errors.Is(err, fault.Unreachable) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

package namespace

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

func TestFlattenZonesAndNetwork(t *testing.T) {
	t.Parallel()
	if got := zoneInfo(nil); got != nil {
		t.Errorf("zones of an old vCenter: %v", got)
	}
	want := map[string]zoneModel{"z": {Type: "WORKLOAD", MarkedForRemoval: true}}
	if diff := cmp.Diff(want, zoneInfo([]vcenter.NamespaceZone{{Name: "z", Type: "WORKLOAD", MarkedForRemoval: true}})); diff != "" {
		t.Error(diff)
	}
	provider, network := "NSX_VPC", "n"
	for name, c := range map[string]struct {
		live *vcenter.Namespace
		want *networkModel
	}{
		"NSX before 9.0": {&vcenter.Namespace{}, &networkModel{}},
		"VDS before 9.0": {&vcenter.Namespace{Networks: []string{"b", "a"}}, &networkModel{Networks: []string{"a", "b"}}},
		"VDS": {
			&vcenter.Namespace{Networks: []string{"n"}, Network: &vcenter.NamespaceNetwork{Provider: provider, VSphere: &vcenter.NamespaceVSphereNetwork{Default: "n"}}},
			&networkModel{Provider: &provider, Networks: []string{"n"}, DefaultNetwork: &network},
		},
		"VPC of 9.0": {
			&vcenter.Namespace{Network: &vcenter.NamespaceNetwork{Provider: provider, VPC: &vcenter.NamespaceVPC{Path: "/v", DefaultSubnetSize: 32}}},
			&networkModel{Provider: &provider, VPC: &vpcModel{Path: "/v", DefaultSubnetSize: 32, PrivateCIDRs: []string{}}},
		},
		"VPC of 9.1": {
			&vcenter.Namespace{Network: &vcenter.NamespaceNetwork{Provider: provider, VPC: &vcenter.NamespaceVPC{
				Path: "/v", Config: vcenter.VPCConfig{PrivateCIDRs: []vcenter.CIDR{{Address: "10.0.0.0", Prefix: 8}}}, SharedSubnets: []vcenter.SharedSubnet{},
			}}},
			&networkModel{Provider: &provider, VPC: &vpcModel{Path: "/v", PrivateCIDRs: []string{"10.0.0.0/8"}, SharedSubnets: []string{}}},
		},
	} {
		if diff := cmp.Diff(c.want, networkInfo(c.live)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// A grant that was revoked while its neighbours were asked about is shown
// without an answer.
func TestFlattenAccess(t *testing.T) {
	t.Parallel()
	anna := vcenter.Access{Type: "USER", Principal: "Anna", Domain: "corp", Role: "EDIT"}
	bob := vcenter.Access{Type: "USER", Principal: "bob", Domain: "corp", Role: "VIEW", IdentityProvider: "idp"}
	yes := true
	want := []grantModel{
		{permissionModel{types.StringValue("Anna"), types.StringValue("corp"), types.StringValue("USER"), types.StringValue("EDIT"), types.StringNull()}, &yes},
		{permissionModel{types.StringValue("bob"), types.StringValue("corp"), types.StringValue("USER"), types.StringValue("VIEW"), types.StringValue("idp")}, nil},
	}
	if diff := cmp.Diff(want, flattenAccess([]vcenter.Access{bob, anna}, map[string]bool{granteeKey(anna): true}), cmp.AllowUnexported(grantModel{})); diff != "" {
		t.Error(diff)
	}
	if got := flattenAccess(nil, nil); got == nil || len(got) != 0 {
		t.Errorf("no grants: %v", got)
	}
}

// Where vCenter does not list a Supervisor, its id stands for its name.
func TestFlattenList(t *testing.T) {
	t.Parallel()
	m := listModel{NamePrefix: types.StringValue("team-")}
	m.flatten([]vcenter.NamespaceSummary{
		{Name: "team-b", Supervisor: "id-2", ConfigStatus: "RUNNING", SelfService: true},
		{Name: "team-a", Supervisor: "id-1", ConfigStatus: "REMOVING", Stats: vcenter.NamespaceStats{CPUUsed: 1, MemoryUsed: 2, StorageUsed: 3}},
		{Name: "other", Supervisor: "id-1"},
	}, []vcenter.Supervisor{{ID: "id-1", Name: "east"}}, "")
	if diff := cmp.Diff([]string{"team-a", "team-b"}, m.Names); diff != "" {
		t.Error(diff)
	}
	want := map[string]summaryModel{
		"team-a": {Supervisor: "east", SupervisorID: "id-1", ConfigStatus: "REMOVING", Stats: &statsModel{CPUUsedMHz: 1, MemoryUsedMiB: 2, StorageUsedMiB: 3}},
		"team-b": {Supervisor: "id-2", SupervisorID: "id-2", ConfigStatus: "RUNNING", SelfService: true, Stats: &statsModel{}},
	}
	if diff := cmp.Diff(want, m.Namespaces); diff != "" {
		t.Error(diff)
	}
}

// Every limit that the resource knows is shown, and null where there is none.
func TestShownLimits(t *testing.T) {
	t.Parallel()
	all := objectLimits.all(vcenter.Limits{vcenter.PodCount: 0})
	for name := range objectLimits {
		value, ok := all.Attributes()[name].(types.Int64)
		if !ok || value.IsNull() != (name != "pods") {
			t.Errorf("%s is %s", name, all.Attributes()[name])
		}
	}
	var none diag.Diagnostics
	var m infoModel
	m.flatten(t.Context(), observed{Namespace: &vcenter.Namespace{Name: "n", SelfService: true, Stats: vcenter.NamespaceStats{CPUUsed: 7}}, supervisor: "east"}, nil, &none)
	if none.HasError() || !m.SelfService.ValueBool() || m.Stats.CPUUsedMHz != 7 || m.StoragePolicies.IsNull() || m.VMClasses == nil {
		t.Errorf("got %+v, %v", m, none)
	}
}

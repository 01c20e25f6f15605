package namespace

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// infoModel is a namespace as the data source shows it: lists and objects are
// never null where vCenter tells of them, so that references need no guard.
type infoModel struct {
	ID                types.String         `tfsdk:"id"`
	Name              types.String         `tfsdk:"name"`
	ResolveInherited  types.Bool           `tfsdk:"resolve_inherited"`
	Supervisor        types.String         `tfsdk:"supervisor"`
	SupervisorID      types.String         `tfsdk:"supervisor_id"`
	Description       types.String         `tfsdk:"description"`
	CPULimitMHz       types.Int64          `tfsdk:"cpu_limit_mhz"`
	MemoryLimitMiB    types.Int64          `tfsdk:"memory_limit_mib"`
	StorageLimitMiB   types.Int64          `tfsdk:"storage_limit_mib"`
	ContainerDefaults types.Object         `tfsdk:"container_defaults"`
	ObjectLimits      types.Object         `tfsdk:"object_limits"`
	StoragePolicies   types.Map            `tfsdk:"storage_policies"`
	StorageClasses    types.Map            `tfsdk:"storage_classes"`
	VMClasses         []string             `tfsdk:"vm_classes"`
	ContentLibraries  []string             `tfsdk:"content_libraries"`
	Permissions       []grantModel         `tfsdk:"permissions"`
	Zones             map[string]zoneModel `tfsdk:"zones"`
	Network           *networkModel        `tfsdk:"network"`
	ConfigStatus      types.String         `tfsdk:"config_status"`
	Messages          types.List           `tfsdk:"messages"`
	Stats             *statsModel          `tfsdk:"stats"`
	SelfService       types.Bool           `tfsdk:"self_service"`
}

type grantModel struct {
	permissionModel
	Inherited *bool `tfsdk:"inherited"`
}

type zoneModel struct {
	Type             string `tfsdk:"type"`
	MarkedForRemoval bool   `tfsdk:"marked_for_removal"`
}

type networkModel struct {
	Provider       *string   `tfsdk:"provider"`
	Networks       []string  `tfsdk:"networks"`
	DefaultNetwork *string   `tfsdk:"default_network"`
	VPC            *vpcModel `tfsdk:"vpc"`
}

type vpcModel struct {
	Path              string   `tfsdk:"path"`
	AutoCreated       bool     `tfsdk:"auto_created"`
	PrivateCIDRs      []string `tfsdk:"private_cidrs"`
	DefaultSubnetSize int64    `tfsdk:"default_subnet_size"`
	SharedSubnets     []string `tfsdk:"shared_subnets"`
}

type statsModel struct {
	CPUUsedMHz     int64 `tfsdk:"cpu_used_mhz"`
	MemoryUsedMiB  int64 `tfsdk:"memory_used_mib"`
	StorageUsedMiB int64 `tfsdk:"storage_used_mib"`
}

// who names the data source in messages.
func (m *infoModel) who() string { return "data source vks_namespace " + m.Name.ValueString() }

func (m *infoModel) flatten(ctx context.Context, live observed, inherited map[string]bool, to *diag.Diagnostics) {
	m.ID, m.Name = types.StringValue(live.Name), types.StringValue(live.Name)
	m.Supervisor, m.SupervisorID = types.StringValue(live.supervisor), types.StringValue(live.Supervisor)
	m.Description, m.SelfService = types.StringValue(live.Description), types.BoolValue(live.SelfService)
	m.CPULimitMHz = limitValue(live.Limits, vcenter.CPULimit)
	m.MemoryLimitMiB = limitValue(live.Limits, vcenter.MemoryLimit)
	m.StorageLimitMiB = limitValue(live.Limits, vcenter.StorageLimit)
	m.ContainerDefaults, m.ObjectLimits = containerDefaults.all(live.Limits), objectLimits.all(live.Limits)

	// What is not null before is not null after, in the resource's own way.
	as := model{StoragePolicies: types.MapUnknown(policyType)}
	as.flattenPolicies(live, to)
	as.flattenStatus(ctx, live.Namespace, to)
	m.StoragePolicies, m.StorageClasses = as.StoragePolicies, as.StorageClasses
	m.ConfigStatus, m.Messages = as.ConfigStatus, as.Messages

	m.VMClasses, m.ContentLibraries = sorted(live.VMClasses), libraryIDs(live.ContentLibraries)
	m.Permissions = flattenAccess(live.Access, inherited)
	m.Zones, m.Network = zoneInfo(live.Zones), networkInfo(live.Namespace)
	m.Stats = flattenStats(live.Stats)
}

// all gives every limit of the group, null where there is none.
func (g limitGroup) all(from vcenter.Limits) types.Object {
	return g.flatten(from, types.ObjectUnknown(g.attributeTypes()))
}

// flattenAccess gives nil for whether a grant is inherited when that was not
// asked.
func flattenAccess(access []vcenter.Access, inherited map[string]bool) []grantModel {
	grants := make([]grantModel, 0, len(access))
	for _, a := range slices.SortedFunc(slices.Values(access), compareGrants) {
		g := grantModel{permissionModel: permissionModel{
			Principal: types.StringValue(a.Principal), Domain: types.StringValue(a.Domain), Type: types.StringValue(a.Type), Role: types.StringValue(a.Role),
		}}
		if a.IdentityProvider != "" {
			g.IdentityProvider = types.StringValue(a.IdentityProvider)
		}
		if answer, ok := inherited[granteeKey(a)]; ok {
			g.Inherited = &answer
		}
		grants = append(grants, g)
	}
	return grants
}

// zoneInfo gives nil, which is null, for nil: before 9.0.
func zoneInfo(zones []vcenter.NamespaceZone) map[string]zoneModel {
	if zones == nil {
		return nil
	}
	all := make(map[string]zoneModel, len(zones))
	for _, z := range zones {
		all[z.Name] = zoneModel{Type: z.Type, MarkedForRemoval: z.MarkedForRemoval}
	}
	return all
}

func networkInfo(n *vcenter.Namespace) *networkModel {
	network := &networkModel{}
	if n.Networks != nil {
		network.Networks = sorted(n.Networks)
	}
	if n.Network == nil {
		return network
	}
	network.Provider = &n.Network.Provider
	if own := n.Network.VSphere; own != nil {
		network.DefaultNetwork = &own.Default
	}
	if vpc := n.Network.VPC; vpc != nil {
		network.VPC = vpcInfo(vpc)
	}
	return network
}

func vpcInfo(vpc *vcenter.NamespaceVPC) *vpcModel {
	m := &vpcModel{Path: vpc.Path, AutoCreated: vpc.AutoCreated, DefaultSubnetSize: vpc.DefaultSubnetSize, PrivateCIDRs: []string{}}
	for _, c := range vpc.Config.PrivateCIDRs {
		m.PrivateCIDRs = append(m.PrivateCIDRs, c.String())
	}
	if vpc.SharedSubnets != nil {
		m.SharedSubnets = []string{}
	}
	for _, s := range vpc.SharedSubnets {
		m.SharedSubnets = append(m.SharedSubnets, s.Path)
	}
	return m
}

func flattenStats(s vcenter.NamespaceStats) *statsModel {
	return &statsModel{CPUUsedMHz: s.CPUUsed, MemoryUsedMiB: s.MemoryUsed, StorageUsedMiB: s.StorageUsed}
}

func libraryIDs(libraries []vcenter.ContentLibrarySpec) []string {
	ids := make([]string, 0, len(libraries))
	for _, l := range libraries {
		ids = append(ids, l.Library)
	}
	slices.Sort(ids)
	return ids
}

// sorted gives a sorted copy that is never nil.
func sorted(list []string) []string {
	all := append([]string{}, list...)
	slices.Sort(all)
	return all
}

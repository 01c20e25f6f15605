package namespace

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

type model struct {
	ID                   types.String   `tfsdk:"id"`
	Name                 types.String   `tfsdk:"name"`
	Supervisor           types.String   `tfsdk:"supervisor"`
	Description          types.String   `tfsdk:"description"`
	CPULimitMHz          types.Int64    `tfsdk:"cpu_limit_mhz"`
	MemoryLimitMiB       types.Int64    `tfsdk:"memory_limit_mib"`
	StorageLimitMiB      types.Int64    `tfsdk:"storage_limit_mib"`
	ContainerDefaults    types.Object   `tfsdk:"container_defaults"`
	ObjectLimits         types.Object   `tfsdk:"object_limits"`
	StoragePolicies      types.Map      `tfsdk:"storage_policies"`
	VMClasses            types.Set      `tfsdk:"vm_classes"`
	ContentLibraries     types.Set      `tfsdk:"content_libraries"`
	Zones                types.Map      `tfsdk:"zones"`
	Network              types.Object   `tfsdk:"network"`
	Permissions          types.Set      `tfsdk:"permissions"`
	ExclusivePermissions types.Bool     `tfsdk:"exclusive_permissions"`
	DeletionProtection   types.Bool     `tfsdk:"deletion_protection"`
	ForceDestroy         types.Bool     `tfsdk:"force_destroy"`
	SupervisorID         types.String   `tfsdk:"supervisor_id"`
	ConfigStatus         types.String   `tfsdk:"config_status"`
	Messages             types.List     `tfsdk:"messages"`
	StorageClasses       types.Map      `tfsdk:"storage_classes"`
	ResourcePools        types.Map      `tfsdk:"resource_pools"`
	Timeouts             timeouts.Value `tfsdk:"timeouts"`
}

type policyModel struct {
	LimitMiB types.Int64 `tfsdk:"limit_mib"`
}

type permissionModel struct {
	Principal        types.String `tfsdk:"principal"`
	Domain           types.String `tfsdk:"domain"`
	Type             types.String `tfsdk:"type"`
	Role             types.String `tfsdk:"role"`
	IdentityProvider types.String `tfsdk:"identity_provider"`
}

type messageModel struct {
	Severity types.String `tfsdk:"severity"`
	Message  types.String `tfsdk:"message"`
}

var (
	policyType     = types.ObjectType{AttrTypes: map[string]attr.Type{"limit_mib": types.Int64Type}}
	permissionType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"principal": types.StringType, "domain": types.StringType, "type": types.StringType,
		"role": types.StringType, "identity_provider": types.StringType,
	}}
	messageType = types.ObjectType{AttrTypes: map[string]attr.Type{"severity": types.StringType, "message": types.StringType}}
)

// limitGroup is a nested attribute whose attributes are limits.
type limitGroup map[string]vcenter.Limit

var (
	containerDefaults = limitGroup{
		"cpu_request_mhz":    vcenter.CPURequestDefault,
		"cpu_limit_mhz":      vcenter.CPULimitDefault,
		"memory_request_mib": vcenter.MemoryRequestDefault,
		"memory_limit_mib":   vcenter.MemoryLimitDefault,
	}
	objectLimits = limitGroup{
		"pods":                     vcenter.PodCount,
		"services":                 vcenter.ServiceCount,
		"deployments":              vcenter.DeploymentCount,
		"daemon_sets":              vcenter.DaemonSetCount,
		"replica_sets":             vcenter.ReplicaSetCount,
		"replication_controllers":  vcenter.ReplicationControllerCount,
		"stateful_sets":            vcenter.StatefulSetCount,
		"config_maps":              vcenter.ConfigMapCount,
		"secrets":                  vcenter.SecretCount,
		"persistent_volume_claims": vcenter.PersistentVolumeClaimCount,
		"jobs":                     vcenter.JobCount,
	}
)

func (g limitGroup) attributeTypes() map[string]attr.Type {
	all := map[string]attr.Type{}
	for name := range g {
		all[name] = types.Int64Type
	}
	return all
}

// specAttributes are the attributes that vCenter is told of, but for those that
// it is only told at creation. A change of others needs no request.
func (m *model) specAttributes() []attr.Value {
	return []attr.Value{
		m.Description, m.CPULimitMHz, m.MemoryLimitMiB, m.StorageLimitMiB, m.ContainerDefaults, m.ObjectLimits,
		m.StoragePolicies, m.VMClasses, m.ContentLibraries, m.Zones, m.Permissions, m.ExclusivePermissions,
	}
}

// sameSpec reports whether an update from other to m has nothing to tell vCenter.
func (m *model) sameSpec(other *model) bool {
	return slices.EqualFunc(m.specAttributes(), other.specAttributes(), attr.Value.Equal)
}

// who names the object in messages.
func (m *model) who() string { return "vSphere Namespace " + m.Name.ValueString() }

// storageClasses computes the StorageClass of each policy: null for none.
func storageClasses(policies types.Map) types.Map {
	switch {
	case policies.IsUnknown():
		return types.MapUnknown(types.StringType)
	case policies.IsNull():
		return types.MapValueMust(types.StringType, map[string]attr.Value{})
	}
	classes := map[string]attr.Value{}
	for name := range maps.Keys(policies.Elements()) {
		classes[name] = types.StringValue(vcenter.StorageClassName(name))
	}
	return types.MapValueMust(types.StringType, classes)
}

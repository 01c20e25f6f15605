package cluster

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
)

// flatten writes spec into the model, as the reverse of expand. What m already
// has says which variables its author wrote as JSON rather than as attributes.
func (m *model) flatten(ctx context.Context, spec supervisor.ClusterSpec, diags *diag.Diagnostics) {
	before := m.parts(ctx, diags)
	names := jsonNames(m.Variables)
	variables := maps.Clone(spec.Variables)
	annotations := maps.Clone(spec.Annotations)
	_, pinned := annotations[pinAnnotation]
	delete(annotations, pinAnnotation)

	m.KubernetesVersion = text(spec.Version)
	m.ClusterClass, m.ClusterClassNamespace = text(spec.Class), text(spec.ClassNamespace)
	m.PinClusterClass = types.BoolValue(pinned)
	m.Labels, m.Annotations = textMap(spec.Labels), textMap(annotations)
	m.AvailabilityGates = flattenGates(ctx, spec.AvailabilityGates, diags)
	m.VMClass = takeText(variables, vmClassVariable, names)
	m.StorageClass = takeText(variables, storageClassVariable, names)
	m.Variables = jsonOf(variables, diags)
	m.Network = toObject(ctx, networkSchema().GetType(), networkModel{
		Pods: textList(spec.Pods), Services: textList(spec.Services),
		ServiceDomain: text(spec.ServiceDomain), APIServerPort: positive(spec.APIServerPort),
	}, diags)

	controlPlane := controlPlaneModel{Replicas: types.Int64PointerValue(spec.ControlPlane.Replicas)}
	if spec.ControlPlane.Replicas == nil {
		controlPlane.Replicas = types.Int64Value(1)
	}
	var machines machineModel
	if before.controlPlane != nil {
		machines = before.controlPlane.machineModel
	}
	controlPlane.flatten(ctx, spec.ControlPlane.MachineSpec, machines, diags)
	controlPlane.HealthCheck = flattenHealth(ctx, spec.ControlPlane.Health, diags)
	m.ControlPlane = toObject(ctx, controlPlaneSchema().GetType(), controlPlane, diags)

	pools := map[string]attr.Value{}
	for name, pool := range spec.Pools {
		flat := poolModel{}
		flat.flatten(ctx, pool, spec.Variables[nodeVariable], before.pools[name].machineModel, diags)
		pools[name] = toObject(ctx, poolType(), flat, diags)
	}
	m.NodePools = toMap(poolType(), pools, diags)
}

func (m *machineModel) flatten(ctx context.Context, spec supervisor.MachineSpec, before machineModel, diags *diag.Diagnostics) {
	variables, annotations, names := maps.Clone(spec.Variables), maps.Clone(spec.Annotations), jsonNames(before.Variables)
	m.VMClass = takeText(variables, vmClassVariable, names)
	m.StorageClass = takeText(variables, storageClassVariable, names)
	m.Volumes = types.MapNull(volumeType())
	if list, ok := variables[volumesVariable].([]any); ok && plainVolumes(list) && !names[volumesVariable] {
		m.Volumes = flattenVolumes(ctx, list, diags)
		delete(variables, volumesVariable)
	}
	m.OSImage = types.ObjectNull(typesOf(osImageType()))
	_, byHand := texts(before.Annotations)[osImageAnnotation]
	if terms, plain := parseSelector(annotations[osImageAnnotation]); plain && len(terms) > 0 && !byHand {
		m.OSImage = flattenSelector(ctx, terms, diags)
		delete(annotations, osImageAnnotation)
	}
	m.Labels, m.Annotations = textMap(spec.Labels), textMap(annotations)
	m.NodeDrainTimeout, m.VolumeDetachTimeout, m.NodeDeletionTimeout = tftypes.NewDurationNull(), tftypes.NewDurationNull(), tftypes.NewDurationNull()
	if spec.NodeDrain != nil {
		m.NodeDrainTimeout = tftypes.NewDuration(*spec.NodeDrain)
	}
	if spec.VolumeDetach != nil {
		m.VolumeDetachTimeout = tftypes.NewDuration(*spec.VolumeDetach)
	}
	if spec.NodeDeletion != nil {
		m.NodeDeletionTimeout = tftypes.NewDuration(*spec.NodeDeletion)
	}
	m.RolloutAfter = types.StringNull()
	if spec.RolloutAfter != nil {
		m.RolloutAfter = types.StringValue(spec.RolloutAfter.Format(time.RFC3339))
	}
	m.ReadinessGates, m.MachineTaints = flattenGates(ctx, spec.ReadinessGates, diags), flattenMachineTaints(ctx, spec.Taints, diags)
	m.Variables = jsonOf(variables, diags)
}

func (m *poolModel) flatten(ctx context.Context, spec supervisor.PoolSpec, clusterNode any, before machineModel, diags *diag.Diagnostics) {
	m.Class, m.Replicas, m.Zone = text(spec.Class), types.Int64PointerValue(spec.Replicas), text(spec.Zone)
	m.MinReadySeconds, m.DeletionOrder = types.Int64PointerValue(spec.MinReadySeconds), text(spec.DeletionOrder)

	machine := spec.MachineSpec
	machine.Annotations, machine.Variables = maps.Clone(machine.Annotations), maps.Clone(machine.Variables)
	m.Autoscaler = takeAutoscaler(ctx, machine.Annotations, diags)
	m.NodeLabels, m.Taints = types.MapNull(types.StringType), types.ListNull(taintType())
	if labels, taints, ok := splitNode(machine.Variables[nodeVariable], clusterNode); ok && !jsonNames(before.Variables)[nodeVariable] {
		m.NodeLabels, m.Taints = textMap(labels), flattenTaints(ctx, taints, diags)
		delete(machine.Variables, nodeVariable)
	}
	m.Rollout = types.ObjectNull(typesOf(rolloutType()))
	if spec.RolloutType != "" || spec.MaxSurge != "" || spec.MaxUnavailable != "" {
		m.Rollout = toObject(ctx, rolloutType(), rolloutModel{
			Type: text(spec.RolloutType), MaxSurge: text(spec.MaxSurge), MaxUnavailable: text(spec.MaxUnavailable),
		}, diags)
	}
	m.HealthCheck = flattenPoolHealth(ctx, spec.Health, diags)
	m.machineModel.flatten(ctx, machine, before, diags)
}

// jsonNames are the variables that are written as JSON.
func jsonNames(value jsontypes.Normalized) map[string]bool {
	names := map[string]bool{}
	object := map[string]json.RawMessage{}
	if json.Unmarshal([]byte(value.ValueString()), &object) == nil {
		for name := range object {
			names[name] = true
		}
	}
	return names
}

func takeText(variables map[string]any, name string, asJSON map[string]bool) types.String {
	value, ok := variables[name].(string)
	if !ok || asJSON[name] {
		return types.StringNull()
	}
	delete(variables, name)
	return types.StringValue(value)
}

func jsonOf(variables map[string]any, diags *diag.Diagnostics) jsontypes.Normalized {
	if len(variables) == 0 {
		return jsontypes.NewNormalizedNull()
	}
	encoded, err := json.Marshal(variables)
	if err != nil {
		diags.AddError("Unable to read VKS cluster", "Its variables are not JSON: "+err.Error())
	}
	return jsontypes.NewNormalizedValue(string(encoded))
}

func text(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

func positive(n int64) types.Int64 {
	if n == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(n)
}

func textMap(values map[string]string) types.Map {
	if len(values) == 0 {
		return types.MapNull(types.StringType)
	}
	elements := map[string]attr.Value{}
	for k, v := range values {
		elements[k] = types.StringValue(v)
	}
	return types.MapValueMust(types.StringType, elements)
}

func textList(values []string) types.List {
	elements := make([]attr.Value, 0, len(values))
	for _, v := range slices.Clone(values) {
		elements = append(elements, types.StringValue(v))
	}
	return types.ListValueMust(types.StringType, elements)
}

func toObject(ctx context.Context, t attr.Type, from any, diags *diag.Diagnostics) types.Object {
	value, problems := types.ObjectValueFrom(ctx, typesOf(t), from)
	diags.Append(problems...)
	return value
}

func toMap(t attr.Type, elements map[string]attr.Value, diags *diag.Diagnostics) types.Map {
	if len(elements) == 0 {
		return types.MapNull(t)
	}
	value, problems := types.MapValue(t, elements)
	diags.Append(problems...)
	return value
}

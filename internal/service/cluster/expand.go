package cluster

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

// Names that the platform gives to what attributes set.
const (
	vmClassVariable      = "vmClass"
	storageClassVariable = "storageClass"
	volumesVariable      = "volumes"
	nodeVariable         = "node"

	pinAnnotation     = "kubernetes.vmware.com/skip-auto-cc-rebase"
	osImageAnnotation = "run.tanzu.vmware.com/resolve-os-image"
	osName            = "os-name"
	osVersion         = "os-version"
	minNodes          = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size"
	maxNodes          = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size"
)

// expand gives what the model asks for. Null and unknown values are not asked for.
func (m *model) expand(ctx context.Context, diags *diag.Diagnostics) supervisor.ClusterSpec {
	p := m.parts(ctx, diags)
	spec := supervisor.ClusterSpec{
		Namespace: m.Namespace.ValueString(), Name: m.Name.ValueString(),
		Labels: texts(m.Labels), Annotations: texts(m.Annotations),
		Version: m.KubernetesVersion.ValueString(),
		Class:   m.ClusterClass.ValueString(), ClassNamespace: m.ClusterClassNamespace.ValueString(),
		Variables: expandVariables(m.Variables, path.Root("variables"), diags),
		Pools:     map[string]supervisor.PoolSpec{},

		AvailabilityGates: expandGates(ctx, m.AvailabilityGates, diags),
	}
	if m.PinClusterClass.ValueBool() {
		typedAnnotation(spec.Annotations, pinAnnotation, "", "pin_cluster_class", path.Empty(), diags)
	}
	typed := typedVariables{of: spec.Variables, at: path.Empty(), diags: diags}
	typed.text(vmClassVariable, "vm_class", m.VMClass)
	typed.text(storageClassVariable, "storage_class", m.StorageClass)
	if spec.CNI = m.expandCNI(ctx, diags); !m.CNI.IsNull() {
		typed.reserve(addonsVariable, "cni")
	}
	if n := p.network; n != nil {
		spec.Pods, spec.Services = list(n.Pods), list(n.Services)
		spec.ServiceDomain, spec.APIServerPort = n.ServiceDomain.ValueString(), n.APIServerPort.ValueInt64()
	}
	if c := p.controlPlane; c != nil {
		spec.ControlPlane = supervisor.ControlPlaneSpec{MachineSpec: c.expand(ctx, atControlPlane, diags), Replicas: number(c.Replicas)}
		if h := object[healthModel](ctx, c.HealthCheck, diags); h != nil {
			spec.ControlPlane.Health = h.expand(ctx, diags)
		}
	}
	for name, pool := range p.pools {
		spec.Pools[name] = pool.expand(ctx, atPools.AtMapKey(name), spec.Variables, diags)
	}
	return spec
}

func (m *machineModel) expand(ctx context.Context, at path.Path, diags *diag.Diagnostics) supervisor.MachineSpec {
	spec := supervisor.MachineSpec{
		Labels: texts(m.Labels), Annotations: texts(m.Annotations),
		Variables: expandVariables(m.Variables, at.AtName("variables"), diags),
		NodeDrain: duration(m.NodeDrainTimeout), VolumeDetach: duration(m.VolumeDetachTimeout), NodeDeletion: duration(m.NodeDeletionTimeout),
		RolloutAfter: timeOf(m.RolloutAfter), ReadinessGates: expandGates(ctx, m.ReadinessGates, diags), Taints: expandMachineTaints(ctx, m.MachineTaints, diags),
	}
	if image := object[osImageModel](ctx, m.OSImage, diags); image != nil {
		if selector := image.selector(); selector != "" {
			typedAnnotation(spec.Annotations, osImageAnnotation, selector, "os_image", at, diags)
		}
	}
	typed := typedVariables{of: spec.Variables, at: at, diags: diags}
	typed.text(vmClassVariable, "vm_class", m.VMClass)
	typed.text(storageClassVariable, "storage_class", m.StorageClass)
	if volumes := expandVolumes(objects[volumeModel](ctx, m.Volumes, diags)); len(volumes) > 0 {
		typed.set(volumesVariable, "volumes", volumes)
	}
	return spec
}

func (m *poolModel) expand(ctx context.Context, at path.Path, cluster map[string]any, diags *diag.Diagnostics) supervisor.PoolSpec {
	spec := supervisor.PoolSpec{
		MachineSpec: m.machineModel.expand(ctx, at, diags),
		Class:       m.Class.ValueString(), Replicas: number(m.Replicas), Zone: m.Zone.ValueString(),
		MinReadySeconds: number(m.MinReadySeconds), DeletionOrder: m.DeletionOrder.ValueString(),
	}
	if h := object[poolHealthModel](ctx, m.HealthCheck, diags); h != nil {
		spec.Health = h.expand(ctx, diags)
		spec.Health.MaxInFlight = h.MaxInFlight.ValueString()
	}
	if a := object[autoscalerModel](ctx, m.Autoscaler, diags); a != nil {
		typedAnnotation(spec.Annotations, minNodes, strconv.FormatInt(a.Min.ValueInt64(), 10), "autoscaler", at, diags)
		typedAnnotation(spec.Annotations, maxNodes, strconv.FormatInt(a.Max.ValueInt64(), 10), "autoscaler", at, diags)
	}
	if r := object[rolloutModel](ctx, m.Rollout, diags); r != nil {
		spec.RolloutType, spec.MaxSurge, spec.MaxUnavailable = r.Type.ValueString(), r.MaxSurge.ValueString(), r.MaxUnavailable.ValueString()
	}
	labels, taints := texts(m.NodeLabels), m.taints(ctx, diags)
	if len(labels) > 0 || len(taints) > 0 {
		typed := typedVariables{of: spec.Variables, at: at, diags: diags}
		typed.set(nodeVariable, "node_labels", nodeOverride(cluster[nodeVariable], labels, taints))
	}
	return spec
}

func (m *poolModel) taints(ctx context.Context, diags *diag.Diagnostics) []any {
	var taints []any
	for _, element := range m.Taints.Elements() {
		entry, ok := element.(types.Object)
		if !ok {
			continue
		}
		if t := object[taintModel](ctx, entry, diags); t != nil {
			taints = append(taints, map[string]any{"key": t.Key.ValueString(), "value": t.Value.ValueString(), "effect": t.Effect.ValueString()})
		}
	}
	return taints
}

// nodeOverride is the variable node of a pool. An override replaces the whole
// variable, so that what the cluster's says comes along.
func nodeOverride(cluster any, labels map[string]string, taints []any) map[string]any {
	base, _ := cluster.(map[string]any)
	node := maps.Clone(base)
	if node == nil {
		node = map[string]any{}
	}
	if len(labels) > 0 {
		all := map[string]any{}
		if inherited, ok := base["labels"].(map[string]any); ok {
			maps.Copy(all, inherited)
		}
		for k, v := range labels {
			all[k] = v
		}
		node["labels"] = all
	}
	if len(taints) > 0 {
		inherited, _ := base["taints"].([]any)
		node["taints"] = append(slices.Clone(inherited), taints...)
	}
	return node
}

func expandVolumes(volumes map[string]volumeModel) []any {
	out := make([]any, 0, len(volumes))
	for _, name := range slices.Sorted(maps.Keys(volumes)) {
		v := volumes[name]
		volume := map[string]any{"name": name, "mountPath": v.MountPath.ValueString(), "capacity": v.Capacity.ValueString()}
		if class := v.StorageClass.ValueString(); class != "" {
			volume["storageClass"] = class
		}
		out = append(out, volume)
	}
	return out
}

// selector is the label selector over OSImages.
func (m *osImageModel) selector() string {
	var terms []string
	if name := m.Name.ValueString(); name != "" {
		terms = append(terms, osName+"="+name)
	}
	if version := m.Version.ValueString(); version != "" {
		terms = append(terms, osVersion+"="+version)
	}
	more := texts(m.Selector)
	for _, key := range slices.Sorted(maps.Keys(more)) {
		terms = append(terms, key+"="+more[key])
	}
	return strings.Join(terms, ",")
}

// typedVariables adds the variables that attributes stand for.
type typedVariables struct {
	of    map[string]any
	at    path.Path
	diags *diag.Diagnostics
}

func (t typedVariables) text(variable, attribute string, value types.String) {
	if text := value.ValueString(); text != "" {
		t.set(variable, attribute, text)
	}
}

func (t typedVariables) set(variable, attribute string, value any) {
	if t.reserve(variable, attribute) {
		t.of[variable] = value
	}
}

// reserve reports whether the variable is free for the attribute.
func (t typedVariables) reserve(variable, attribute string) bool {
	_, twice := t.of[variable]
	if twice {
		t.diags.AddAttributeError(t.at.AtName("variables"), "Variable set twice",
			fmt.Sprintf("The attribute %s is the variable %q of the ClusterClass, and variables sets it too. Remove one of them.", attribute, variable))
	}
	return !twice
}

// typedAnnotation adds an annotation that an attribute stands for.
func typedAnnotation(annotations map[string]string, key, value, attribute string, at path.Path, diags *diag.Diagnostics) {
	if _, twice := annotations[key]; twice {
		diags.AddAttributeError(at.AtName("annotations"), "Annotation set twice",
			fmt.Sprintf("The attribute %s is the annotation %s, and annotations sets it too. Remove one of them.", attribute, key))
		return
	}
	annotations[key] = value
}

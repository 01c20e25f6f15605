package supervisor

import (
	"k8s.io/utils/ptr"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
)

// classSpec is what the generations have in common. VKS has one worker class,
// node-pool, for Linux and Windows alike.
const classSpec = `
spec:
  infrastructure:
    templateRef: {apiVersion: infrastructure.cluster.x-k8s.io/v1beta2, kind: DevClusterTemplate, name: builtin-generic}
  controlPlane:
    templateRef: {apiVersion: controlplane.cluster.x-k8s.io/v1beta2, kind: KubeadmControlPlaneTemplate, name: builtin-generic}
    machineInfrastructure:
      templateRef: {apiVersion: infrastructure.cluster.x-k8s.io/v1beta2, kind: DevMachineTemplate, name: builtin-generic-control-plane}
    healthCheck: &healthCheck
      checks:
        nodeStartupTimeoutSeconds: 14400
        unhealthyNodeConditions:
          - {type: Ready, status: Unknown, timeoutSeconds: 300}
          - {type: Ready, status: "False", timeoutSeconds: 720}
  workers:
    machineDeployments:
      - class: node-pool
        bootstrap:
          templateRef: {apiVersion: bootstrap.cluster.x-k8s.io/v1beta2, kind: KubeadmConfigTemplate, name: builtin-generic-node-pool}
        infrastructure:
          templateRef: {apiVersion: infrastructure.cluster.x-k8s.io/v1beta2, kind: DevMachineTemplate, name: builtin-generic-node-pool}
        healthCheck: *healthCheck
`

// machineAnnotation is where a machine's template records a variable. That
// makes a change of it a new template, and so a rolling replacement as on the
// platform, and lets the quota agent see what each machine was built with.
const machineAnnotation = "lab.vks/"

// record is a value that machine templates carry.
type record struct {
	variable, path string
	as             string // its name on the template; by default the variable's
	not            string // role-...: the machines that it is not for
}

const (
	notControlPlane = "role-control-plane"
	notNodePools    = "role-node-pool"
)

// recorded are the values whose change replaces machines. Certificate rotation,
// Pod Security and storage classes for volumes are not among them.
var recorded = []record{
	{variable: "vmClass", path: ".vmClass"},
	{variable: "storageClass", path: ".storageClass"},
	{variable: "volumes", path: ".volumes"},
	{variable: "node", path: ".node"},
	{variable: "osConfiguration", path: ".osConfiguration"},
	{variable: "resourceConfiguration", path: ".resourceConfiguration"},
	{variable: "kubeletConfiguration", path: ".kubernetes.kubeletConfiguration"},
}

// recordedLegacy are the same in the legacy classes, where a variable is either
// for all machines or, by its name, for one kind of them.
var recordedLegacy = []record{
	{variable: "vmClass", path: ".vmClass"},
	{variable: "storageClass", path: ".storageClass"},
	{variable: "nodePoolVolumes", path: ".nodePoolVolumes", as: "volumes", not: notControlPlane},
	{variable: "controlPlaneVolumes", path: ".controlPlaneVolumes", as: "volumes", not: notNodePools},
	{variable: "nodePoolLabels", path: ".nodePoolLabels", not: notControlPlane},
	{variable: "nodePoolTaints", path: ".nodePoolTaints", not: notControlPlane},
	{variable: "ntp", path: ".ntp"},
	{variable: "trust", path: ".trust"},
	{variable: "proxy", path: ".proxy"},
	{variable: "user", path: ".user"},
}

func (c clusterClass) recordPatches() []clusterv1.ClusterClassPatch {
	records := recorded
	if c.since == legacy {
		records = recordedLegacy
	}
	var out []clusterv1.ClusterClassPatch
	for _, r := range records {
		out = append(out, r.patch())
	}
	return out
}

// patch writes the value, where it is set, on the machine templates.
func (r record) patch() clusterv1.ClusterClassPatch {
	name := r.as
	if name == "" {
		name = r.variable
	}
	var match clusterv1.PatchSelectorMatch
	if r.not != notControlPlane {
		match.ControlPlane = ptr.To(true)
	}
	if r.not != notNodePools {
		match.MachineDeploymentClass = &clusterv1.PatchSelectorMatchMachineDeploymentClass{Names: []string{"node-pool"}}
	}
	return clusterv1.ClusterClassPatch{
		Name:      "record-" + r.variable,
		EnabledIf: "{{ if " + r.path + " }}true{{ end }}",
		Definitions: []clusterv1.PatchDefinition{{
			Selector: clusterv1.PatchSelector{
				APIVersion: kindDevMachine.GroupVersion().String(), Kind: "DevMachineTemplate", MatchResources: match,
			},
			JSONPatches: []clusterv1.JSONPatch{{
				Op:        "add",
				Path:      "/spec/template/metadata/annotations/lab.vks~1" + name,
				ValueFrom: &clusterv1.JSONPatchValue{Template: "{{ " + r.path + " | toJson | quote }}"},
			}},
		}},
	}
}

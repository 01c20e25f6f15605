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

// recorded are the values whose change replaces machines. Certificate rotation,
// Pod Security and storage classes for volumes are not among them.
var recorded = []struct{ name, path string }{
	{"vmClass", ".vmClass"},
	{"storageClass", ".storageClass"},
	{"volumes", ".volumes"},
	{"node", ".node"},
	{"osConfiguration", ".osConfiguration"},
	{"resourceConfiguration", ".resourceConfiguration"},
	{"kubeletConfiguration", ".kubernetes.kubeletConfiguration"},
}

func recordPatches() []clusterv1.ClusterClassPatch {
	var out []clusterv1.ClusterClassPatch
	for _, r := range recorded {
		out = append(out, recordPatch(r.name, r.path))
	}
	return out
}

// recordPatch writes a value, where it is set, on every machine template.
func recordPatch(name, path string) clusterv1.ClusterClassPatch {
	return clusterv1.ClusterClassPatch{
		Name:      "record-" + name,
		EnabledIf: "{{ if " + path + " }}true{{ end }}",
		Definitions: []clusterv1.PatchDefinition{{
			Selector: clusterv1.PatchSelector{
				APIVersion: kindDevMachine.GroupVersion().String(),
				Kind:       "DevMachineTemplate",
				MatchResources: clusterv1.PatchSelectorMatch{
					ControlPlane:           ptr.To(true),
					MachineDeploymentClass: &clusterv1.PatchSelectorMatchMachineDeploymentClass{Names: []string{"node-pool"}},
				},
			},
			JSONPatches: []clusterv1.JSONPatch{{
				Op:        "add",
				Path:      "/spec/template/metadata/annotations/lab.vks~1" + name,
				ValueFrom: &clusterv1.JSONPatchValue{Template: "{{ " + path + " | toJson | quote }}"},
			}},
		}},
	}
}

package cluster

import (
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/wait"
)

func TestLayerOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		condition, message string
		want               wait.Layer
	}{
		"quota":             {"WorkersAvailable", "Machine a: VirtualMachine is forbidden: exceeded quota: team-a", wait.LayerNamespace},
		"VM class":          {conditionReconciled, `virtual machine class is not bound to the namespace`, wait.LayerNamespace},
		"VM class object":   {"InfrastructureReady", "VirtualMachineClass guaranteed-small not found", wait.LayerNamespace},
		"storage class":     {conditionReconciled, "storage class is not assigned to the namespace", wait.LayerNamespace},
		"rights":            {conditionReconciled, `virtualmachines is forbidden: User "x" cannot create`, wait.LayerNamespace},
		"topology":          {conditionReconciled, "MachineDeployment a upgrading to version v1.34", wait.LayerSupervisor},
		"topology admitted": {conditionReconciled, `admission webhook "x" denied the request: variable is not defined`, wait.LayerSupervisor},
		"load balancer":     {"InfrastructureReady", "VirtualMachineService LB does not yet have VIP assigned", wait.LayerSupervisor},
		"control plane":     {"ControlPlaneAvailable", "etcd is not ready", wait.LayerSupervisor},
		"no way in":         {"RemoteConnectionProbe", "Remote connection probe failed", wait.LayerSupervisor},
		"placement":         {"WorkersAvailable", "no host has enough resources", wait.LayerSupervisor},
		"nothing said":      {conditionAvailable, "", wait.LayerSupervisor},
		"add-ons":           {conditionAddons, "antrea: reconcile failed", wait.LayerCluster},
		"checks":            {conditionChecks, "PodDisruptionBudget a/b allows no disruption", wait.LayerCluster},
		"webhooks":          {conditionChecks, "validating webhook gatekeeper is misconfigured", wait.LayerCluster},
		"draining":          {"WorkerMachinesUpToDate", "Drain not completed yet: cannot evict pod as it would violate the pod's disruption budget", wait.LayerCluster},
		"no pod network":    {"WorkerMachinesReady", "container runtime network not ready: cni plugin not initialized", wait.LayerCluster},
	} {
		if got := layerOf(c.condition, c.message); got != c.want {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

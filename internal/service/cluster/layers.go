package cluster

import (
	"fmt"
	"strings"

	"github.com/vksops/terraform-provider-vks/internal/kube"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// messageOf gives what a condition says, or at least its status.
func messageOf(c kube.Condition) string {
	message := strings.Join(strings.Fields(c.Message), " ")
	switch {
	case message != "" && c.Reason != "":
		return c.Reason + ": " + message
	case message != "":
		return message
	case c.Reason != "":
		return c.Status + ", " + c.Reason
	}
	return "is " + c.Status
}

// The words of a message say more about whose a symptom is than the condition
// that repeats them: those of all layers end up in the conditions of the Cluster.
var (
	namespaceWords = []string{
		"quota", "virtualmachineclass", "vm class", "vmclass", "virtual machine class",
		"storage policy", "storageclass", "storage class", "is forbidden: user",
	}
	clusterWords = []string{
		"disruption budget", "poddisruptionbudget", "cannot evict", "drain", "network plugin", "networkplugin", "cni plugin",
	}
	// ofCluster are conditions about what is inside of a workload cluster.
	ofCluster = map[string]bool{conditionAddons: true, conditionChecks: true}
)

// layerOf says whose a symptom is. What is left is the Supervisor's: it places
// and boots machines, gives them a load balancer, and runs the controllers.
func layerOf(name, message string) wait.Layer {
	lower := strings.ToLower(message)
	switch {
	case containsAny(lower, namespaceWords):
		return wait.LayerNamespace
	case ofCluster[name], containsAny(lower, clusterWords):
		return wait.LayerCluster
	}
	return wait.LayerSupervisor
}

func containsAny(text string, words []string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// progress is one line: "3/5 machines up to date, 4 ready, v1.33.6 → v1.34.2".
func progress(c *supervisor.Cluster, g goal) string {
	var parts []string
	controlPlane, ok := c.ControlPlane()
	workers, ok2 := c.Workers()
	if ok || ok2 {
		parts = append(parts, fmt.Sprintf("%d/%d machines up to date, %d ready",
			controlPlane.UpToDate+workers.UpToDate, controlPlane.Desired+workers.Desired, controlPlane.Ready+workers.Ready))
	} else if c.Phase() != "" {
		parts = append(parts, c.Phase())
	}
	if g.from != "" && g.from != c.Version() {
		parts = append(parts, g.from+" → "+c.Version())
	}
	return strings.Join(parts, ", ")
}

package supervisor

import (
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// spec reads what a Cluster asks for: the reverse of object.
func (d dialect) spec(object map[string]any) ClusterSpec {
	o := node(object)
	topology, network := o.at("spec", "topology"), o.at("spec", "clusterNetwork")
	s := ClusterSpec{
		Namespace:     o.at("metadata").text("namespace"),
		Name:          o.at("metadata").text("name"),
		Labels:        o.at("metadata").texts("labels"),
		Annotations:   o.at("metadata").texts("annotations"),
		Version:       topology.text("version"),
		Pods:          network.at("pods").list("cidrBlocks"),
		Services:      network.at("services").list("cidrBlocks"),
		ServiceDomain: network.text("serviceDomain"),
		Variables:     topology.named("variables"),
		Pools:         map[string]PoolSpec{},

		AvailabilityGates: o.at("spec").gates("availabilityGates"),
	}
	if port := network.number("apiServerPort"); port != nil {
		s.APIServerPort = *port
	}
	if d == v1beta1 {
		s.Class, s.ClassNamespace = topology.text("class"), topology.text("classNamespace")
	} else {
		s.Class, s.ClassNamespace = topology.at("classRef").text("name"), topology.at("classRef").text("namespace")
	}
	controlPlane := topology.at("controlPlane")
	s.ControlPlane = ControlPlaneSpec{MachineSpec: d.readMachine(controlPlane), Replicas: controlPlane.number("replicas")}
	pools, _ := topology.at("workers")["machineDeployments"].([]any)
	for _, entry := range pools {
		if pool, ok := entry.(map[string]any); ok {
			s.Pools[node(pool).text("name")] = d.readPool(pool)
		}
	}
	return s
}

func (d dialect) readPool(n node) PoolSpec {
	s := PoolSpec{
		MachineSpec: d.readMachine(n), Class: n.text("class"), Replicas: n.number("replicas"),
		Zone: n.text("failureDomain"), MinReadySeconds: n.number("minReadySeconds"),
	}
	strategy := n.at("rollout", "strategy")
	s.DeletionOrder = n.at("deletion").text("order")
	if d == v1beta1 {
		strategy = n.at("strategy")
		s.DeletionOrder = strategy.at("rollingUpdate").text("deletePolicy")
		s.Health.MaxInFlight = strategy.at("remediation").intOrPercent("maxInFlight")
	}
	s.RolloutType = strategy.text("type")
	s.MaxSurge = strategy.at("rollingUpdate").intOrPercent("maxSurge")
	s.MaxUnavailable = strategy.at("rollingUpdate").intOrPercent("maxUnavailable")
	return s
}

func (d dialect) readMachine(n node) MachineSpec {
	s := MachineSpec{
		Labels:      n.at("metadata").texts("labels"),
		Annotations: n.at("metadata").texts("annotations"),
		Variables:   n.at("variables").named("overrides"),

		Health:         d.readHealth(n.at(d.healthKey())),
		RolloutAfter:   n.at("rollout").time("after"),
		ReadinessGates: n.gates("readinessGates"),
		Taints:         n.taints("taints"),
	}
	if d == v1beta1 {
		s.NodeDrain, s.VolumeDetach, s.NodeDeletion = n.duration("nodeDrainTimeout"), n.duration("nodeVolumeDetachTimeout"), n.duration("nodeDeletionTimeout")
		return s
	}
	deletion := n.at("deletion")
	s.NodeDrain = deletion.seconds("nodeDrainTimeoutSeconds")
	s.VolumeDetach = deletion.seconds("nodeVolumeDetachTimeoutSeconds")
	s.NodeDeletion = deletion.seconds("nodeDeletionTimeoutSeconds")
	return s
}

// node is a JSON object being read; what is missing or of another type reads
// as zero.
type node map[string]any

func (n node) at(keys ...string) node {
	for _, key := range keys {
		n, _ = asMap(n[key])
	}
	return n
}

func asMap(v any) (node, bool) {
	m, ok := v.(map[string]any)
	return m, ok
}

func (n node) text(key string) string {
	s, _ := n[key].(string)
	return s
}

func (n node) number(key string) *int64 {
	switch v := n[key].(type) {
	case int64:
		return &v
	case float64:
		i := int64(v)
		return &i
	}
	return nil
}

func (n node) texts(key string) map[string]string {
	values, _, _ := unstructured.NestedStringMap(n, key)
	return values
}

func (n node) list(key string) []string {
	values, _, _ := unstructured.NestedStringSlice(n, key)
	return values
}

// named reads a list of name and value as a map.
func (n node) named(key string) map[string]any {
	list, _ := n[key].([]any)
	values := make(map[string]any, len(list))
	for _, entry := range list {
		if item, ok := asMap(entry); ok && item.text("name") != "" {
			values[item.text("name")] = item["value"]
		}
	}
	return values
}

func (n node) intOrPercent(key string) string {
	if number := n.number(key); number != nil {
		return strconv.FormatInt(*number, 10)
	}
	return n.text(key)
}

func (n node) seconds(key string) *time.Duration {
	number := n.number(key)
	if number == nil {
		return nil
	}
	d := time.Duration(*number) * time.Second
	return &d
}

func (n node) duration(key string) *time.Duration {
	d, err := time.ParseDuration(n.text(key))
	if err != nil {
		return nil
	}
	return &d
}

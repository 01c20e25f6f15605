package supervisor

import "time"

// ClusterSpec is what somebody asks of a VKS cluster, the same for every
// version of the Cluster API. Zero values are not asked for.
type ClusterSpec struct {
	Namespace, Name     string
	Labels, Annotations map[string]string

	Version, Class, ClassNamespace string

	Pods, Services []string
	ServiceDomain  string
	APIServerPort  int64

	ControlPlane ControlPlaneSpec
	Pools        map[string]PoolSpec
	// Variables of the ClusterClass by name, as JSON values.
	Variables map[string]any
	// AvailabilityGates are more conditions of the cluster that it needs to be available.
	AvailabilityGates []Gate
	// CNI is beside the Cluster, in objects of its own; nil = not asked for.
	CNI *CNI
}

// MachineSpec is what control planes and pools have in common.
type MachineSpec struct {
	Labels, Annotations map[string]string
	// Variables override those of the cluster, each as a whole.
	Variables                             map[string]any
	NodeDrain, VolumeDetach, NodeDeletion *time.Duration

	Health HealthCheck
	// RolloutAfter, once it is over, replaces machines that are older.
	RolloutAfter *time.Time
	// ReadinessGates are more conditions of a machine that it needs to be ready.
	ReadinessGates []Gate
	Taints         []Taint
}

// Gate is a condition that others report.
type Gate struct {
	ConditionType string
	// Polarity is Positive or Negative; Positive where it is empty.
	Polarity string
}

// Taint is one that Cluster API itself keeps on nodes, whatever the variables of
// the ClusterClass say.
type Taint struct {
	Key, Value, Effect string
	// Propagation is Always or OnInitialization.
	Propagation string
}

// HealthCheck says which machines are unhealthy and when they are replaced.
// Where anything but Enabled is set, all of it replaces that of the ClusterClass.
type HealthCheck struct {
	Enabled                           *bool
	NodeStartup                       *time.Duration
	NodeConditions, MachineConditions []UnhealthyCondition
	// MaxUnhealthy is a number or a percentage, UnhealthyRange is like "[1-3]".
	MaxUnhealthy, UnhealthyRange string
	// MaxInFlight is a number or a percentage. Control planes have none.
	MaxInFlight string
	Template    TemplateRef
}

// UnhealthyCondition is a condition, its status and how long it may have it.
type UnhealthyCondition struct {
	Type, Status string
	Timeout      time.Duration
}

// TemplateRef names a template in the cluster's namespace.
type TemplateRef struct{ APIVersion, Kind, Name string }

// ControlPlaneSpec is the control plane of a cluster.
type ControlPlaneSpec struct {
	MachineSpec
	Replicas *int64
}

// PoolSpec is one pool of worker nodes.
type PoolSpec struct {
	MachineSpec
	Class string
	// Replicas is nil where an autoscaler decides.
	Replicas        *int64
	Zone            string
	MinReadySeconds *int64
	// DeletionOrder is Random, Newest or Oldest.
	DeletionOrder string
	// RolloutType is RollingUpdate or OnDelete.
	RolloutType string
	// MaxSurge and MaxUnavailable are numbers or percentages: "1", "25%".
	MaxSurge, MaxUnavailable string
}

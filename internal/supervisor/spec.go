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
	// CNI is beside the Cluster, in objects of its own; nil = not asked for.
	CNI *CNI
}

// MachineSpec is what control planes and pools have in common.
type MachineSpec struct {
	Labels, Annotations map[string]string
	// Variables override those of the cluster, each as a whole.
	Variables                             map[string]any
	NodeDrain, VolumeDetach, NodeDeletion *time.Duration
}

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

// Package ids parses and prints the ids that users see, in state and in
// imports. It is pure: it imports the standard library only.
package ids

import (
	"fmt"
	"strings"
)

// Attached stands in an id for the provider's own workload cluster.
const Attached = "-"

// Cluster is the id of a workload cluster: NAMESPACE/NAME. The zero value is
// the cluster that the provider's workload block names.
type Cluster struct{ Namespace, Name string }

// IsAttached reports whether the provider's own workload cluster is meant.
func (c Cluster) IsAttached() bool { return c.Namespace == "" && c.Name == "" }

// String is the id; "-" for the provider's workload cluster.
func (c Cluster) String() string {
	if c.IsAttached() {
		return Attached
	}
	return c.Namespace + "/" + c.Name
}

// ParseCluster reads NAMESPACE/NAME; "" and "-" mean the provider's workload cluster.
func ParseCluster(id string) (Cluster, error) {
	if id == "" || id == Attached {
		return Cluster{}, nil
	}
	parts := strings.Split(id, "/")
	if len(parts) != 2 || parts[0] == "" || parts[1] == "" {
		return Cluster{}, fmt.Errorf("%q is not a cluster id: expected NAMESPACE/NAME, such as team-a/prod", id)
	}
	return Cluster{Namespace: parts[0], Name: parts[1]}, nil
}

// Install is the id of a Velero installation: CLUSTER_ID/VELERO_NAMESPACE.
type Install struct {
	Cluster   Cluster
	Namespace string
}

// String is the id.
func (i Install) String() string { return i.Cluster.String() + "/" + i.Namespace }

// ParseInstall reads CLUSTER_ID/VELERO_NAMESPACE: team-a/prod/velero or -/velero.
func ParseInstall(id string) (Install, error) {
	cluster, rest, err := cutCluster(id)
	if err != nil || len(rest) != 1 || rest[0] == "" {
		return Install{}, fmt.Errorf("%q is not an id of a Velero installation: expected CLUSTER_ID/VELERO_NAMESPACE, such as team-a/prod/velero, or -/velero for the provider's workload cluster", id)
	}
	return Install{Cluster: cluster, Namespace: rest[0]}, nil
}

// Protection is the id of an object of Velero: CLUSTER_ID/VELERO_NAMESPACE/NAME.
type Protection struct {
	Cluster   Cluster
	Namespace string
	Name      string
}

// String is the id.
func (p Protection) String() string {
	return p.Cluster.String() + "/" + p.Namespace + "/" + p.Name
}

// ParseProtection reads CLUSTER_ID/VELERO_NAMESPACE/NAME: team-a/prod/velero/nightly or -/velero/nightly.
func ParseProtection(id string) (Protection, error) {
	cluster, rest, err := cutCluster(id)
	if err != nil || len(rest) != 2 || rest[0] == "" || rest[1] == "" {
		return Protection{}, fmt.Errorf("%q is not an id of a Velero object: expected CLUSTER_ID/VELERO_NAMESPACE/NAME, such as team-a/prod/velero/nightly, or -/velero/nightly for the provider's workload cluster", id)
	}
	return Protection{Cluster: cluster, Namespace: rest[0], Name: rest[1]}, nil
}

// cutCluster takes the cluster id off the front: one part when it is "-", else two.
func cutCluster(id string) (Cluster, []string, error) {
	parts := strings.Split(id, "/")
	if parts[0] == Attached {
		return Cluster{}, parts[1:], nil
	}
	if len(parts) < 2 {
		return Cluster{}, nil, fmt.Errorf("%q has no cluster id", id)
	}
	cluster, err := ParseCluster(parts[0] + "/" + parts[1])
	return cluster, parts[2:], err
}

package supervisor

import (
	"maps"
	"slices"
	"strconv"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/vksops/terraform-provider-vks/internal/kube"
)

const (
	clusterKind = "Cluster"
	// releaseLabel names the KubernetesRelease that a cluster is on. Since TKG;
	// VKS has kept it.
	releaseLabel = "run.tanzu.vmware.com/tkr"
)

// Cluster is a VKS cluster as the Supervisor has it, in either version of the
// Cluster API. See https://cluster-api.sigs.k8s.io/reference/api/reference.
type Cluster struct {
	dialect dialect
	object  *unstructured.Unstructured
}

// Spec is what the cluster asks for, the platform's additions included.
func (c *Cluster) Spec() ClusterSpec { return c.dialect.spec(c.object.Object) }

// Owned is the part of Spec that this provider applied; ok is false for a
// cluster that it never touched.
func (c *Cluster) Owned() (spec ClusterSpec, ok bool) {
	owned := ownedFields(c.object)
	if owned == nil {
		return ClusterSpec{}, false
	}
	part, _ := project(c.object.Object, owned).(map[string]any)
	spec = c.dialect.spec(part)
	spec.Namespace, spec.Name = c.object.GetNamespace(), c.object.GetName()
	return spec, true
}

// Namespace is the vSphere Namespace of the cluster.
func (c *Cluster) Namespace() string { return c.object.GetNamespace() }

// Name is the name of the cluster.
func (c *Cluster) Name() string { return c.object.GetName() }

// UID tells incarnations of a name apart.
func (c *Cluster) UID() types.UID { return c.object.GetUID() }

// Generation counts the changes of the spec.
func (c *Cluster) Generation() int64 { return c.object.GetGeneration() }

// Deleting reports whether the cluster is on its way out.
func (c *Cluster) Deleting() bool { return c.object.GetDeletionTimestamp() != nil }

// Finalizers are what holds a deletion back.
func (c *Cluster) Finalizers() []string { return c.object.GetFinalizers() }

// Phase is Pending, Provisioning, Provisioned (which is not yet usable), Deleting, Failed or Unknown.
func (c *Cluster) Phase() string { return c.status().text("phase") }

// Version is the Kubernetes version in the topology, in full.
func (c *Cluster) Version() string {
	return node(c.object.Object).at("spec", "topology").text("version")
}

// Release is the name of the KubernetesRelease that the cluster is on.
func (c *Cluster) Release() string { return c.object.GetLabels()[releaseLabel] }

// Class is the ClusterClass as it is after admission.
func (c *Cluster) Class() (name, namespace string) {
	s := c.Spec()
	return s.Class, s.ClassNamespace
}

// Paused reports whether controllers leave the cluster alone.
func (c *Cluster) Paused() bool {
	paused, _ := node(c.object.Object).at("spec")["paused"].(bool)
	return paused
}

// Endpoint is host:port of the cluster's API server; "" while there is none.
func (c *Cluster) Endpoint() string {
	endpoint := node(c.object.Object).at("spec", "controlPlaneEndpoint")
	host, port := endpoint.text("host"), endpoint.number("port")
	if host == "" || port == nil {
		return ""
	}
	return hostPort(host, strconv.FormatInt(*port, 10))
}

// EndpointHost is the host of Endpoint.
func (c *Cluster) EndpointHost() string {
	return node(c.object.Object).at("spec", "controlPlaneEndpoint").text("host")
}

// Conditions are status.conditions. Where the Supervisor only serves v1beta1,
// they are those of v1beta2 as far as the status has them. modern is false when
// there are only v1beta1's: other types, and no observedGeneration.
func (c *Cluster) Conditions() (conditions []kube.Condition, modern bool) {
	if c.dialect == v1beta2 {
		return kube.Conditions(c.object), true
	}
	if inner := c.status().at("v1beta2"); len(inner) > 0 {
		return kube.Conditions(&unstructured.Unstructured{Object: map[string]any{"status": map[string]any(inner)}}), true
	}
	return kube.Conditions(c.object), false
}

// ObservedGeneration is the generation that the status speaks of.
func (c *Cluster) ObservedGeneration() int64 {
	if n := c.status().number("observedGeneration"); n != nil {
		return *n
	}
	return 0
}

// Failure is the terminal failure that v1beta1 (and v1beta2, as deprecated) reports.
func (c *Cluster) Failure() string {
	status := c.status()
	if c.dialect == v1beta2 {
		status = status.at("deprecated", "v1beta1")
	}
	if message := status.text("failureMessage"); message != "" {
		return message
	}
	return status.text("failureReason")
}

// Replicas counts machines.
type Replicas struct{ Desired, Current, UpToDate, Ready, Available int64 }

// ControlPlane counts the machines of the control plane. ok is false where the
// API version does not tell.
func (c *Cluster) ControlPlane() (r Replicas, ok bool) { return c.replicas("controlPlane") }

// Workers counts the machines of all pools.
func (c *Cluster) Workers() (r Replicas, ok bool) { return c.replicas("workers") }

func (c *Cluster) replicas(part string) (Replicas, bool) {
	status := c.status()
	if c.dialect == v1beta1 {
		status = status.at("v1beta2")
	}
	counts := status.at(part)
	number := func(key string) int64 {
		if n := counts.number(key); n != nil {
			return *n
		}
		return 0
	}
	return Replicas{
		Desired: number("desiredReplicas"), Current: number("replicas"), UpToDate: number("upToDateReplicas"),
		Ready: number("readyReplicas"), Available: number("availableReplicas"),
	}, len(counts) > 0
}

// FailureDomains are the names of the zones that machines can be placed in.
func (c *Cluster) FailureDomains() []string {
	names := []string{}
	switch domains := c.status()["failureDomains"].(type) {
	case []any: // v1beta2
		for _, item := range domains {
			if domain, ok := asMap(item); ok {
				names = append(names, domain.text("name"))
			}
		}
	case map[string]any: // v1beta1
		names = slices.AppendSeq(names, maps.Keys(domains))
	}
	slices.Sort(names)
	return names
}

func (c *Cluster) status() node { return node(c.object.Object).at("status") }

// ClusterOf reads a Cluster object of either version of the Cluster API.
func ClusterOf(object *unstructured.Unstructured) *Cluster {
	d := v1beta2
	if object.GetAPIVersion() == string(v1beta1) {
		d = v1beta1
	}
	return &Cluster{dialect: d, object: object}
}

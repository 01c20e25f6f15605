package supervisor

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
)

// Machine is a machine of a cluster.
type Machine struct {
	Name, Version, Phase string
	// Pool is empty for machines of the control plane.
	Pool string
	// Message says why it is still there when it is being deleted.
	Message string
}

// Machines lists the machines of a cluster, by name.
func (c *Client) Machines(ctx context.Context, namespace, cluster string) ([]Machine, error) {
	items, err := c.children(ctx, namespace, cluster, kindMachines, "Machine")
	if err != nil {
		return nil, err
	}
	machines := make([]Machine, 0, len(items))
	for i := range items {
		o := node(items[i].Object)
		deleting := kube.FindCondition(kube.Conditions(&items[i]), "Deleting")
		m := Machine{Name: items[i].GetName(), Pool: items[i].GetLabels()[labelPool], Version: o.at("spec").text("version"), Phase: o.at("status").text("phase")}
		if deleting.True() {
			m.Message = strings.Join(strings.Fields(deleting.Message), " ")
		}
		machines = append(machines, m)
	}
	slices.SortFunc(machines, func(a, b Machine) int { return cmp.Compare(a.Name, b.Name) })
	return machines, nil
}

// Pool is a node pool as it is: a MachineDeployment.
type Pool struct {
	Name string
	// Version is that of the machines that it makes from now on.
	Version string
	// Settled is when its machines are as many and as new as it asks for. Old ones
	// do not count where they only go when somebody deletes them.
	Settled bool
}

// Pools lists the node pools of a cluster, by name.
func (c *Client) Pools(ctx context.Context, namespace, cluster string) ([]Pool, error) {
	items, err := c.children(ctx, namespace, cluster, "machinedeployments", "MachineDeployment")
	if err != nil {
		return nil, err
	}
	pools := make([]Pool, 0, len(items))
	for i := range items {
		pools = append(pools, Pool{
			Name:    cmp.Or(items[i].GetLabels()[labelPool], items[i].GetName()),
			Version: node(items[i].Object).at("spec", "template", "spec").text("version"),
			Settled: poolSettled(&items[i]),
		})
	}
	slices.SortFunc(pools, func(a, b Pool) int { return cmp.Compare(a.Name, b.Name) })
	return pools, nil
}

// poolSettled reads the counts of a MachineDeployment.
func poolSettled(object *unstructured.Unstructured) bool {
	o := node(object.Object)
	spec, status := o.at("spec"), o.at("status")
	number := func(n node, key string) int64 {
		if v := n.number(key); v != nil {
			return *v
		}
		return 0
	}
	updated, strategy := "upToDateReplicas", spec.at("rollout", "strategy")
	if object.GetAPIVersion() == string(v1beta1) {
		updated, strategy = "updatedReplicas", spec.at("strategy")
	}
	want := number(spec, "replicas")
	return object.GetDeletionTimestamp() == nil && number(status, "observedGeneration") >= object.GetGeneration() &&
		number(status, "replicas") == want && number(status, "readyReplicas") == want &&
		(number(status, updated) == want || strategy.text("type") == "OnDelete")
}

// children lists objects of Cluster API that belong to a cluster.
func (c *Client) children(ctx context.Context, namespace, cluster, resource, kind string) ([]unstructured.Unstructured, error) {
	d, _, err := c.clusters(ctx)
	if err != nil {
		return nil, err
	}
	gv, err := schema.ParseGroupVersion(string(d))
	if err != nil {
		return nil, err
	}
	list, err := c.kube.List(ctx, kube.Ref{GVR: gv.WithResource(resource), Kind: kind, Namespace: namespace}, labelCluster+"="+cluster)
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

// Selectors of a VirtualMachineService, which Cluster API Provider vSphere gives
// to the one in front of a control plane.
const (
	selectRole       = "capv.vmware.com/cluster.role"
	roleControlPlane = "controlplane"
)

// ControlPlaneAddresses are those that the load balancer in front of a cluster's
// control plane has got. There are none while it is being made, and where the
// Supervisor has no load balancer.
func (c *Client) ControlPlaneAddresses(ctx context.Context, namespace, cluster string) ([]string, error) {
	ref, err := c.machineServices(ctx)
	if err != nil {
		return nil, err
	}
	list, err := c.kube.List(ctx, ref.In(namespace, ""), "")
	if err != nil {
		return nil, err
	}
	var addresses []string
	for i := range list.Items {
		o := node(list.Items[i].Object)
		selector := o.at("spec", "selector")
		if selector.text(labelVMCluster) != cluster || selector.text(selectRole) != roleControlPlane {
			continue
		}
		ingress, _ := o.at("status", "loadBalancer")["ingress"].([]any)
		for _, item := range ingress {
			if entry, ok := asMap(item); ok && entry.text("ip") != "" {
				addresses = append(addresses, entry.text("ip"))
			}
		}
	}
	return addresses, nil
}

// machineServices chooses the newest version of VM Operator's API that is served.
func (c *Client) machineServices(ctx context.Context) (kube.Ref, error) {
	for _, version := range []string{"v1alpha5", "v1alpha4", "v1alpha3", "v1alpha2", "v1alpha1"} {
		gv := schema.GroupVersion{Group: "vmoperator.vmware.com", Version: version}
		served, err := c.kube.Serves(ctx, gv.String(), "virtualmachineservices")
		if err != nil && !errors.Is(err, fault.RouteAbsent) {
			return kube.Ref{}, err
		}
		if served {
			return kube.Ref{GVR: gv.WithResource("virtualmachineservices"), Kind: "VirtualMachineService"}, nil
		}
	}
	return kube.Ref{}, c.fail(fault.RouteAbsent, "list VirtualMachineServices", "the Supervisor does not serve them")
}

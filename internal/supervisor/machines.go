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
		m := Machine{Name: items[i].GetName(), Version: o.at("spec").text("version"), Phase: o.at("status").text("phase")}
		if deleting.True() {
			m.Message = strings.Join(strings.Fields(deleting.Message), " ")
		}
		machines = append(machines, m)
	}
	slices.SortFunc(machines, func(a, b Machine) int { return cmp.Compare(a.Name, b.Name) })
	return machines, nil
}

// UnsettledPools names the node pools whose machines are not yet what the
// cluster asks for. Clusters of v1beta2 tell that themselves.
func (c *Client) UnsettledPools(ctx context.Context, namespace, cluster string) ([]string, error) {
	items, err := c.children(ctx, namespace, cluster, "machinedeployments", "MachineDeployment")
	if err != nil {
		return nil, err
	}
	var names []string
	for i := range items {
		if !poolSettled(&items[i]) {
			names = append(names, cmp.Or(items[i].GetLabels()[labelPool], items[i].GetName()))
		}
	}
	slices.Sort(names)
	return names, nil
}

// poolSettled reads the counts of a MachineDeployment of v1beta1.
func poolSettled(object *unstructured.Unstructured) bool {
	o := node(object.Object)
	status := o.at("status")
	number := func(n node, key string) int64 {
		if v := n.number(key); v != nil {
			return *v
		}
		return 0
	}
	want := number(o.at("spec"), "replicas")
	return object.GetDeletionTimestamp() == nil && number(status, "observedGeneration") >= object.GetGeneration() &&
		number(status, "replicas") == want && number(status, "updatedReplicas") == want && number(status, "readyReplicas") == want
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

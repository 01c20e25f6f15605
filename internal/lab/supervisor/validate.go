package supervisor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"reflect"

	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// prefix is a CIDR of the Supervisor's own.
type prefix = netip.Prefix

func parsePrefixes(cidrs []string) ([]prefix, error) {
	var out []prefix
	for _, c := range cidrs {
		p, err := netip.ParsePrefix(c)
		if err != nil {
			return nil, fmt.Errorf("reserved range: %w", err)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// validateCluster refuses what VKS refuses beside Cluster API's own checks.
func (s *Supervisor) validateCluster(ctx context.Context, req admission.Request) admission.Response {
	r, err := decode(req)
	if err != nil {
		return admission.Errored(http.StatusBadRequest, err)
	}
	if r == nil {
		return admission.Allowed("")
	}
	check := s.validateCreate
	if r.old != nil {
		check = s.validateUpdate
	}
	denied, err := check(ctx, r)
	switch {
	case err != nil:
		return admission.Errored(http.StatusInternalServerError, err)
	case denied != "":
		return admission.Denied(denied)
	}
	return admission.Allowed("")
}

func (s *Supervisor) validateCreate(ctx context.Context, r *review) (denied string, err error) {
	network := r.cluster.Spec.ClusterNetwork
	if len(network.Services.CIDRBlocks) == 0 && r.RequestKind != nil && r.RequestKind.Version == "v1beta1" {
		return "spec.ClusterNetwork.Services must be defined", nil // v1beta2 lets it pass
	}
	for _, cidr := range network.Pods.CIDRBlocks {
		// Ranges with host bits are in the product's own examples: no error.
		p, err := netip.ParsePrefix(cidr)
		if err != nil {
			continue // Cluster API says it better
		}
		for _, own := range s.reserved {
			if own.Overlaps(p.Masked()) {
				return fmt.Sprintf("spec.clusterNetwork.pods.cidrBlocks: %s overlaps with the Supervisor's range %s", cidr, own), nil
			}
		}
	}
	return s.validateBindings(ctx, r)
}

func (s *Supervisor) validateUpdate(ctx context.Context, r *review) (denied string, err error) {
	if !reflect.DeepEqual(r.old.Spec.ClusterNetwork, r.cluster.Spec.ClusterNetwork) {
		return "spec.clusterNetwork is immutable and cannot be updated", nil
	}
	if r.old.Spec.Topology.Version != r.cluster.Spec.Topology.Version {
		for _, kind := range []string{conditionSystemChecks, conditionAddons} {
			// Only a check that failed stops an upgrade. Young clusters have none.
			if c := findCondition(r.old, kind); c != nil && c.Status != "True" {
				return fmt.Sprintf("update cannot be initiated for cluster %s/%s: %s condition is not True: %s",
					r.cluster.Namespace, r.cluster.Name, kind, c.Message), nil
			}
		}
	}
	if reflect.DeepEqual(r.old.Spec.Topology, r.cluster.Spec.Topology) {
		return "", nil // a class that was taken away stops nothing but changes
	}
	return s.validateBindings(ctx, r)
}

// validateBindings refuses VM classes and storage classes that the vSphere
// Namespace has not been given.
func (s *Supervisor) validateBindings(ctx context.Context, r *review) (denied string, err error) {
	classes := listOf(kindVMClass)
	if err := s.kube.List(ctx, classes, client.InNamespace(r.Namespace)); err != nil {
		return "", err
	}
	vmClasses := map[string]bool{}
	for _, item := range classes.Items {
		vmClasses[item.GetName()] = true
	}
	quotas := listOf(kindPolicyQuota)
	if err := s.kube.List(ctx, quotas, client.InNamespace(r.Namespace)); err != nil {
		return "", err
	}
	storageClasses := map[string]bool{}
	for _, item := range quotas.Items {
		storageClasses[storageClassOf(item.GetName())] = true
	}
	for where, v := range namedVariables(r.cluster) {
		for _, used := range v {
			switch {
			case used.kind == "vmClass" && !vmClasses[used.name]:
				return fmt.Sprintf("%s: Invalid value: %q: virtual machine class is not bound to the namespace %s", where, used.name, r.Namespace), nil
			case used.kind == "storageClass" && !storageClasses[used.name]:
				return fmt.Sprintf("%s: Invalid value: %q: storage class is not assigned to the namespace %s", where, used.name, r.Namespace), nil
			}
		}
	}
	return "", nil
}

// usedClass is a VM class or storage class that a variable names.
type usedClass struct{ kind, name string }

// namedVariables collects the classes that a Cluster names, by place.
func namedVariables(c *clusterv1.Cluster) map[string][]usedClass {
	out := map[string][]usedClass{}
	collect := func(where string, variables []clusterv1.ClusterVariable) {
		for _, v := range variables {
			place := where + "[" + v.Name + "]"
			switch v.Name {
			case "vmClass", "storageClass":
				var name string
				if json.Unmarshal(v.Value.Raw, &name) == nil && name != "" {
					out[place] = append(out[place], usedClass{v.Name, name})
				}
			case "volumes", "nodePoolVolumes", "controlPlaneVolumes":
				var volumes []volume
				_ = json.Unmarshal(v.Value.Raw, &volumes)
				for _, vol := range volumes {
					if vol.StorageClass != "" {
						out[place] = append(out[place], usedClass{"storageClass", vol.StorageClass})
					}
				}
			}
		}
	}
	topology := c.Spec.Topology
	collect("spec.topology.variables", topology.Variables)
	collect("spec.topology.controlPlane.variables.overrides", topology.ControlPlane.Variables.Overrides)
	for _, md := range topology.Workers.MachineDeployments {
		collect("spec.topology.workers.machineDeployments["+md.Name+"].variables.overrides", md.Variables.Overrides)
	}
	return out
}

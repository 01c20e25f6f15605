package supervisor

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
)

// AnnotationLoadBalancerIP on a Cluster is a test's lever for a bug of the
// platform: a cluster whose name was used before keeps the address of the old
// one, while its load balancer has got another, and is never available.
const AnnotationLoadBalancerIP = "lab.vks/load-balancer-ip"

// reconcileService makes the load balancer of a control plane, as the vSphere
// infrastructure provider does: named like the cluster, owned by the
// infrastructure cluster, and found by its name only.
func (s *Supervisor) reconcileService(ctx context.Context, c *clusterv1.Cluster) error {
	infrastructure := s.cached(resourceDevClusters, c.Namespace, c.Spec.InfrastructureRef.Name)
	if !c.Spec.InfrastructureRef.IsDefined() || infrastructure == nil {
		return nil
	}
	service := s.cached(resourceVMServices, c.Namespace, c.Name)
	if service == nil {
		service = object(kindVMService, c.Namespace, c.Name, map[string]any{"spec": map[string]any{
			"type":  "LoadBalancer",
			"ports": []any{map[string]any{"name": "apiserver", "protocol": "TCP", "port": 6443, "targetPort": 6443}},
			"selector": map[string]any{
				"capv.vmware.com/cluster.name": c.Name, "capv.vmware.com/cluster.role": "controlplane",
			},
		}})
		service.SetOwnerReferences([]metav1.OwnerReference{{
			APIVersion: kindDevCluster.GroupVersion().String(), Kind: kindDevCluster.Kind,
			Name: infrastructure.GetName(), UID: infrastructure.GetUID(),
		}})
		if err := s.apply(ctx, service); err != nil {
			return err
		}
	}
	ip := c.Spec.ControlPlaneEndpoint.Host
	if other := c.Annotations[AnnotationLoadBalancerIP]; other != "" {
		ip = other
	}
	if ip == "" || ip == serviceIP(service) {
		return nil
	}
	return s.applyStatus(ctx, object(kindVMService, c.Namespace, c.Name, map[string]any{"status": map[string]any{
		"loadBalancer": map[string]any{"ingress": []any{map[string]any{"ip": ip}}},
	}}), fieldManager)
}

func serviceIP(service *unstructured.Unstructured) string {
	ingress, _, _ := unstructured.NestedSlice(service.Object, "status", "loadBalancer", "ingress")
	if len(ingress) == 0 {
		return ""
	}
	first, _ := ingress[0].(map[string]any)
	ip, _ := first["ip"].(string)
	return ip
}

// isServiceOf says whether an object is the load balancer of a Cluster whose
// infrastructure may be gone already.
func isServiceOf(c *clusterv1.Cluster, u *unstructured.Unstructured) bool {
	owners := u.GetOwnerReferences()
	return u.GetKind() == kindVMService.Kind && u.GetName() == c.Name && len(owners) == 1 && owners[0].Kind == kindDevCluster.Kind
}

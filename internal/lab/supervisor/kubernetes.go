package supervisor

import (
	"context"
	"encoding/json"
	"fmt"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// fieldManager owns what the lab writes in the name of vCenter and VKS.
const fieldManager = "vmware-system-vks"

// Kinds of the Supervisor that have no Go types here.
var (
	kindRelease      = schema.GroupVersionKind{Group: "kubernetes.vmware.com", Version: "v1alpha1", Kind: "KubernetesRelease"}
	kindOSImage      = schema.GroupVersionKind{Group: "kubernetes.vmware.com", Version: "v1alpha1", Kind: "OSImage"}
	kindVMClass      = schema.GroupVersionKind{Group: "vmoperator.vmware.com", Version: "v1alpha5", Kind: "VirtualMachineClass"}
	kindVMService    = schema.GroupVersionKind{Group: "vmoperator.vmware.com", Version: "v1alpha5", Kind: "VirtualMachineService"}
	kindBootstrap    = schema.GroupVersionKind{Group: "run.tanzu.vmware.com", Version: "v1alpha3", Kind: "ClusterBootstrap"}
	kindAntreaConfig = schema.GroupVersionKind{Group: "cni.tanzu.vmware.com", Version: "v1alpha1", Kind: "AntreaConfig"}
	kindCalicoConfig = schema.GroupVersionKind{Group: "cni.tanzu.vmware.com", Version: "v1alpha1", Kind: "CalicoConfig"}
	kindAddonConfig  = schema.GroupVersionKind{Group: "addons.kubernetes.vmware.com", Version: "v1alpha1", Kind: "AddonConfig"}
	kindStorageQuota = schema.GroupVersionKind{Group: "cns.vmware.com", Version: "v1alpha2", Kind: "StorageQuota"}
	kindPolicyQuota  = schema.GroupVersionKind{Group: "cns.vmware.com", Version: "v1alpha2", Kind: "StoragePolicyQuota"}
	kindPolicyUsage  = schema.GroupVersionKind{Group: "cns.vmware.com", Version: "v1alpha2", Kind: "StoragePolicyUsage"}
	kindZone         = schema.GroupVersionKind{Group: "topology.tanzu.vmware.com", Version: "v1alpha1", Kind: "Zone"}
	kindAvailability = schema.GroupVersionKind{Group: "topology.tanzu.vmware.com", Version: "v1alpha1", Kind: "AvailabilityZone"}
	kindControlPlane = schema.GroupVersionKind{Group: "controlplane.cluster.x-k8s.io", Version: "v1beta2", Kind: "KubeadmControlPlane"}
	kindDevCluster   = schema.GroupVersionKind{Group: "infrastructure.cluster.x-k8s.io", Version: "v1beta2", Kind: "DevCluster"}
	kindDevMachine   = schema.GroupVersionKind{Group: "infrastructure.cluster.x-k8s.io", Version: "v1beta2", Kind: "DevMachine"}
	kindCluster      = clusterv1.GroupVersion.WithKind("Cluster")
	kindClusterClass = clusterv1.GroupVersion.WithKind("ClusterClass")
)

func newClient(config *rest.Config) (client.Client, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		clientgoscheme.AddToScheme, apiextensionsv1.AddToScheme, clusterv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	return client.New(config, client.Options{Scheme: scheme})
}

// object builds an unstructured object. The body may hold anything that JSON
// can say; a name of Go types in it is no matter.
func object(gvk schema.GroupVersionKind, namespace, name string, body map[string]any) *unstructured.Unstructured {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("%s %s: %v", gvk.Kind, name, err)) // only values of this package come here
	}
	u := &unstructured.Unstructured{Object: map[string]any{}}
	if len(body) > 0 {
		if err := json.Unmarshal(raw, &u.Object); err != nil {
			panic(fmt.Sprintf("%s %s: %v", gvk.Kind, name, err))
		}
	}
	u.SetGroupVersionKind(gvk)
	u.SetNamespace(namespace)
	u.SetName(name)
	return u
}

// parseObject reads one YAML document.
func parseObject(doc []byte) (*unstructured.Unstructured, error) {
	u := &unstructured.Unstructured{}
	return u, yaml.Unmarshal(doc, &u.Object)
}

// apply makes the object as it is given, by server-side apply.
func (s *Supervisor) apply(ctx context.Context, u *unstructured.Unstructured) error {
	return s.applyAs(ctx, u, fieldManager)
}

func (s *Supervisor) applyAs(ctx context.Context, u *unstructured.Unstructured, manager string) error {
	err := s.kube.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), client.FieldOwner(manager), client.ForceOwnership)
	if err != nil {
		return fmt.Errorf("apply %s %s: %w", u.GetKind(), client.ObjectKeyFromObject(u), err)
	}
	return nil
}

// applyStatus makes the status as it is given. Lists of conditions are maps for
// the server, so that those of others stay.
func (s *Supervisor) applyStatus(ctx context.Context, u *unstructured.Unstructured, manager string) error {
	err := s.kube.Status().Apply(ctx, client.ApplyConfigurationFromUnstructured(u), client.FieldOwner(manager), client.ForceOwnership)
	if err != nil {
		return fmt.Errorf("apply status of %s %s: %w", u.GetKind(), client.ObjectKeyFromObject(u), err)
	}
	return nil
}

func listOf(gvk schema.GroupVersionKind) *unstructured.UnstructuredList {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(gvk.GroupVersion().WithKind(gvk.Kind + "List"))
	return list
}

// condition is one entry of a conditions list.
func condition(kind, status, reason, message string, since metav1.Time) map[string]any {
	return map[string]any{
		"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": since,
	}
}

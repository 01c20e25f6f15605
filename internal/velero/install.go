package velero

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"github.com/vmware-tanzu/velero/pkg/install"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// What is installed unless the configuration says otherwise. The objects come
// from this release of Velero's own installer, so the image should match it.
const (
	DefaultImage  = "velero/velero:v1.18.3"
	DefaultPlugin = "velero/velero-plugin-for-aws:v1.14.3"
)

// InstallSpec is what can be chosen about an installation.
type InstallSpec struct {
	Namespace                string
	Image                    string
	Plugins                  []string
	NodeAgent                bool
	Features                 []string
	DefaultSnapshotMoveData  bool
	DefaultVolumesToFSBackup bool
	Uploader                 string
	Resources                corev1.ResourceRequirements
	NodeAgentResources       corev1.ResourceRequirements
	ImagePullSecrets         []string
	PodLabels                map[string]string
	PodAnnotations           map[string]string
}

// Install makes the cluster run Velero as spec says: CRDs first, then, when
// they are established, the rest. It does not wait for the server.
func (c *Client) Install(ctx context.Context, spec InstallSpec) error {
	keepOwner, err := c.foreignNamespace(ctx, spec.Namespace)
	if err != nil {
		return err
	}
	crds, rest := objects(spec)
	for _, crd := range crds {
		if err := c.applyObject(ctx, crd, true); err != nil {
			return err
		}
	}
	if err := c.established(ctx, crds); err != nil {
		return err
	}
	for _, obj := range rest {
		if err := c.applyObject(ctx, obj, obj.GetKind() != "Namespace" || !keepOwner); err != nil {
			return err
		}
	}
	if !spec.NodeAgent {
		return c.remove(ctx, daemonSetRef.In(spec.Namespace, nodeAgentName))
	}
	return nil
}

// foreignNamespace reports whether the namespace is there and not ours. Such a
// one gets the Pod Security labels that the node agent needs, and stays when
// Velero is removed.
func (c *Client) foreignNamespace(ctx context.Context, name string) (bool, error) {
	namespace, err := get[corev1.Namespace](ctx, c, namespaceRef.In("", name))
	if err != nil {
		return false, fault.Gone(err)
	}
	return !Owned(namespace.Labels), nil
}

// objects asks Velero's own installer for everything that is needed, and adds
// what it has no option for.
func objects(spec InstallSpec) (crds, rest []*unstructured.Unstructured) {
	all := allResources(&install.VeleroOptions{
		Namespace:                spec.Namespace,
		Image:                    spec.Image,
		Plugins:                  spec.Plugins,
		Features:                 spec.Features,
		UseNodeAgent:             spec.NodeAgent,
		DefaultSnapshotMoveData:  spec.DefaultSnapshotMoveData,
		DefaultVolumesToFsBackup: spec.DefaultVolumesToFSBackup,
		UploaderType:             spec.Uploader,
		VeleroPodResources:       spec.Resources,
		NodeAgentPodResources:    spec.NodeAgentResources,
		PodLabels:                spec.PodLabels,
		PodAnnotations:           spec.PodAnnotations,
		KubeletRootDir:           install.DefaultKubeletRootDir,
		NoDefaultBackupLocation:  true,
	})
	for i := range all.Items {
		obj := all.Items[i].DeepCopy() // the CRDs are shared by all callers
		switch obj.GetKind() {
		case "CustomResourceDefinition":
			crds = append(crds, obj)
			continue
		case "Deployment", "DaemonSet":
			addPullSecrets(obj, spec.ImagePullSecrets)
		}
		rest = append(rest, obj)
	}
	return crds, rest
}

// installer guards Velero's: it writes labels into CRDs that all callers share.
var installer sync.Mutex

func allResources(o *install.VeleroOptions) *unstructured.UnstructuredList {
	installer.Lock()
	defer installer.Unlock()
	return install.AllResources(o)
}

// crdRefs names the CustomResourceDefinitions of Velero.
func crdRefs() []kube.Ref {
	installer.Lock()
	defer installer.Unlock()
	all := install.AllCRDs().Items
	refs := make([]kube.Ref, 0, len(all))
	for i := range all {
		refs = append(refs, crdRef.In("", all[i].GetName()))
	}
	return refs
}

func addPullSecrets(obj *unstructured.Unstructured, names []string) {
	if len(names) == 0 {
		return
	}
	refs := make([]any, 0, len(names))
	for _, name := range names {
		refs = append(refs, map[string]any{"name": name})
	}
	_ = unstructured.SetNestedSlice(obj.Object, refs, "spec", "template", "spec", "imagePullSecrets") // fails on odd types only, and these are ours
}

func (c *Client) applyObject(ctx context.Context, obj *unstructured.Unstructured, own bool) error {
	if own {
		labels := obj.GetLabels()
		if labels == nil {
			labels = map[string]string{}
		}
		labels[managedByLabel] = managedBy
		obj.SetLabels(labels)
	}
	unstructured.RemoveNestedField(obj.Object, "metadata", "creationTimestamp")
	unstructured.RemoveNestedField(obj.Object, "spec", "template", "metadata", "creationTimestamp")
	ref := refOf(obj)
	applied, err := c.kube.Apply(ctx, ref, obj, applyForce)
	if err != nil {
		return err
	}
	return c.dropForeignPlugins(ctx, ref, obj, applied)
}

// dropForeignPlugins takes out init containers that somebody else has added to
// the server: an apply alone would leave them.
func (c *Client) dropForeignPlugins(ctx context.Context, ref kube.Ref, wanted, applied *unstructured.Unstructured) error {
	if ref.Kind != deploymentRef.Kind {
		return nil
	}
	at := []string{"spec", "template", "spec", "initContainers"}
	want, _, _ := unstructured.NestedSlice(wanted.Object, at...)
	live, _, _ := unstructured.NestedSlice(applied.Object, at...)
	if len(live) <= len(want) {
		return nil
	}
	patch := &unstructured.Unstructured{Object: map[string]any{}}
	if err := unstructured.SetNestedSlice(patch.Object, want, at...); err != nil {
		return fmt.Errorf("encode patch of %s: %w", ref, err)
	}
	raw, err := patch.MarshalJSON()
	if err != nil {
		return fmt.Errorf("encode patch of %s: %w", ref, err)
	}
	_, err = c.kube.MergePatch(ctx, ref, raw)
	return err
}

// refOf names an object of the installer; the plural of each of its kinds is regular.
func refOf(obj *unstructured.Unstructured) kube.Ref {
	gvk := obj.GroupVersionKind()
	return kube.Ref{
		GVR:       gvk.GroupVersion().WithResource(strings.ToLower(gvk.Kind) + "s"),
		Kind:      gvk.Kind,
		Namespace: obj.GetNamespace(),
		Name:      obj.GetName(),
	}
}

// established waits until the server serves all of the CRDs.
func (c *Client) established(ctx context.Context, crds []*unstructured.Unstructured) error {
	return wait.For(ctx, wait.Options{What: "Velero's CustomResourceDefinitions to be established", Min: 200 * time.Millisecond}, func(ctx context.Context) (wait.Status, error) {
		var pending []wait.Pending
		for _, crd := range crds {
			live, err := c.kube.Get(ctx, crdRef.In("", crd.GetName()))
			if err != nil {
				return wait.Status{}, err
			}
			if condition := kube.FindCondition(kube.Conditions(live), "Established"); !condition.True() {
				pending = append(pending, wait.Pending{What: crd.GetName(), Message: condition.Message, Layer: wait.LayerCluster})
			}
		}
		if len(pending) > 0 {
			return wait.Status{Pending: pending}, nil
		}
		served, err := c.Served(ctx)
		if err != nil {
			return wait.Status{}, err
		}
		return wait.Status{Done: served, Pending: []wait.Pending{{What: velerov1.SchemeGroupVersion.String(), Message: "not served yet"}}}, nil
	})
}

// passing reports whether an error may be gone at the next look.
func passing(err error) bool {
	return errors.Is(err, fault.Transient) || errors.Is(err, fault.Unreachable)
}

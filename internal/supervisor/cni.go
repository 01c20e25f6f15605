package supervisor

import (
	"context"
	"errors"
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
)

// CNICilium is the network plugin that is only there as an add-on: nothing before
// add-ons has settings of it.
const CNICilium = "cilium"

// CNI is the network plugin of a cluster.
type CNI struct {
	// Name is antrea, calico or cilium.
	Name string
	// Config is what the plugin is configured with, as the platform has it: the
	// spec of an AntreaConfig or CalicoConfig, or the values of an AddonConfig.
	// nil = none.
	Config map[string]any
}

// CNIOf names the objects of a cluster's network plugin.
type CNIOf struct {
	Namespace, Cluster, Name string
	// Addons says that add-ons have the settings, as they do from Kubernetes 1.35
	// on; before, an AntreaConfig or CalicoConfig has them.
	Addons bool
}

const (
	// defaultsAnnotation has the platform complete a ClusterBootstrap with what
	// the release of that name brings, and find the package that refName means.
	// https://github.com/vmware-tanzu/tanzu-framework/blob/main/addons/webhooks/clusterbootstrap_webhook.go
	defaultsAnnotation = "tkg.tanzu.vmware.com/add-missing-fields-from-tkr"
	// ownedAnnotation has the platform delete an AddonConfig with its cluster.
	ownedAnnotation = "clusteraddon.addons.kubernetes.vmware.com/owned-for-deletion"
)

var (
	cniVersion   = schema.GroupVersion{Group: "cni.tanzu.vmware.com", Version: "v1alpha1"}
	addonConfigs = kube.Ref{
		GVR:  schema.GroupVersionResource{Group: "addons.kubernetes.vmware.com", Version: "v1alpha1", Resource: "addonconfigs"},
		Kind: "AddonConfig",
	}
	clusterBootstraps = kube.Ref{
		GVR:  schema.GroupVersionResource{Group: "run.tanzu.vmware.com", Version: "v1alpha3", Resource: "clusterbootstraps"},
		Kind: "ClusterBootstrap",
	}
)

// ref is the object with the settings. Its name is a contract: the platform
// finds it by nothing else.
func (o CNIOf) ref() kube.Ref {
	if o.Addons {
		return addonConfigs.In(o.Namespace, o.Cluster+"-"+o.Name)
	}
	kind := strings.ToUpper(o.Name[:1]) + o.Name[1:] + "Config"
	ref := kube.Ref{GVR: cniVersion.WithResource(o.Name + "configs"), Kind: kind}
	return ref.In(o.Namespace, o.Cluster+"-"+o.Name+"-package")
}

// String is the object's kind and name, for messages.
func (o CNIOf) String() string { return o.ref().String() }

// settings is where an object has them.
func (o CNIOf) settings() []string {
	if o.Addons {
		return []string{"spec", "values"}
	}
	return []string{"spec"}
}

// object has the settings and nothing else. spec.clusterName and
// addonConfigDefinitionRef of an AddonConfig are the platform's: it derives them
// from the name. Without settings there is no spec: an empty one in place of one
// that was applied before becomes null on the server.
func (o CNIOf) object(config map[string]any) *unstructured.Unstructured {
	ref := o.ref()
	metadata := map[string]any{"name": ref.Name, "namespace": ref.Namespace}
	object := map[string]any{"apiVersion": ref.GVR.GroupVersion().String(), "kind": ref.Kind, "metadata": metadata}
	if o.Addons {
		metadata["annotations"] = map[string]any{ownedAnnotation: "true"}
	}
	switch {
	case len(config) == 0:
	case o.Addons:
		object["spec"] = map[string]any{"values": config}
	default:
		object["spec"] = config
	}
	return &unstructured.Unstructured{Object: object}
}

// ApplyCNI makes the settings of a cluster's network plugin what config says,
// and takes away what prior said and config does not, whoever applied it. With no
// config at all (nil), no object is made for it.
//
// What goes is taken away by an update: where a server-side apply leaves nothing
// of its own in a spec, API servers make it null, although others have fields in it.
func (c *Client) ApplyCNI(ctx context.Context, of CNIOf, prior, config map[string]any) error {
	ref := of.ref()
	if len(prior) > 0 {
		if err := c.pruneCNI(ctx, of, prior, config); err != nil {
			return missingKind(ref, err)
		}
	}
	if config == nil {
		return nil
	}
	_, err := c.kube.Apply(ctx, ref, of.object(config), kube.ApplyOptions{Force: true})
	return missingKind(ref, err)
}

func (c *Client) pruneCNI(ctx context.Context, of CNIOf, prior, config map[string]any) error {
	for try := 0; ; try++ {
		live, err := c.kube.Get(ctx, of.ref())
		if err != nil {
			return fault.Gone(err)
		}
		if !(pruner{}).prune(node(live.Object).at(of.settings()...), prior, config) {
			return nil
		}
		if _, err = c.kube.Update(ctx, of.ref(), live); fault.KindOf(err) != fault.Conflict || try == pruneTries {
			return err
		}
	}
}

// CNIConfig reads the settings of a cluster's network plugin: all of them, and
// those that this provider applied (nil when it never did).
func (c *Client) CNIConfig(ctx context.Context, of CNIOf) (config, owned map[string]any, err error) {
	live, err := c.kube.Get(ctx, of.ref())
	if err != nil {
		return nil, nil, err
	}
	config = node(live.Object).at(of.settings()...)
	if fields := ownedFields(live); fields != nil {
		part, _ := project(live.Object, fields).(map[string]any)
		owned = node(part).at(of.settings()...)
	}
	return config, owned, nil
}

// BootstrapCNI chooses a network plugin other than the default one for a cluster
// before Kubernetes 1.35. It has to be there before the Cluster. The settings
// have to be there before it: the platform refuses a reference to nothing.
func (c *Client) BootstrapCNI(ctx context.Context, of CNIOf, release string) error {
	settings, ref := of.ref(), clusterBootstraps.In(of.Namespace, of.Cluster)
	_, err := c.kube.Apply(ctx, ref, &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": ref.GVR.GroupVersion().String(), "kind": ref.Kind,
		"metadata": map[string]any{
			"name": ref.Name, "namespace": ref.Namespace, "annotations": map[string]any{defaultsAnnotation: release},
		},
		"spec": map[string]any{"cni": map[string]any{
			"refName": c.cniPackage(ctx, release, of.Name),
			"valuesFrom": map[string]any{"providerRef": map[string]any{
				"apiGroup": settings.GVR.Group, "kind": settings.Kind, "name": settings.Name,
			}},
		}},
	}}, kube.ApplyOptions{Force: true})
	return missingKind(ref, err)
}

// cniPackage is the package of a release for a network plugin. Where the release
// does not tell, the platform looks for it by the pattern.
func (c *Client) cniPackage(ctx context.Context, release, name string) string {
	object, err := c.kube.Get(ctx, releaseKind("kubernetesreleases", "KubernetesRelease").In("", release))
	if err == nil {
		packages, _ := node(object.Object).at("spec")["bootstrapPackages"].([]any)
		for _, entry := range packages {
			if p, ok := asMap(entry); ok && strings.HasPrefix(p.text("name"), name+".") {
				return p.text("name")
			}
		}
	}
	return name + "*"
}

// missingKind says what it means that a Supervisor lacks the kind.
func missingKind(ref kube.Ref, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.RouteAbsent {
		return err
	}
	explained := *f
	explained.Kind = fault.Unsupported
	explained.Message = "the Supervisor does not have the kind " + ref.Kind + " (" + ref.GVR.GroupVersion().String() + ")"
	explained.Advice = "This VKS cannot configure the network plugin of a cluster of this version. Remove cni, or ask the owner of the Supervisor for another version of the VKS service."
	return &explained
}

// WithVariable gives the spec with one more variable, and leaves s alone.
func (s ClusterSpec) WithVariable(name string, value any) ClusterSpec {
	variables := maps.Clone(s.Variables)
	if variables == nil {
		variables = map[string]any{}
	}
	variables[name] = value
	s.Variables = variables
	return s
}

package supervisor

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// What users and VKS write on Clusters.
const (
	labelRelease        = "run.tanzu.vmware.com/tkr"
	annotationOSImage   = "run.tanzu.vmware.com/resolve-os-image"
	annotationKeepClass = "kubernetes.vmware.com/skip-auto-cc-rebase"
)

// resolveVersion turns what the user calls a version into the Kubernetes
// version of the release that it means, and labels the Cluster with that.
func (s *Supervisor) resolveVersion(_ context.Context, req admission.Request) admission.Response {
	r, err := decode(req)
	if err != nil {
		return admission.Errored(http.StatusBadRequest, err)
	}
	if r == nil {
		return admission.Allowed("")
	}
	current := r.cluster.Labels[labelRelease]
	if r.old != nil {
		current = r.old.Labels[labelRelease]
		if r.old.Spec.Topology.Version == r.cluster.Spec.Topology.Version && current != "" {
			// A release that was withdrawn must not make its clusters immutable.
			return r.labelled(current)
		}
	}
	asked := r.cluster.Spec.Topology.Version
	rel, ok := s.resolveRelease(asked, current, r.selectors())
	if !ok {
		return admission.Denied(unresolved(asked, r.selectors()))
	}
	for _, sel := range r.selectors() {
		n, err := rel.resolveImages(sel.selector)
		switch {
		case err != nil:
			return admission.Denied(fmt.Sprintf("invalid %s annotation of %s: %v", annotationOSImage, sel.of, err))
		case n == 0:
			return admission.Denied(unresolved(asked, []imageSelector{sel}))
		case n > 1:
			return admission.Denied(fmt.Sprintf("Multiple OSImages resolved for %s: %d images of %s match %q", sel.of, n, rel.Name, sel.selector))
		}
	}
	if err := unstructured.SetNestedField(r.object, rel.Kubernetes, "spec", "topology", "version"); err != nil {
		return admission.Errored(http.StatusBadRequest, err)
	}
	return r.labelled(rel.Name)
}

func (r *review) labelled(release string) admission.Response {
	if err := unstructured.SetNestedField(r.object, release, "metadata", "labels", labelRelease); err != nil {
		return admission.Errored(http.StatusBadRequest, err)
	}
	return r.patched()
}

// imageSelector is the OS image that one part of a Cluster asks for.
type imageSelector struct{ of, selector string }

func (r *review) selectors() []imageSelector {
	topology := r.cluster.Spec.Topology
	out := []imageSelector{{"Control Plane", topology.ControlPlane.Metadata.Annotations[annotationOSImage]}}
	for _, md := range topology.Workers.MachineDeployments {
		out = append(out, imageSelector{"MachineDeployment " + md.Name, md.Metadata.Annotations[annotationOSImage]})
	}
	return out
}

func unresolved(asked string, selectors []imageSelector) string {
	var parts []string
	for _, sel := range selectors {
		if sel.selector == "" {
			sel.selector = "os-name=photon"
		}
		parts = append(parts, fmt.Sprintf("%s: {k8sVersionPrefix: %s, osImageSelector: %s}", sel.of, asked, sel.selector))
	}
	return "Could not resolve KR/OSImage for " + strings.Join(parts, ", ")
}

// mutateCluster does what VKS does to every Cluster before Cluster API sees it:
// the newest class that fits, its namespace, certificate rotation, a finalizer,
// and a pause until the add-ons' objects are made.
func (s *Supervisor) mutateCluster(ctx context.Context, req admission.Request) admission.Response {
	r, err := decode(req)
	if err != nil {
		return admission.Errored(http.StatusBadRequest, err)
	}
	if r == nil {
		return admission.Allowed("")
	}
	var warnings []string
	if r.old == nil || r.versionOrClassChanged() {
		warnings = s.rebase(r)
	}
	rotates, err := s.knows(ctx, r.class(), "kubernetes")
	if err != nil {
		return admission.Errored(http.StatusInternalServerError, err)
	}
	if rotates {
		if err := r.addCertificateRotation(); err != nil {
			return admission.Errored(http.StatusBadRequest, err)
		}
	}
	if r.old == nil && !r.dryRun() {
		if err := r.addFinalizer(); err != nil {
			return admission.Errored(http.StatusBadRequest, err)
		}
		key := client.ObjectKeyFromObject(r.cluster)
		if key.Namespace == "" {
			key.Namespace = r.Namespace
		}
		if err := s.noteConfigs(ctx, key); err != nil {
			return admission.Errored(http.StatusInternalServerError, err)
		}
		byOwner, _, _ := unstructured.NestedBool(r.object, "spec", "paused")
		s.paused.set(key, !byOwner)
		if err := unstructured.SetNestedField(r.object, true, "spec", "paused"); err != nil {
			return admission.Errored(http.StatusBadRequest, err)
		}
	}
	return r.patched(warnings...)
}

// versionOrClassChanged is when an update moves a Cluster to another class.
// Whether the platform does it on any update is not known.
func (r *review) versionOrClassChanged() bool {
	was, is := r.old.Spec.Topology, r.cluster.Spec.Topology
	return was.Version != is.Version || was.ClassRef != is.ClassRef
}

// rebase moves a Cluster of a built-in class to the newest one for its version,
// even where the class that was asked for would do.
func (s *Supervisor) rebase(r *review) []string {
	asked := r.cluster.Spec.Topology.ClassRef.Name
	if !strings.HasPrefix(asked, "builtin-generic-") && asked != legacyClass {
		return nil // a class of the user's own
	}
	_ = unstructured.SetNestedField(r.object, PublicNamespace, "spec", "topology", "classRef", "namespace")
	if _, keep := r.cluster.Annotations[annotationKeepClass]; keep {
		return nil
	}
	newest, ok := s.newestClass(r.cluster.Spec.Topology.Version)
	if !ok || newest.name == asked {
		return nil
	}
	_ = unstructured.SetNestedField(r.object, newest.name, "spec", "topology", "classRef", "name")
	return []string{fmt.Sprintf("ClusterClass %s updated to the newest compatible ClusterClass %s", asked, newest.name)}
}

// class is the one that the Cluster has by now.
func (r *review) class() client.ObjectKey {
	name, _, _ := unstructured.NestedString(r.object, "spec", "topology", "classRef", "name")
	namespace, _, _ := unstructured.NestedString(r.object, "spec", "topology", "classRef", "namespace")
	if namespace == "" {
		namespace = r.Namespace
	}
	return client.ObjectKey{Namespace: namespace, Name: name}
}

// addCertificateRotation adds what is missing of it to the kubernetes variable,
// or the variable itself.
func (r *review) addCertificateRotation() error {
	variables, _, err := unstructured.NestedSlice(r.object, "spec", "topology", "variables")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(variables, func(v any) bool {
		m, _ := v.(map[string]any)
		return m["name"] == "kubernetes"
	})
	if i < 0 {
		variables = append(variables, map[string]any{"name": "kubernetes", "value": map[string]any{}})
		i = len(variables) - 1
	}
	entry, _ := variables[i].(map[string]any)
	value, ok := entry["value"].(map[string]any)
	if !ok {
		return nil // not an object: the class will say so
	}
	rotation, ok := value["certificateRotation"].(map[string]any)
	if !ok {
		rotation = map[string]any{}
		value["certificateRotation"] = rotation
	}
	for name, missing := range map[string]any{"enabled": true, "renewalDaysBeforeExpiry": int64(90)} {
		if _, ok := rotation[name]; !ok {
			rotation[name] = missing
		}
	}
	return unstructured.SetNestedSlice(r.object, variables, "spec", "topology", "variables")
}

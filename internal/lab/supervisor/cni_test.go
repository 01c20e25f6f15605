package supervisor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/vksops/terraform-provider-vks/internal/lab/await"
)

func waitObject(t *testing.T, u *unstructured.Unstructured, what string, ok func(*unstructured.Unstructured) bool) *unstructured.Unstructured {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	u = u.DeepCopy()
	if err := await.OK(ctx, what, func(ctx context.Context) error {
		if err := lab.kube.Get(ctx, client.ObjectKeyFromObject(u), u); err != nil {
			return err
		}
		if !ok(u) {
			return fmt.Errorf("%s is %v", u.GetName(), u.Object)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return u
}

// waitAbsent waits until all of them are gone.
func waitAbsent(t *testing.T, objects ...*unstructured.Unstructured) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for _, u := range objects {
		if err := await.OK(ctx, "the end of "+u.GetKind()+" "+u.GetName(), func(ctx context.Context) error {
			err := lab.kube.Get(ctx, client.ObjectKeyFromObject(u), u.DeepCopy())
			if apierrors.IsNotFound(err) {
				return nil
			}
			return errors.Join(errors.New("it is there still"), err)
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func settled(u *unstructured.Unstructured) bool { return u.Object["status"] != nil }

// userSpec is an AntreaConfig that the platform would not make.
func userSpec() map[string]any {
	return map[string]any{"antrea": map[string]any{"config": map[string]any{"trafficEncapMode": "noEncap"}}}
}

func bootstrapOf(namespace, name, refName string) *unstructured.Unstructured {
	return object(kindBootstrap, namespace, name, map[string]any{"spec": map[string]any{"cni": map[string]any{"refName": refName}}})
}

func checkApplied(t *testing.T, config *unstructured.Unstructured, c *unstructured.Unstructured, secret string, want map[string]any) {
	t.Helper()
	owners := config.GetOwnerReferences()
	if len(owners) != 1 || owners[0].UID != c.GetUID() || owners[0].Kind != "Cluster" {
		t.Errorf("%s has the owners %v", config.GetName(), owners)
	}
	status, _, _ := unstructured.NestedMap(config.Object, "status")
	if status["secretRef"] != secret || !equality.Semantic.DeepEqual(status["appliedSpec"], any(want)) {
		t.Errorf("%s has the status %v, want %v and %s", config.GetName(), status, want, secret)
	}
}

// Below 1.35 what is there before the Cluster counts, and nothing that comes later.
func TestSupervisorPackageCNI(t *testing.T) {
	t.Parallel()
	tenant(t, "cni")
	editor, _ := through(t, "editor@vsphere.local")
	early := object(kindAntreaConfig, "cni", "early-antrea-package", map[string]any{"spec": userSpec()})
	late := object(kindAntreaConfig, "cni", "late-antrea-package", map[string]any{"spec": userSpec()})
	choice := bootstrapOf("cni", "chosen", "calico.tanzu.vmware.com.v3")
	clusters := map[string]*unstructured.Unstructured{}
	for _, u := range []*unstructured.Unstructured{early.DeepCopy(), choice.DeepCopy()} {
		if err := editor.Create(t.Context(), u); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"early", "late", "chosen"} {
		c := newCluster("cni", name, "v1.34", "builtin-generic-v3.6.0", 1, 0)
		if err := editor.Create(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		clusters[name] = c
	}
	err := editor.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(late.DeepCopy()), client.FieldOwner("somebody"))
	if err != nil && !apierrors.IsConflict(err) {
		t.Errorf("a config that comes late: %v", err)
	}

	early = waitObject(t, early, "the early config", settled)
	checkApplied(t, early, clusters["early"], "early-antrea-data-values", userSpec())
	late = waitObject(t, late, "the late config", settled)
	checkApplied(t, late, clusters["late"], "late-antrea-data-values", defaultCNI[antrea])
	ofCalico := waitObject(t, object(kindCalicoConfig, "cni", "chosen-calico-package", nil), "the config of Calico", settled)
	checkApplied(t, ofCalico, clusters["chosen"], "chosen-calico-data-values", defaultCNI[calico])
	choice = waitObject(t, choice, "the choice of Calico", settled)
	if name, _, _ := unstructured.NestedString(choice.Object, "spec", "cni", "refName"); name != "calico.tanzu.vmware.com.v3" {
		t.Errorf("refName of the user's ClusterBootstrap is %s", name)
	}
	made := waitObject(t, bootstrapOf("cni", "early", ""), "the platform's ClusterBootstrap", settled)
	if name, _, _ := unstructured.NestedString(made.Object, "spec", "cni", "refName"); name != "antrea.tanzu.vmware.com.v1.34.2+vmware.2-vkr.2" {
		t.Errorf("refName of the platform's ClusterBootstrap is %s", name)
	}

	checkTooLate(t, editor, clusters["chosen"])

	// What was in force stays in status, whatever is written later.
	if err := editor.Patch(t.Context(), early.DeepCopy(), client.RawPatch("application/merge-patch+json",
		[]byte(`{"spec":{"antrea":{"config":{"trafficEncapMode":"hybrid"}}}}`))); err != nil {
		t.Fatal(err)
	}
	if err := editor.Delete(t.Context(), clusters["late"]); err != nil {
		t.Fatal(err)
	}
	waitAbsent(t, late, bootstrapOf("cni", "late", ""))
	early = waitObject(t, early, "the early config", settled)
	checkApplied(t, early, clusters["early"], "early-antrea-data-values", userSpec())
	if err := editor.Delete(t.Context(), early); err != nil {
		t.Fatal(err)
	}
	if err := lab.NamespaceRemoved(t.Context(), "cni"); err != nil {
		t.Error(err)
	}
}

// checkTooLate has the agent find a config that was made after the Cluster. By
// itself it is mostly there first, so it is given a plugin that it leaves alone.
func checkTooLate(t *testing.T, editor client.Client, of *unstructured.Unstructured) {
	t.Helper()
	u := object(kindAntreaConfig, of.GetNamespace(), packageConfig(of.GetName(), antrea), map[string]any{"spec": userSpec()})
	if err := editor.Create(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := await.OK(ctx, "the agent to hear of the config", func(context.Context) error {
		if lab.cached(resourceAntreaConfigs, u.GetNamespace(), u.GetName()) == nil {
			return errors.New("it has not")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	c := &clusterv1.Cluster{}
	if err := lab.kube.Get(ctx, client.ObjectKeyFromObject(of), c); err != nil {
		t.Fatal(err)
	}
	if err := lab.reconcilePackageConfig(ctx, c, antrea); err != nil {
		t.Fatal(err)
	}
	checkApplied(t, waitObject(t, u, "the config", settled), of, of.GetName()+"-antrea-data-values", defaultCNI[antrea])
}

// From 1.35 on an AddonConfig counts by its name, early or late, and one with
// another name is not spoken of.
func TestSupervisorAddonConfig(t *testing.T) {
	t.Parallel()
	tenant(t, "addons")
	editor, _ := through(t, "editor@vsphere.local")
	config := func(name string, spec map[string]any) *unstructured.Unstructured {
		return object(kindAddonConfig, "addons", name, map[string]any{"spec": spec})
	}
	named := config("c-calico", map[string]any{"values": map[string]any{"x": "y"}})
	explicit := config("mine", map[string]any{"clusterName": "c", "addonConfigDefinitionRef": map[string]any{"name": "calico.v3"}})
	misnamed, unused := config("c-calico-package", nil), config("c-antrea", nil)
	for _, u := range []*unstructured.Unstructured{misnamed, unused, named} {
		if err := editor.Create(t.Context(), u.DeepCopy()); err != nil {
			t.Fatal(err)
		}
	}
	c := newCluster("addons", "c", "v1.35", "builtin-generic-v3.7.0", 1, 0)
	c = set(c, variablesOf("vmClass", "best-effort-small", "storageClass", "vsan-default",
		"bootstrapAddons", map[string]any{"cniRef": map[string]any{"name": "calico", "namespace": PublicNamespace}}), "spec", "topology", "variables")
	if err := editor.Create(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	named = waitObject(t, named, "the config", settled)
	if err := editor.Create(t.Context(), explicit.DeepCopy()); err != nil {
		t.Fatal(err)
	}
	explicit = waitObject(t, explicit, "the late config", settled)
	for _, u := range []*unstructured.Unstructured{named, explicit} {
		cluster, _, _ := unstructured.NestedString(u.Object, "spec", "clusterName")
		if owners := u.GetOwnerReferences(); cluster != "c" || len(owners) != 1 || owners[0].UID != c.GetUID() {
			t.Errorf("%s: cluster %q, owners %v", u.GetName(), cluster, owners)
		}
	}
	for _, u := range []*unstructured.Unstructured{misnamed, unused} {
		if err := lab.kube.Get(t.Context(), client.ObjectKeyFromObject(u), u); err != nil || settled(u) || len(u.GetOwnerReferences()) > 0 {
			t.Errorf("%s: %v, %v", u.GetName(), u.Object, err)
		}
	}
	if err := lab.kube.Get(t.Context(), client.ObjectKeyFromObject(c), bootstrapOf("addons", "c", "")); !apierrors.IsNotFound(err) {
		t.Errorf("a ClusterBootstrap from 1.35 on: %v", err)
	}
	if err := editor.Delete(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	waitAbsent(t, named, explicit)
	if err := lab.NamespaceRemoved(t.Context(), "addons"); err != nil {
		t.Error(err)
	}
}

// The load balancer of a control plane has the cluster's address, unless a test
// wants the platform's bug with names that are used again.
func TestSupervisorLoadBalancer(t *testing.T) {
	t.Parallel()
	tenant(t, "balancer")
	editor, _ := through(t, "editor@vsphere.local")
	key := client.ObjectKey{Namespace: "balancer", Name: "c"}
	labGuest.start(key.Namespace, key.Name)
	c := newCluster(key.Namespace, key.Name, "v1.34", "builtin-generic-v3.6.0", 1, 0)
	c.SetAnnotations(map[string]string{AnnotationLoadBalancerIP: "192.0.2.7"})
	if err := editor.Create(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	service := waitObject(t, object(kindVMService, key.Namespace, key.Name, nil), "the load balancer", func(u *unstructured.Unstructured) bool {
		return serviceIP(u) == "192.0.2.7"
	})
	stuck := waitCluster(t, key, "everything but the gate", func(c *clusterv1.Cluster) bool {
		available := findCondition(c, clusterv1.ClusterAvailableCondition)
		return controlPlaneReady(c) && conditionTrue(c, clusterv1.ClusterControlPlaneAvailableCondition) &&
			available != nil && strings.Contains(available.Message, APIServerReadyCondition) && !strings.Contains(available.Message, "ControlPlaneAvailable")
	})
	if conditionTrue(stuck, clusterv1.ClusterAvailableCondition) || findCondition(stuck, APIServerReadyCondition) != nil {
		t.Errorf("a cluster at the wrong address is fine:\n%s", describe(stuck))
	}
	owners := service.GetOwnerReferences()
	if len(owners) != 1 || owners[0].Kind != "DevCluster" || owners[0].Name != stuck.Spec.InfrastructureRef.Name {
		t.Errorf("owners %v", owners)
	}
	// For people, who see what the editor sees.
	if err := editor.Get(t.Context(), key, service.DeepCopy()); err != nil {
		t.Error(err)
	}
	if err := editor.Patch(t.Context(), c, client.RawPatch("application/merge-patch+json",
		[]byte(`{"metadata":{"annotations":{"`+AnnotationLoadBalancerIP+`":null}}}`))); err != nil {
		t.Fatal(err)
	}
	good := waitCluster(t, key, "Available", func(c *clusterv1.Cluster) bool { return conditionTrue(c, clusterv1.ClusterAvailableCondition) })
	waitObject(t, service, "the cluster's address", func(u *unstructured.Unstructured) bool {
		return serviceIP(u) == good.Spec.ControlPlaneEndpoint.Host
	})
	if err := editor.Delete(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	waitAbsent(t, service, c)
	if err := lab.NamespaceRemoved(t.Context(), "balancer"); err != nil {
		t.Error(err)
	}
}

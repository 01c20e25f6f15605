package supervisor

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// How a cluster gets its network plugin depends on its version. Below 1.35 it is
// the ClusterBootstrap of its name, and the package config that belongs to it,
// which the platform makes unless they are there before the Cluster; from 1.35 on
// the variable bootstrapAddons, and an AddonConfig whose name must be right.

const (
	antrea = "antrea"
	calico = "calico"

	addonConfigMinor = 35 // the first Kubernetes with AddonConfigs
)

// cniKinds are the package configs, by plugin.
var cniKinds = map[string]schema.GroupVersionKind{antrea: kindAntreaConfig, calico: kindCalicoConfig}

// defaultCNI is what the platform configures where nobody has.
var defaultCNI = map[string]map[string]any{
	antrea: {"antrea": map[string]any{"config": map[string]any{
		"trafficEncapMode": "encap", "noSNAT": false, "disableUdpTunnelOffload": false,
		"featureGates": map[string]any{
			"AntreaPolicy": true, "AntreaProxy": true, "AntreaTraceflow": true, "Egress": true,
			"EndpointSlice": true, "FlowExporter": false, "NodePortLocal": true,
		},
	}}},
	calico: {"calico": map[string]any{"config": map[string]any{"vethMTU": int64(0), "skipCNIBinaries": false}}},
}

// madeBefore remembers which package configs were there when a Cluster was
// created. By the time an agent looks, one that came too late may be, too.
type madeBefore struct {
	mu      sync.Mutex
	configs map[client.ObjectKey][]string // plugins, by Cluster
}

func (m *madeBefore) set(cluster client.ObjectKey, plugins []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.configs == nil {
		m.configs = map[client.ObjectKey][]string{}
	}
	m.configs[cluster] = plugins
}

func (m *madeBefore) has(cluster client.ObjectKey, plugin string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Contains(m.configs[cluster], plugin)
}

// noteConfigs is what admission does for madeBefore.
func (s *Supervisor) noteConfigs(ctx context.Context, cluster client.ObjectKey) error {
	var found []string
	for plugin, kind := range cniKinds {
		u := object(kind, cluster.Namespace, packageConfig(cluster.Name, plugin), nil)
		err := s.kube.Get(ctx, client.ObjectKeyFromObject(u), u)
		if client.IgnoreNotFound(err) != nil {
			return err
		}
		if err == nil {
			found = append(found, plugin)
		}
	}
	s.before.set(cluster, found)
	return nil
}

func packageConfig(cluster, plugin string) string { return cluster + "-" + plugin + "-package" }

func (s *Supervisor) reconcileCNI(ctx context.Context, c *clusterv1.Cluster) error {
	if minorOf(c.Spec.Topology.Version) >= addonConfigMinor {
		return s.resolveAddonConfigs(ctx, c)
	}
	plugin, err := s.reconcileBootstrap(ctx, c)
	if err != nil {
		return err
	}
	return s.reconcilePackageConfig(ctx, c, plugin)
}

// reconcileBootstrap keeps the user's choice of a plugin, or makes one.
func (s *Supervisor) reconcileBootstrap(ctx context.Context, c *clusterv1.Cluster) (plugin string, err error) {
	rel := c.Labels[labelRelease]
	u := s.cached(resourceBootstraps, c.Namespace, c.Name)
	if u == nil {
		u = object(kindBootstrap, c.Namespace, c.Name, map[string]any{"spec": map[string]any{"cni": map[string]any{
			"refName": antrea + ".tanzu.vmware.com." + normalVersion(rel),
			"valuesFrom": map[string]any{"providerRef": map[string]any{
				"apiGroup": kindAntreaConfig.Group, "kind": kindAntreaConfig.Kind, "name": packageConfig(c.Name, antrea),
			}},
		}}})
		u.SetOwnerReferences([]metav1.OwnerReference{ownedBy(c)})
		if err := s.kube.Create(ctx, u, client.FieldOwner(fieldManager)); err != nil {
			return "", err // made meanwhile: the next try finds it
		}
	}
	plugin = antrea
	if name, _, _ := unstructured.NestedString(u.Object, "spec", "cni", "refName"); strings.HasPrefix(name, calico) {
		plugin = calico
	}
	if owns(c, u) && u.Object["status"] != nil {
		return plugin, nil
	}
	return plugin, s.take(ctx, c, u, map[string]any{"resolvedTKR": rel})
}

// reconcilePackageConfig takes over what was there before the Cluster. What the
// plugin was set up with stays in status: most of it is for good.
func (s *Supervisor) reconcilePackageConfig(ctx context.Context, c *clusterv1.Cluster, plugin string) error {
	name := packageConfig(c.Name, plugin)
	resource := map[string]schema.GroupVersionResource{antrea: resourceAntreaConfigs, calico: resourceCalicoConfigs}[plugin]
	applied := any(defaultCNI[plugin])
	u := s.cached(resource, c.Namespace, name)
	switch {
	case u == nil:
		u = object(cniKinds[plugin], c.Namespace, name, map[string]any{"spec": applied})
		u.SetOwnerReferences([]metav1.OwnerReference{ownedBy(c)})
		if err := s.kube.Create(ctx, u, client.FieldOwner(fieldManager)); err != nil {
			return err
		}
	case owns(c, u) && u.Object["status"] != nil:
		return nil
	case s.before.has(client.ObjectKeyFromObject(c), plugin):
		applied = u.Object["spec"]
	}
	return s.take(ctx, c, u, map[string]any{"secretRef": c.Name + "-" + plugin + "-data-values", "appliedSpec": applied})
}

// resolveAddonConfigs takes the configs that are the cluster's by their name or
// by what they say. Others are not spoken of: that is the platform's trap.
func (s *Supervisor) resolveAddonConfigs(ctx context.Context, c *clusterv1.Cluster) error {
	plugin := chosenCNI(c)
	for _, u := range s.cachedIn(resourceAddonConfigs, c.Namespace) {
		cluster, _, _ := unstructured.NestedString(u.Object, "spec", "clusterName")
		definition, _, _ := unstructured.NestedString(u.Object, "spec", "addonConfigDefinitionRef", "name")
		byName := u.GetName() == c.Name+"-"+plugin && (cluster == "" || cluster == c.Name)
		if !byName && (cluster != c.Name || !strings.HasPrefix(definition, plugin)) {
			continue
		}
		if owns(c, u) && u.Object["status"] != nil {
			continue
		}
		filled := object(kindAddonConfig, c.Namespace, u.GetName(), map[string]any{"spec": map[string]any{"clusterName": c.Name}})
		filled.SetOwnerReferences([]metav1.OwnerReference{ownedBy(c)})
		if err := s.apply(ctx, filled); err != nil {
			return err
		}
		ready := condition("Ready", "True", "Resolved", "", metav1.NewTime(s.now()))
		if err := s.take(ctx, c, filled, map[string]any{"conditions": []any{ready}}); err != nil {
			return err
		}
	}
	return nil
}

// chosenCNI is the plugin of a cluster from 1.35 on.
func chosenCNI(c *clusterv1.Cluster) string {
	for _, v := range c.Spec.Topology.Variables {
		var addons struct {
			CNI struct {
				Name string `json:"name"`
			} `json:"cniRef"`
		}
		if v.Name == "bootstrapAddons" && json.Unmarshal(v.Value.Raw, &addons) == nil && addons.CNI.Name != "" {
			return addons.CNI.Name
		}
	}
	return antrea
}

// take makes an object the cluster's own, for the garbage collector, and writes
// its status. The owner goes first: a status says that all is done.
func (s *Supervisor) take(ctx context.Context, c *clusterv1.Cluster, u *unstructured.Unstructured, status map[string]any) error {
	if !owns(c, u) {
		owned := object(u.GroupVersionKind(), u.GetNamespace(), u.GetName(), nil)
		owned.SetOwnerReferences([]metav1.OwnerReference{ownedBy(c)})
		if err := s.apply(ctx, owned); err != nil {
			return err
		}
	}
	return s.applyStatus(ctx, object(u.GroupVersionKind(), u.GetNamespace(), u.GetName(), map[string]any{"status": status}), fieldManager)
}

func ownedBy(c *clusterv1.Cluster) metav1.OwnerReference {
	return metav1.OwnerReference{APIVersion: kindCluster.GroupVersion().String(), Kind: kindCluster.Kind, Name: c.Name, UID: c.UID}
}

func owns(c *clusterv1.Cluster, u *unstructured.Unstructured) bool {
	return slices.ContainsFunc(u.GetOwnerReferences(), func(r metav1.OwnerReference) bool { return r.UID == c.UID })
}

// removeOwned deletes what the agents made for a Cluster, before its name can be
// used again: a new one would take it for what its user made beforehand.
func (s *Supervisor) removeOwned(ctx context.Context, c *clusterv1.Cluster) error {
	for _, resource := range []schema.GroupVersionResource{
		resourceBootstraps, resourceAntreaConfigs, resourceCalicoConfigs, resourceAddonConfigs, resourceVMServices,
	} {
		for _, u := range s.cachedIn(resource, c.Namespace) {
			if !owns(c, u) && !isServiceOf(c, u) {
				continue
			}
			uid := u.GetUID()
			err := s.kube.Delete(ctx, u.DeepCopy(), client.Preconditions{UID: &uid})
			if client.IgnoreNotFound(err) != nil {
				return err
			}
		}
	}
	return nil
}

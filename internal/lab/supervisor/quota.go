package supervisor

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	storagev1 "k8s.io/api/storage/v1"
)

// Suffixes of the quota objects' names, and the extensions that account for them.
const (
	policyQuotaSuffix = "-storagepolicyquota"
	extensionVolumes  = "volume.cns.vsphere.vmware.com"
	extensionMachines = "vmservice.cns.vsphere.vmware.com"
)

func storageClassOf(policyQuota string) string {
	return strings.TrimSuffix(policyQuota, policyQuotaSuffix)
}

func mebibytes(n int64) string { return strconv.FormatInt(n, 10) + "Mi" }

// quotaObjects are the limits on storage, object counts and containers. CPU and
// memory are no ResourceQuota: they are limits of the resource pool.
func (ns Namespace) quotaObjects(set *objectSet) {
	ns.resourceQuotas(set)
	ns.limitRange(set)

	byPolicy := map[string]any{}
	for _, p := range ns.StoragePolicies {
		spec := map[string]any{"storagePolicyId": p.ID}
		if p.LimitMiB != nil {
			spec["limit"] = mebibytes(*p.LimitMiB)
			byPolicy[p.ID] = mebibytes(*p.LimitMiB)
		}
		set.add(kindPolicyQuota, p.StorageClass+policyQuotaSuffix, map[string]any{"spec": spec})
		set.add(kindPolicyUsage, p.StorageClass+"-pvc-usage", usageSpec(p, "", "PersistentVolumeClaim", extensionVolumes))
		set.add(kindPolicyUsage, p.StorageClass+"-vm-usage", usageSpec(p, "vmoperator.vmware.com", "VirtualMachine", extensionMachines))
	}
	// An apply that empties a map leaves null, which the type refuses.
	quota, spec := map[string]any{}, map[string]any{}
	if len(byPolicy) > 0 {
		spec["storagePolicyLevelLimits"] = byPolicy
	}
	if ns.StorageLimitMiB != nil {
		spec["limit"] = mebibytes(*ns.StorageLimitMiB)
	}
	if len(spec) > 0 {
		quota["spec"] = spec
	}
	set.add(kindStorageQuota, ns.Name+"-storagequota", quota)
}

func usageSpec(p StoragePolicy, group, kind, extension string) map[string]any {
	spec := map[string]any{
		"storagePolicyId": p.ID, "storageClassName": p.StorageClass,
		"resourceKind": kind, "resourceExtensionName": extension, "resourceExtensionNamespace": "vmware-system-csi",
	}
	if group != "" {
		spec["resourceApiGroup"] = group
	}
	return map[string]any{"spec": spec}
}

func (ns Namespace) resourceQuotas(set *objectSet) {
	storage := map[string]any{}
	for _, p := range ns.StoragePolicies {
		limit := strconv.FormatInt(math.MaxInt64, 10) // how "unlimited" is written there
		if p.LimitMiB != nil {
			limit = mebibytes(*p.LimitMiB)
		}
		storage[p.StorageClass+".storageclass.storage.k8s.io/requests.storage"] = limit
	}
	set.add(kindResourceQuota, ns.Name+"-storagequota", map[string]any{"spec": map[string]any{"hard": storage}})

	hard := map[string]any{}
	if ns.StorageLimitMiB != nil {
		hard["requests.storage"] = mebibytes(*ns.StorageLimitMiB)
	}
	l := ns.ObjectLimits
	for name, limit := range map[string]*int64{
		"pods": l.Pods, "services": l.Services, "configmaps": l.ConfigMaps, "secrets": l.Secrets,
		"persistentvolumeclaims": l.PersistentVolumeClaims, "replicationcontrollers": l.ReplicationControllers,
		"count/deployments.apps": l.Deployments, "count/daemonsets.apps": l.DaemonSets,
		"count/replicasets.apps": l.ReplicaSets, "count/statefulsets.apps": l.StatefulSets, "count/jobs.batch": l.Jobs,
	} {
		if limit != nil {
			hard[name] = strconv.FormatInt(*limit, 10)
		}
	}
	set.add(kindResourceQuota, ns.Name, map[string]any{"spec": map[string]any{"hard": hard}})
}

// limitRange carries the container defaults. Containers count CPU in cores;
// vCenter has MHz, of which the lab's hosts have 1000 in a core.
func (ns Namespace) limitRange(set *objectSet) {
	d := ns.ContainerDefaults
	requests, limits := map[string]any{}, map[string]any{}
	for _, v := range []struct {
		into  map[string]any
		name  string
		value *int64
		unit  string
	}{
		{requests, "cpu", d.CPURequestMHz, "m"},
		{limits, "cpu", d.CPULimitMHz, "m"},
		{requests, "memory", d.MemoryRequestMiB, "Mi"},
		{limits, "memory", d.MemoryLimitMiB, "Mi"},
	} {
		if v.value != nil {
			v.into[v.name] = strconv.FormatInt(*v.value, 10) + v.unit
		}
	}
	if len(requests)+len(limits) == 0 {
		return
	}
	item := map[string]any{"type": "Container"}
	if len(requests) > 0 {
		item["defaultRequest"] = requests
	}
	if len(limits) > 0 {
		item["default"] = limits
	}
	set.add(kindLimitRange, ns.Name, map[string]any{"spec": map[string]any{"limits": []any{item}}})
}

// applyStorageClasses makes the StorageClass of a policy and its twin that
// waits for a zone to be chosen. They belong to the Supervisor, not to one
// namespace, and stay when a namespace goes.
func (s *Supervisor) applyStorageClasses(ctx context.Context, p StoragePolicy) error {
	for suffix, binding := range map[string]storagev1.VolumeBindingMode{
		"": storagev1.VolumeBindingImmediate, "-latebinding": storagev1.VolumeBindingWaitForFirstConsumer,
	} {
		u := object(kindStorageClass, "", p.StorageClass+suffix, map[string]any{
			"provisioner":          "csi.vsphere.vmware.com",
			"parameters":           map[string]any{"storagePolicyID": p.ID},
			"reclaimPolicy":        "Delete",
			"volumeBindingMode":    string(binding),
			"allowVolumeExpansion": true,
		})
		if err := s.apply(ctx, u); err != nil {
			return err
		}
	}
	return nil
}

// classObjects are the bound VM classes. What a class reserves is a request,
// and there is no request where nothing is reserved.
func (ns Namespace) classObjects(set *objectSet) {
	for _, c := range ns.VMClasses {
		requests := map[string]any{}
		if c.CPUReservationPercent > 0 {
			requests["cpu"] = fmt.Sprintf("%dm", c.CPUs*1000*c.CPUReservationPercent/100)
		}
		if c.MemReservationPercent > 0 {
			requests["memory"] = mebibytes(c.MemoryMiB * c.MemReservationPercent / 100)
		}
		set.add(kindVMClass, c.Name, map[string]any{"spec": map[string]any{
			"hardware": map[string]any{"cpus": c.CPUs, "memory": mebibytes(c.MemoryMiB)},
			"policies": map[string]any{"resources": map[string]any{"requests": requests}},
		}})
	}
}

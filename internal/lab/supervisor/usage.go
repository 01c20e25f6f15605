package supervisor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	rootDiskMiB = 20 * 1024 // of a node

	// What a machine uses when its class reserves nothing: the lab's machines
	// do no work, and those of people do about this much of it.
	mhzPerCPU          = 2000
	idleCPUPercent     = 10
	residentMemPercent = 40
)

// volume is an entry of the variable volumes, or of its legacy forms.
type volume struct {
	Capacity     capacity `json:"capacity"`
	StorageClass string   `json:"storageClass"`
}

// capacity is a quantity; the legacy variables have it one level deeper.
type capacity string

func (c *capacity) UnmarshalJSON(raw []byte) error {
	var deep struct {
		Storage string `json:"storage"`
	}
	if json.Unmarshal(raw, &deep) == nil {
		*c = capacity(deep.Storage)
		return nil
	}
	var text string
	err := json.Unmarshal(raw, &text)
	*c = capacity(text)
	return err
}

// machine is what the template of a node recorded.
type machine struct {
	vmClass, storageClass string
	volumes               []volume
}

// usage is storage in MiB by StorageClass.
type usage struct{ machines, volumes map[string]int64 }

func (u usage) classes() []string {
	var out []string
	for _, by := range []map[string]int64{u.machines, u.volumes} {
		for class := range by {
			if !slices.Contains(out, class) {
				out = append(out, class)
			}
		}
	}
	return out
}

// machinesOf are the nodes of the clusters in a namespace.
func (s *Supervisor) machinesOf(namespace string) []machine {
	var out []machine
	for _, obj := range s.agents.stores[resourceDevMachines].List() {
		u, ok := obj.(*unstructured.Unstructured)
		if !ok || u.GetNamespace() != namespace {
			continue
		}
		var m machine
		annotations := u.GetAnnotations()
		decodeInto(annotations[machineAnnotation+"vmClass"], &m.vmClass)
		decodeInto(annotations[machineAnnotation+"storageClass"], &m.storageClass)
		decodeInto(annotations[machineAnnotation+"volumes"], &m.volumes)
		out = append(out, m)
	}
	return out
}

func (s *Supervisor) storageUsage(namespace string) usage {
	u := usage{machines: map[string]int64{}, volumes: map[string]int64{}}
	for _, m := range s.machinesOf(namespace) {
		u.machines[m.storageClass] += rootDiskMiB
		for _, v := range m.volumes {
			class := v.StorageClass
			if class == "" {
				class = m.storageClass
			}
			u.machines[class] += quantityMiB(string(v.Capacity))
		}
	}
	for _, obj := range s.agents.stores[resourceVolumes].List() {
		pvc, ok := obj.(*unstructured.Unstructured)
		if !ok || pvc.GetNamespace() != namespace {
			continue
		}
		class, _, _ := unstructured.NestedString(pvc.Object, "spec", "storageClassName")
		size, _, _ := unstructured.NestedString(pvc.Object, "spec", "resources", "requests", "storage")
		u.volumes[strings.TrimSuffix(class, "-latebinding")] += quantityMiB(size)
	}
	return u
}

func quantityMiB(text string) int64 {
	q, err := resource.ParseQuantity(text)
	if err != nil {
		return 0
	}
	return (q.Value() + mibInBytes - 1) / mibInBytes
}

// reconcileUsage writes what is used into the quota objects of a namespace.
func (s *Supervisor) reconcileUsage(ctx context.Context, namespace string) (time.Duration, error) {
	quotas := listOf(kindPolicyQuota)
	if err := s.kube.List(ctx, quotas, client.InNamespace(namespace)); err != nil {
		return 0, err
	}
	used := s.storageUsage(namespace)
	var total []any
	for _, q := range quotas.Items {
		class := storageClassOf(q.GetName())
		policy, _, _ := unstructured.NestedString(q.Object, "spec", "storagePolicyId")
		if err := s.writeUsage(ctx, namespace, class, used.machines[class], used.volumes[class]); err != nil {
			return 0, client.IgnoreNotFound(err)
		}
		total = append(total, map[string]any{
			"storagePolicyId": policy, "policyQuotaUsage": usageDetails(used.machines[class] + used.volumes[class]),
		})
	}
	if len(quotas.Items) == 0 {
		return 0, nil
	}
	status := object(kindStorageQuota, namespace, namespace+"-storagequota", map[string]any{"status": map[string]any{"total": total}})
	return 0, client.IgnoreNotFound(s.applyStatus(ctx, status, fieldManager+"-usage"))
}

func (s *Supervisor) writeUsage(ctx context.Context, namespace, class string, machines, volumes int64) error {
	ofClass := func(n int64) []any {
		return []any{map[string]any{"storageClassName": class, "scQuotaUsage": usageDetails(n)}}
	}
	for _, u := range []*unstructured.Unstructured{
		object(kindPolicyQuota, namespace, class+policyQuotaSuffix, map[string]any{"status": map[string]any{
			"total": ofClass(machines + volumes),
			"extensions": []any{
				map[string]any{"extensionName": extensionVolumes, "extensionQuotaUsage": ofClass(volumes)},
				map[string]any{"extensionName": extensionMachines, "extensionQuotaUsage": ofClass(machines)},
			},
		}}),
		object(kindPolicyUsage, namespace, class+"-pvc-usage", map[string]any{"status": map[string]any{"quotaUsage": usageDetails(volumes)}}),
		object(kindPolicyUsage, namespace, class+"-vm-usage", map[string]any{"status": map[string]any{"quotaUsage": usageDetails(machines)}}),
	} {
		if err := s.applyStatus(ctx, u, fieldManager+"-usage"); err != nil {
			return err
		}
	}
	return nil
}

func usageDetails(mib int64) map[string]any {
	return map[string]any{"used": mebibytes(mib), "reserved": mebibytes(0)}
}

// Usage is what vCenter would report a namespace to use: MHz, MiB, MiB.
func (s *Supervisor) Usage(ctx context.Context, name string) (cpuMHz, memoryMiB, storageMiB int64, err error) {
	machines, classes := s.machinesOf(name), map[string]VMClass{}
	if len(machines) > 0 { // or a list of hundreds of empty namespaces takes minutes
		if classes, err = s.vmClassesOf(ctx, name); err != nil {
			return 0, 0, 0, fmt.Errorf("usage of namespace %s: %w", name, err)
		}
	}
	for _, m := range machines {
		c := classes[m.vmClass]
		cpuMHz += c.CPUs * mhzPerCPU * max(c.CPUReservationPercent, idleCPUPercent) / 100
		memoryMiB += c.MemoryMiB * max(c.MemReservationPercent, residentMemPercent) / 100
	}
	used := s.storageUsage(name)
	for _, class := range used.classes() {
		storageMiB += used.machines[class] + used.volumes[class]
	}
	return cpuMHz, memoryMiB, storageMiB, nil
}

func (s *Supervisor) vmClassesOf(ctx context.Context, namespace string) (map[string]VMClass, error) {
	list := listOf(kindVMClass)
	if err := s.kube.List(ctx, list, client.InNamespace(namespace)); err != nil {
		return nil, err
	}
	out := map[string]VMClass{}
	for _, item := range list.Items {
		c := VMClass{Name: item.GetName()}
		c.CPUs, _, _ = unstructured.NestedInt64(item.Object, "spec", "hardware", "cpus")
		memory, _, _ := unstructured.NestedString(item.Object, "spec", "hardware", "memory")
		c.MemoryMiB = quantityMiB(memory)
		requests, _, _ := unstructured.NestedStringMap(item.Object, "spec", "policies", "resources", "requests")
		if q, err := resource.ParseQuantity(requests["cpu"]); err == nil && c.CPUs > 0 {
			c.CPUReservationPercent = q.MilliValue() / (c.CPUs * 10)
		}
		if c.MemoryMiB > 0 {
			c.MemReservationPercent = quantityMiB(requests["memory"]) * 100 / c.MemoryMiB
		}
		out[c.Name] = c
	}
	return out, nil
}

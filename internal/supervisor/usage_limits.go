package supervisor

import (
	"context"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/vksops/terraform-provider-vks/internal/kube"
)

// volumeQuota is the key of a ResourceQuota for the sum of all volume requests.
const volumeQuota = "requests.storage"

const (
	annotatedCPU    = "vmware-system-resource-pool-cpu-limit"
	annotatedMemory = "vmware-system-resource-pool-memory-limit"
)

// annotations reads those of all namespaces. Nothing depends on them: they only
// make limits exact that are known otherwise, so what fails is no gap.
func (r *usageReader) annotations(ctx context.Context) error {
	ref := kube.Ref{GVR: corev1.SchemeGroupVersion.WithResource("namespaces"), Kind: "Namespace"}
	list, err := r.client.kube.List(ctx, ref, "")
	if err != nil {
		return ctx.Err()
	}
	r.annotated = make(map[string]map[string]string, len(list.Items))
	for i := range list.Items {
		r.annotated[list.Items[i].GetName()] = list.Items[i].GetAnnotations()
	}
	return nil
}

// annotatedLimits are in MHz, and as a quantity of bytes.
func annotatedLimits(annotations map[string]string) (cpuMHz, memoryMiB *int64) {
	if n, err := strconv.ParseInt(annotations[annotatedCPU], 10, 64); err == nil && n >= 0 {
		cpuMHz = &n
	}
	return cpuMHz, limitOf(annotations[annotatedMemory], mibInBytes)
}

// storageLimit is that of a namespace over all its policies: of its StorageQuota
// (cns.vmware.com, vSphere 8.0 U3 and later), or else of the ResourceQuota of its
// own name.
func storageLimit(namespace string, storage, quotas []unstructured.Unstructured) *int64 {
	for i := range storage {
		if limit := limitOf(node(storage[i].Object).at("spec")["limit"], mibInBytes); limit != nil {
			return limit
		}
	}
	for i := range quotas {
		if quotas[i].GetName() != namespace {
			continue
		}
		hard, _ := hardAndUsed(&quotas[i])
		return limitOf(hard[volumeQuota], mibInBytes)
	}
	return nil
}

// poolIDs are the resource pools that the Zones of a namespace name.
func poolIDs(zones []unstructured.Unstructured) []string {
	var ids []string
	for i := range zones {
		pools, _ := node(zones[i].Object).at("spec", "namespace")["poolMoIDs"].([]any)
		for _, pool := range pools {
			if id, ok := pool.(string); ok && id != "" && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

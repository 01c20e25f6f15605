package supervisor

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// volumeQuota is the key of a ResourceQuota for the sum of all volume requests.
const volumeQuota = "requests.storage"

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

package supervisor

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const (
	mibInBytes = 1 << 20

	// policyQuotaSuffix is of the names of StoragePolicyQuotas: "<class>-storagepolicyquota".
	policyQuotaSuffix = "-storagepolicyquota"
	// storageQuotaSuffix is of the ResourceQuota that limits storage classes.
	storageQuotaSuffix = "-storagequota"
	classQuotaSuffix   = ".storageclass.storage.k8s.io/requests.storage"
	lateBinding        = "-latebinding"
)

// countedObjects are the kinds that a ResourceQuota counts, and how we call them.
var countedObjects = map[string]string{
	"pods": "pods", "services": "services", "configmaps": "config_maps", "secrets": "secrets",
	"persistentvolumeclaims": "persistent_volume_claims", "replicationcontrollers": "replication_controllers",
	"count/deployments.apps": "deployments", "count/daemonsets.apps": "daemon_sets", "count/replicasets.apps": "replica_sets",
	"count/statefulsets.apps": "stateful_sets", "count/jobs.batch": "jobs",
}

// policyStorage reads StoragePolicyQuotas (cns.vmware.com, vSphere 8.0 U3 and
// later). A policy has a StorageClass and its twin for late binding.
func policyStorage(quotas []unstructured.Unstructured) []StorageUsage {
	list := make([]StorageUsage, 0, len(quotas))
	for i := range quotas {
		spec, status := node(quotas[i].Object).at("spec"), node(quotas[i].Object).at("status")
		u := StorageUsage{
			PolicyID: spec.text("storagePolicyId"), StorageClass: strings.TrimSuffix(quotas[i].GetName(), policyQuotaSuffix),
			LimitMiB: limitOf(spec["limit"], mibInBytes),
		}
		total, _ := status["total"].([]any)
		for _, entry := range total {
			if class, ok := asMap(entry); ok {
				u.UsedMiB += mebibytes(class.at("scQuotaUsage")["used"])
				u.ReservedMiB += mebibytes(class.at("scQuotaUsage")["reserved"])
			}
		}
		list = append(list, u)
	}
	sortStorage(list)
	return list
}

// quotaStorage reads the ResourceQuota that older Supervisors have in place of
// StoragePolicyQuotas. Both classes of a policy count.
func quotaStorage(namespace string, quotas []unstructured.Unstructured) []StorageUsage {
	byClass := map[string]*StorageUsage{}
	for i := range quotas {
		if quotas[i].GetName() != namespace+storageQuotaSuffix {
			continue
		}
		hard, used := hardAndUsed(&quotas[i])
		for key, limit := range hard {
			class, ok := strings.CutSuffix(key, classQuotaSuffix)
			if !ok {
				continue
			}
			class = strings.TrimSuffix(class, lateBinding)
			if byClass[class] == nil {
				byClass[class] = &StorageUsage{StorageClass: class, LimitMiB: limitOf(limit, mibInBytes)}
			}
			byClass[class].UsedMiB += mebibytes(used[key])
		}
	}
	list := make([]StorageUsage, 0, len(byClass))
	for _, u := range byClass {
		list = append(list, *u)
	}
	sortStorage(list)
	return list
}

func sortStorage(list []StorageUsage) {
	slices.SortFunc(list, func(a, b StorageUsage) int { return strings.Compare(a.StorageClass, b.StorageClass) })
}

// objectCounts reads the ResourceQuota of the namespace's own name. What is used
// is only known once the quota controller has counted.
func objectCounts(namespace string, quotas []unstructured.Unstructured) map[string]ObjectUsage {
	counts := map[string]ObjectUsage{}
	for i := range quotas {
		if quotas[i].GetName() != namespace {
			continue
		}
		hard, used := hardAndUsed(&quotas[i])
		for key, name := range countedObjects {
			if hard[key] == nil {
				continue
			}
			counts[name] = ObjectUsage{Limit: limitOf(hard[key], 1), Used: limitOf(used[key], 1)}
		}
	}
	return counts
}

func hardAndUsed(quota *unstructured.Unstructured) (hard, used node) {
	o := node(quota.Object)
	hard, used = o.at("status", "hard"), o.at("status", "used")
	if len(hard) == 0 {
		hard = o.at("spec", "hard")
	}
	return hard, used
}

// limitOf reads a quantity in units; nil = none. The largest number there is
// stands for "no limit".
func limitOf(v any, unit int64) *int64 {
	q, ok := quantity(v)
	if !ok || q.Value() == math.MaxInt64 || q.Value() < 0 {
		return nil
	}
	n := q.Value() / unit
	return &n
}

// mebibytes reads a quantity of bytes, rounded up.
func mebibytes(v any) int64 {
	q, ok := quantity(v)
	if !ok {
		return 0
	}
	n := q.Value() / mibInBytes
	if q.Value()%mibInBytes > 0 {
		n++
	}
	return n
}

func milli(v any) int64 {
	q, ok := quantity(v)
	if !ok {
		return 0
	}
	return q.MilliValue()
}

func quantity(v any) (resource.Quantity, bool) {
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case int64:
		text = strconv.FormatInt(v, 10)
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any: // as volumes of old classes say it
		text, _ = v["storage"].(string)
	}
	q, err := resource.ParseQuantity(text)
	return q, err == nil
}

package vcenter

import (
	"encoding/json"
	"strings"
)

// Limit is one field of a namespace's resource_spec
// (com.vmware.vcenter.namespaces.resource_quota_options_v1).
type Limit string

// The limits. CPU is in MHz (10 at least), memory and storage in MiB, the rest
// are counts of objects.
const (
	// CPULimit and MemoryLimit bound the namespace's resource pools.
	CPULimit    Limit = "cpu_limit"
	MemoryLimit Limit = "memory_limit"
	// StorageLimit bounds the sum of all volume requests.
	StorageLimit Limit = "storage_request_limit"

	// The defaults of containers in vSphere Pods that name none.
	CPURequestDefault    Limit = "cpu_request_default"
	CPULimitDefault      Limit = "cpu_limit_default"
	MemoryRequestDefault Limit = "memory_request_default"
	MemoryLimitDefault   Limit = "memory_limit_default"

	PodCount                   Limit = "pod_count"
	ServiceCount               Limit = "service_count"
	DeploymentCount            Limit = "deployment_count"
	DaemonSetCount             Limit = "daemon_set_count"
	ReplicaSetCount            Limit = "replica_set_count"
	ReplicationControllerCount Limit = "replication_controller_count"
	StatefulSetCount           Limit = "stateful_set_count"
	ConfigMapCount             Limit = "config_map_count"
	SecretCount                Limit = "secret_count"
	PersistentVolumeClaimCount Limit = "persistent_volume_claim_count"
	JobCount                   Limit = "job_count"
)

// Limits are the limits that are set. A limit that is not there does not
// exist; 0 is a real limit of nothing.
type Limits map[Limit]int64

// UnmarshalJSON is lenient: the structure is a dynamic one, which may carry a
// type tag and nulls, and the case of its names is not settled.
func (l *Limits) UnmarshalJSON(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	*l = Limits{}
	for name, raw := range fields {
		var value *int64
		if json.Unmarshal(raw, &value) == nil && value != nil && *value >= 0 {
			(*l)[Limit(strings.ToLower(name))] = *value
		}
	}
	return nil
}

// LimitChanges are changes of limits; nil removes one.
type LimitChanges map[Limit]*int64

// MarshalJSON writes what resource_quota_options_v1_update wants: a limit is
// removed by the flag <name>_unset, since a missing field leaves it as it is.
func (c LimitChanges) MarshalJSON() ([]byte, error) {
	fields := map[string]any{}
	for name, value := range c {
		if value == nil {
			fields[string(name)+"_unset"] = true
			continue
		}
		fields[string(name)] = *value
	}
	return json.Marshal(fields)
}

package vcenter

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// quota is a resource_spec: limits by API name. A name that is not there has no limit.
type quota map[string]int64

const minCPUMHz = 10

var (
	poolLimits        = []string{"cpu_limit", "memory_limit", "storage_request_limit"}
	containerDefaults = []string{"cpu_limit_default", "cpu_request_default", "memory_limit_default", "memory_request_default"}
	objectCounts      = []string{
		"pod_count", "service_count", "deployment_count", "daemon_set_count", "replica_set_count",
		"replication_controller_count", "stateful_set_count", "config_map_count", "secret_count",
		"persistent_volume_claim_count", "job_count",
	}
	quotaFields = slices.Concat(poolLimits, containerDefaults, objectCounts)
)

func (q quota) clone() map[string]int64 { return maps.Clone(q) }

func (q quota) get(name string) *int64 {
	if n, ok := q[name]; ok {
		return &n
	}
	return nil
}

func (q quota) pick(names []string) map[string]int64 {
	out := map[string]int64{}
	for _, name := range names {
		if n, ok := q[name]; ok {
			out[name] = n
		}
	}
	return out
}

// merge applies a resource_spec on top of q. The structure is dynamic: people send plain JSON without a type tag,
// and older documents show one, so a tag is accepted and ignored. The _unset flags exist only in the type for update:
// there they are the one way to remove a limit, for a missing field means "leave it".
func (q quota) merge(raw json.RawMessage, update bool) (quota, error) {
	out := maps.Clone(q)
	if out == nil {
		out = quota{}
	}
	if len(raw) == 0 || string(raw) == "null" {
		return out, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, invalid("resource_spec: %v", err)
	}
	for given, value := range fields {
		name := strings.ToLower(given)
		if name == "@class" || string(value) == "null" {
			continue
		}
		if err := out.apply(name, value, update); err != nil {
			return nil, err
		}
	}
	return out, out.check()
}

func (q quota) apply(name string, value json.RawMessage, update bool) error {
	if base, ok := strings.CutSuffix(name, "_unset"); ok && update && slices.Contains(quotaFields, base) {
		var unset bool
		if err := json.Unmarshal(value, &unset); err != nil {
			return invalid("resource_spec.%s: %v", name, err)
		}
		if unset {
			delete(q, base)
		}
		return nil
	}
	if !slices.Contains(quotaFields, name) {
		return invalid("resource_spec: unknown field %q", name)
	}
	var n int64
	if err := json.Unmarshal(value, &n); err != nil {
		return invalid("resource_spec.%s: %v", name, err)
	}
	q[name] = n
	return nil
}

func (q quota) check() error {
	for name, n := range q {
		if n < 0 {
			return invalid("resource_spec.%s: %d is negative", name, n)
		}
		if strings.HasPrefix(name, "cpu_") && n < minCPUMHz {
			return invalid("resource_spec.%s: %d MHz is less than the minimum of %d", name, n, minCPUMHz)
		}
	}
	for _, kind := range []string{"cpu", "memory"} {
		request, limit := q.get(kind+"_request_default"), q.get(kind+"_limit_default")
		if request != nil && limit != nil && *request > *limit {
			return invalid("resource_spec: %s_request_default is above %s_limit_default", kind, kind)
		}
	}
	return nil
}

package cluster

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

// What the platform puts into every cluster by itself. A cluster that somebody
// else made is imported without it, or the first plan would be full of it.
var (
	platformDomains = []string{"cluster.x-k8s.io", "run.tanzu.vmware.com", "kubernetes.vmware.com", "vmware.com", "kubectl.kubernetes.io", "kapp.k14s.io"}

	platformDefaults = map[string]any{
		"kubernetes": map[string]any{
			"certificateRotation": map[string]any{"enabled": true, "renewalDaysBeforeExpiry": int64(90)},
			"security": map[string]any{
				"podSecurityStandard":        map[string]any{"deactivated": false},
				"resourceQuotaConfiguration": map[string]any{"enabled": false},
			},
		},
		"osConfiguration": map[string]any{
			"fips": map[string]any{"enabled": false},
			"grub": map[string]any{"password": map[string]any{"enabled": false}},
		},
		"resourceConfiguration": map[string]any{"systemReserved": map[string]any{"automatic": true}},
	}
)

// foreign gives what a cluster that this provider never applied asks for,
// without what the platform adds.
func foreign(live supervisor.ClusterSpec) supervisor.ClusterSpec {
	live.Labels = withoutPlatform(live.Labels)
	live.Annotations = withoutPlatform(live.Annotations)
	live.Variables = withoutDefaults(live.Variables)
	live.ControlPlane.MachineSpec = foreignMachine(live.ControlPlane.MachineSpec)
	pools := map[string]supervisor.PoolSpec{}
	for name, pool := range live.Pools {
		pools[name] = foreignPool(pool)
	}
	live.Pools = pools
	return live
}

func foreignPool(pool supervisor.PoolSpec) supervisor.PoolSpec {
	pool.MachineSpec = foreignMachine(pool.MachineSpec)
	return pool
}

func foreignMachine(m supervisor.MachineSpec) supervisor.MachineSpec {
	m.Labels, m.Annotations = withoutPlatform(m.Labels), withoutPlatform(m.Annotations)
	return m
}

// withoutPlatform drops keys of the platform's domains but for those that
// attributes stand for.
func withoutPlatform(texts map[string]string) map[string]string {
	kept := maps.Clone(texts)
	maps.DeleteFunc(kept, func(key, _ string) bool {
		switch key {
		case pinAnnotation, osImageAnnotation, minNodes, maxNodes:
			return false
		}
		domain, _, qualified := strings.Cut(key, "/")
		if !qualified {
			return false
		}
		for _, p := range platformDomains {
			if domain == p || strings.HasSuffix(domain, "."+p) {
				return true
			}
		}
		return false
	})
	return kept
}

func withoutDefaults(variables map[string]any) map[string]any {
	kept := map[string]any{}
	for name, value := range variables {
		if rest, empty := subtract(value, platformDefaults[name]); !empty {
			kept[name] = rest
		}
	}
	return kept
}

// subtract takes the defaults out of value, and reports when nothing is left.
func subtract(value, defaults any) (rest any, empty bool) {
	have, ok := value.(map[string]any)
	less, ok2 := defaults.(map[string]any)
	if !ok || !ok2 {
		return value, defaults != nil && reflect.DeepEqual(value, defaults)
	}
	kept := map[string]any{}
	for key, v := range have {
		if inner, gone := subtract(v, less[key]); !gone {
			kept[key] = inner
		}
	}
	return kept, len(kept) == 0
}

// defaultsIn gives, as JSON, the part of variables that the platform would have
// put there by itself.
func defaultsIn(variables map[string]any) json.RawMessage {
	part, _ := common(variables, platformDefaults)
	encoded, err := json.Marshal(part)
	if err != nil {
		return nil // then nothing is taken for a default
	}
	return encoded
}

// common gives what value and defaults both say.
func common(value, defaults any) (part any, found bool) {
	have, ok := value.(map[string]any)
	all, ok2 := defaults.(map[string]any)
	if !ok || !ok2 {
		return value, defaults != nil && reflect.DeepEqual(value, defaults)
	}
	both := map[string]any{}
	for key, v := range have {
		if inner, there := common(v, all[key]); there {
			both[key] = inner
		}
	}
	return both, len(both) > 0
}

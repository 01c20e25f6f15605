package supervisor

import (
	"maps"
	"strings"
)

// pruner removes from objects, in place, what somebody asked for and no longer
// wants, whoever applied it: server-side apply removes only what its own manager
// owns. What others have beside it stays, and with it what that is in.
//
// The zero pruner is for what has no schema: its lists are values.
type pruner struct {
	// lists are those that the API merges by keys, with the keys. All other lists
	// are values: they go as a whole.
	lists map[string][]string
	// whole are the objects that are one value: half a reference means nothing.
	whole map[string]bool
	// typed are the objects that need their type as long as anything is in them.
	typed map[string]bool
	// free are the objects without a schema.
	free map[string]bool
}

// clusterPruner knows a Cluster, in both versions of its API.
// https://github.com/kubernetes-sigs/cluster-api/blob/main/api/core/v1beta2/cluster_types.go
var clusterPruner = pruner{
	lists: map[string][]string{
		"variables":          {"name"},
		"overrides":          {"name"},
		"machineDeployments": {"name"},
		"availabilityGates":  {"conditionType"},
		"readinessGates":     {"conditionType"},
		"taints":             {"key", "effect"},
	},
	whole: map[string]bool{"templateRef": true, "remediationTemplate": true},
	typed: map[string]bool{"strategy": true},
	free:  map[string]bool{"value": true},
}

// prune removes from live what is in prior but not in wanted, and the objects and
// lists that are empty then (the API refuses most of them), and reports whether
// there was anything.
func (p pruner) prune(live, prior, wanted map[string]any) bool {
	changed := false
	for key, before := range prior {
		now, there := live[key]
		if !there {
			continue
		}
		after, kept := wanted[key]
		rest, empty, changedInside := p.value(key, now, before, after)
		switch {
		case empty && !kept:
			delete(live, key)
			changed = true
		case changedInside:
			live[key] = rest
			changed = true
		}
	}
	return changed
}

// value prunes what is below a key, and reports whether that leaves nothing of
// others: always so, unless it is an object or a list with keys.
func (p pruner) value(key string, live, prior, wanted any) (rest any, empty, changed bool) {
	switch prior := prior.(type) {
	case map[string]any:
		if live, ok := live.(map[string]any); ok && !p.whole[key] {
			wanted, _ := wanted.(map[string]any)
			changed := p.object(key, live, prior, wanted)
			return live, len(live) == 0, changed
		}
	case []any:
		live, ok := live.([]any)
		if keys := p.lists[key]; ok && keys != nil {
			wanted, _ := wanted.([]any)
			rest, changed := p.list(keys, live, prior, wanted)
			return rest, len(rest) == 0, changed
		}
	}
	return live, true, false
}

// object prunes an object. A type that others depend on stays while they do.
func (p pruner) object(key string, live, prior, wanted map[string]any) bool {
	if p.free[key] {
		return pruner{}.prune(live, prior, wanted)
	}
	if !p.typed[key] {
		return p.prune(live, prior, wanted)
	}
	const kind = "type"
	typed := map[string]any{kind: prior[kind]}
	maps.Copy(typed, wanted)
	changed := p.prune(live, prior, typed)
	if live[kind] != nil && len(live) == 1 && prior[kind] != nil && wanted[kind] == nil {
		delete(live, kind)
		changed = true
	}
	return changed
}

// list prunes the entries that are still wanted, and drops the others of prior.
func (p pruner) list(keys []string, live, prior, wanted []any) ([]any, bool) {
	before, after := byKeys(keys, prior), byKeys(keys, wanted)
	kept, changed := make([]any, 0, len(live)), false
	for _, item := range live {
		object, _ := item.(map[string]any)
		key := keyOf(keys, object)
		old, had := before[key]
		now, has := after[key]
		switch {
		case had && !has: // a pool or variable is its owner's as a whole
			changed = true
			continue
		case had:
			changed = p.prune(object, old, now) || changed
		}
		kept = append(kept, item)
	}
	return kept, changed
}

func byKeys(keys []string, list []any) map[string]map[string]any {
	items := map[string]map[string]any{}
	for _, item := range list {
		if object, ok := item.(map[string]any); ok {
			if key := keyOf(keys, object); key != "" {
				items[key] = object
			}
		}
	}
	return items
}

// keyOf is what tells an entry of a list from the others; "" where it has none.
func keyOf(keys []string, entry map[string]any) string {
	parts := make([]string, 0, len(keys))
	for _, k := range keys {
		text, _ := entry[k].(string)
		if text == "" {
			return ""
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "\x00")
}

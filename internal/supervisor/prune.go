package supervisor

import "strings"

// prune removes from live, in place, what is in prior but no longer in wanted,
// and reports whether there was anything. Lists of objects that the API tells
// apart by keys are compared by them, other lists are values. It is for fields that somebody else
// applied first: server-side apply removes only what its own manager owns.
func prune(live, prior, wanted map[string]any) bool {
	changed := false
	for key, before := range prior {
		now, there := live[key]
		if !there {
			continue
		}
		after, kept := wanted[key]
		if !kept {
			delete(live, key)
			changed = true
			continue
		}
		if pruned, ok := pruneValue(now, before, after); ok {
			live[key] = pruned
			changed = true
		}
	}
	return changed
}

func pruneValue(live, prior, wanted any) (any, bool) {
	switch prior := prior.(type) {
	case map[string]any:
		liveMap, ok := live.(map[string]any)
		wantedMap, ok2 := wanted.(map[string]any)
		return live, ok && ok2 && prune(liveMap, prior, wantedMap)
	case []any:
		return pruneList(live, prior, wanted)
	}
	return live, false
}

func pruneList(live any, prior []any, wanted any) (any, bool) {
	liveList, ok := live.([]any)
	wantedList, ok2 := wanted.([]any)
	if !ok || !ok2 {
		return live, false
	}
	before, after := byKey(prior), byKey(wantedList)
	kept, changed := make([]any, 0, len(liveList)), false
	for _, item := range liveList {
		object, ok := item.(map[string]any)
		key := keyOf(object)
		old, had := before[key]
		if !ok || !had {
			kept = append(kept, item)
			continue
		}
		now, has := after[key]
		if !has {
			changed = true
			continue
		}
		changed = prune(object, old, now) || changed
		kept = append(kept, item)
	}
	return kept, changed
}

func byKey(list []any) map[string]map[string]any {
	items := map[string]map[string]any{}
	for _, item := range list {
		if object, ok := item.(map[string]any); ok {
			if key := keyOf(object); key != "" {
				items[key] = object
			}
		}
	}
	return items
}

// keyOf is what tells an entry of a list from the others: the name of pools and
// variables, the type of gates, key and effect of taints; "" where it has none.
func keyOf(entry map[string]any) string {
	for _, keys := range [][]string{{"name"}, {"conditionType"}, {"key", "effect"}} {
		parts := make([]string, 0, len(keys))
		for _, k := range keys {
			if text, ok := entry[k].(string); ok && text != "" {
				parts = append(parts, text)
			}
		}
		if len(parts) == len(keys) {
			return strings.Join(parts, "\x00")
		}
	}
	return ""
}

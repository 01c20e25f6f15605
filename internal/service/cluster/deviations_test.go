package cluster_test

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/vksops/terraform-provider-vks/internal/domain/release"
)

const (
	releaseLabel      = "run.tanzu.vmware.com/tkr"
	osImageAnnotation = "run.tanzu.vmware.com/resolve-os-image"
)

// deviations are differences between what somebody wrote of a Cluster and what
// is stored, beside what admission is known to rewrite: the version and the class.
type deviations struct {
	// release is the one that the Cluster is on.
	release string
	// exactly: nothing may be stored but what was written.
	exactly bool
	found   []string
}

func (d *deviations) add(at, format string, args ...any) {
	d.found = append(d.found, at+": "+fmt.Sprintf(format, args...))
}

func (d *deviations) compare(at string, written, stored any) {
	switch want := written.(type) {
	case nil:
		if d.exactly && stored != nil {
			d.add(at, "%v is stored, which nobody wrote", stored)
		}
	case map[string]any:
		have, ok := stored.(map[string]any)
		if !ok {
			d.add(at, "is %v, want an object", stored)
			return
		}
		d.compareObjects(at, want, have)
	case []any:
		have, ok := stored.([]any)
		if !ok || len(have) < len(want) || len(have) != len(want) && (d.exactly || !named(want)) {
			d.add(at, "is %v, want %v", stored, written)
			return
		}
		d.compareLists(at, want, have)
	case string:
		if have, ok := stored.(string); !ok || !d.sameText(at, want, have) {
			d.add(at, "is %v, want %q", stored, want)
		}
	default:
		if fmt.Sprint(stored) != fmt.Sprint(written) || reflect.TypeOf(stored) == reflect.TypeFor[string]() {
			d.add(at, "is %v, want %v", stored, written)
		}
	}
}

func (d *deviations) compareObjects(at string, written, stored map[string]any) {
	for key, value := range written {
		d.compare(at+"."+key, value, stored[key])
	}
	for key, value := range stored {
		if _, there := written[key]; !there && d.exactly && at+"."+key != "spec.topology.classRef.namespace" {
			d.add(at+"."+key, "%v is stored, which nobody wrote", value)
		}
	}
}

// compareLists goes by names where there are some: the API keeps no order of them.
func (d *deviations) compareLists(at string, written, stored []any) {
	for i, value := range written {
		have, name := stored[i], fmt.Sprint(i)
		if named(written) {
			name = nameOf(value)
			have = nil
			for _, s := range stored {
				if nameOf(s) == name {
					have = s
				}
			}
		}
		d.compare(at+"["+name+"]", value, have)
	}
}

func (d *deviations) sameText(at, written, stored string) bool {
	switch {
	case at == "spec.topology.version":
		return release.SatisfiedBy(written, stored, d.release)
	case at == "spec.topology.classRef.name", at == "spec.topology.class":
		return release.SameOrNewerClass(stored, written)
	case at == "spec.topology.classRef.namespace", at == "spec.topology.classNamespace":
		return true
	case strings.HasSuffix(at, "."+osImageAnnotation):
		return strings.ReplaceAll(written, " ", "") == strings.ReplaceAll(stored, " ", "")
	}
	return written == stored
}

func nameOf(entry any) string {
	object, _ := entry.(map[string]any)
	name, _ := object["name"].(string)
	return name
}

func named(list []any) bool {
	for _, entry := range list {
		if nameOf(entry) == "" {
			return false
		}
	}
	return len(list) > 0
}

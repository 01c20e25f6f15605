package vcenter

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamespaceLibraries(t *testing.T) {
	t.Parallel()
	yes := true
	for name, c := range map[string]struct {
		list    []ContentLibrarySpec
		service []string
		want    []ContentLibrarySpec
	}{
		"none":         {},
		"before 8.0.2": {nil, []string{"a", "b"}, []ContentLibrarySpec{{Library: "a"}, {Library: "b"}}},
		"both": {
			[]ContentLibrarySpec{{Library: "b", Writable: &yes}},
			[]string{"a", "b"},
			[]ContentLibrarySpec{{Library: "b", Writable: &yes}, {Library: "a"}},
		},
	} {
		w := infoWire{ContentLibraries: c.list, VMServiceSpec: vmServiceWire{ContentLibraries: c.service}}
		if diff := cmp.Diff(c.want, w.libraries()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

package vcenter

import "slices"

// libraries are the content libraries of a namespace. Since 8.0.2 they are a
// list of their own, with settings; before, only VM Service has them. Where
// there are both, VM Service has all, and the settings are those of the list.
func (w infoWire) libraries() []ContentLibrarySpec {
	all := slices.Clone(w.ContentLibraries)
	for _, id := range w.VMServiceSpec.ContentLibraries {
		if !slices.ContainsFunc(all, func(l ContentLibrarySpec) bool { return l.Library == id }) {
			all = append(all, ContentLibrarySpec{Library: id})
		}
	}
	return all
}

package vcenter

import (
	"context"
	"slices"
)

// setLibraries binds content libraries to a new namespace, in the field that
// this version has for it.
func (w *createWire) setLibraries(ids []string, version Version) {
	switch {
	case len(ids) == 0:
	case version.AtLeast(Version802):
		w.ContentLibraries = withSettings(ids, nil)
	default:
		if w.VMServiceSpec == nil {
			w.VMServiceSpec = &vmServiceWire{VMClasses: []string{}}
		}
		w.VMServiceSpec.ContentLibraries = ids
	}
}

// setImages replaces the VM classes and the content libraries that changes names.
func (c *Client) setImages(ctx context.Context, w *updateWire, name string, changes NamespaceChanges) error {
	if changes.VMClasses == nil && changes.ContentLibraries == nil {
		return nil
	}
	have, err := c.info(ctx, name)
	if err != nil {
		return err
	}
	if changes.ContentLibraries == nil {
		w.setClasses(*changes.VMClasses, have)
		return nil
	}
	version, err := c.Version(ctx)
	if err != nil {
		return err
	}
	settings := version.AtLeast(Version802)
	if settings {
		libraries := withSettings(*changes.ContentLibraries, have.ContentLibraries)
		w.ContentLibraries = &libraries
	}
	switch {
	case changes.VMClasses != nil:
		w.VMServiceSpec = &vmServiceWire{VMClasses: append([]string{}, *changes.VMClasses...), ContentLibraries: *changes.ContentLibraries}
	case !settings:
		w.VMServiceSpec = &vmServiceWire{VMClasses: append([]string{}, have.VMServiceSpec.VMClasses...), ContentLibraries: *changes.ContentLibraries}
	}
	return nil
}

// setClasses replaces the VM classes. vm_service_spec replaces both of its
// lists, and a library that is missing there is taken away: so the libraries
// that the namespace has go along, with their settings.
func (w *updateWire) setClasses(classes []string, have infoWire) {
	w.VMServiceSpec = &vmServiceWire{VMClasses: append([]string{}, classes...), ContentLibraries: have.VMServiceSpec.ContentLibraries}
	if len(have.ContentLibraries) > 0 {
		w.ContentLibraries = &have.ContentLibraries
	}
}

// withSettings keeps the settings of libraries that stay: the list is replaced
// whole, and what it leaves out of a library would be reset.
func withSettings(ids []string, have []ContentLibrarySpec) []ContentLibrarySpec {
	specs := make([]ContentLibrarySpec, 0, len(ids))
	for _, id := range ids {
		spec := ContentLibrarySpec{Library: id}
		if i := slices.IndexFunc(have, func(l ContentLibrarySpec) bool { return l.Library == id }); i >= 0 {
			spec = have[i]
		}
		specs = append(specs, spec)
	}
	return specs
}

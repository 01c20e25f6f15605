package namespace

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// libraryIndex finds content libraries. Their names need not be unique.
type libraryIndex struct {
	names map[string]string   // by id
	ids   map[string][]string // by name
}

func newLibraryIndex(list []vcenter.ContentLibrary) libraryIndex {
	x := libraryIndex{names: map[string]string{}, ids: map[string][]string{}}
	for _, l := range list {
		x.names[l.ID] = l.Name
		x.ids[l.Name] = append(x.ids[l.Name], l.ID)
	}
	return x
}

// meant gives the ids that a written name or id may stand for.
func (x libraryIndex) meant(written string) []string {
	if _, ok := x.names[written]; ok {
		return []string{written}
	}
	return x.ids[written]
}

// shown is the name where that is enough, and else the id.
func (x libraryIndex) shown(id string) string {
	if name := x.names[id]; name != "" && len(x.ids[name]) == 1 {
		return name
	}
	return id
}

// id gives the one library that written stands for.
func (x libraryIndex) id(where, written string) (string, error) {
	ids := x.meant(written)
	switch len(ids) {
	case 1:
		return ids[0], nil
	case 0:
		known := make([]string, 0, len(x.names))
		for id, name := range x.names {
			known = append(known, fmt.Sprintf("%s (%s)", name, id))
		}
		slices.Sort(known)
		return "", unknownName(where, "content library", written, known)
	}
	return "", &fault.Error{
		Kind: fault.Invalid, Where: where,
		Message: fmt.Sprintf("%d content libraries have the name %q: %s.", len(ids), written, strings.Join(ids, ", ")),
		Advice:  "Use the id in place of the name.",
	}
}

// libraries gives the index, which knows all that is written if that is possible
// at all.
func libraries(ctx context.Context, from catalog, written []string) (libraryIndex, error) {
	return lookTwice(from, func() (libraryIndex, error) {
		list, err := from.ContentLibraries(ctx)
		return newLibraryIndex(list), err
	}, func(x libraryIndex) bool {
		return !slices.ContainsFunc(written, func(text string) bool { return len(x.meant(text)) == 0 })
	})
}

// libraryIDs gives the ids of the libraries that m names.
func (m *model) libraryIDs(ctx context.Context, from catalog) ([]string, error) {
	ids := []string{}
	written := texts(m.ContentLibraries)
	if len(written) == 0 {
		return ids, nil
	}
	x, err := libraries(ctx, from, written)
	if err != nil {
		return nil, err
	}
	for _, text := range written {
		id, err := x.id(from.Where(), text)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// texts gives the known elements of a set or list of strings, sorted.
func texts(from interface{ Elements() []attr.Value }) []string {
	var all []string
	for _, element := range from.Elements() {
		if text, ok := element.(types.String); ok && !text.IsNull() && !text.IsUnknown() {
			all = append(all, text.ValueString())
		}
	}
	slices.Sort(all)
	return all
}

// needsLibraryNames: where all that is bound is written as an id, nobody has to
// be asked for names.
func (m *model) needsLibraryNames(live []vcenter.ContentLibrarySpec) bool {
	written := texts(m.ContentLibraries)
	return slices.ContainsFunc(live, func(l vcenter.ContentLibrarySpec) bool { return !slices.Contains(written, l.Library) })
}

// flattenLibraries keeps what was written of what is bound, and adds what else is.
func (m *model) flattenLibraries(live []vcenter.ContentLibrarySpec, x libraryIndex) {
	if len(live) == 0 && m.ContentLibraries.IsNull() {
		return
	}
	rest := make([]string, 0, len(live))
	for _, l := range live {
		rest = append(rest, l.Library)
	}
	kept := []attr.Value{}
	for _, written := range texts(m.ContentLibraries) {
		before := len(rest)
		rest = slices.DeleteFunc(rest, func(id string) bool { return id == written || slices.Contains(x.meant(written), id) })
		if len(rest) < before {
			kept = append(kept, types.StringValue(written))
		}
	}
	for _, id := range rest {
		kept = append(kept, types.StringValue(x.shown(id)))
	}
	m.ContentLibraries = types.SetValueMust(types.StringType, kept)
}

// libraries checks at plan that each library exists, and is named once.
func (p *planner) libraries(ctx context.Context, from api) (answered bool) {
	if p.plan.ContentLibraries.IsNull() || p.plan.ContentLibraries.IsUnknown() ||
		p.state != nil && p.plan.ContentLibraries.Equal(p.state.ContentLibraries) {
		return true
	}
	written := texts(p.plan.ContentLibraries)
	if len(written) == 0 {
		return true
	}
	at := path.Root("content_libraries")
	x, err := libraries(ctx, from, written)
	if err != nil {
		diags.AddAttributeError(p.diags, at, "Unable to read content libraries", p.plan.who(), err)
		return false
	}
	names := map[string]string{}
	for _, text := range written {
		id, err := x.id(from.Where(), text)
		if err != nil {
			diags.AddAttributeError(p.diags, at, "Unknown content library", p.plan.who(), err)
			continue
		}
		if other, twice := names[id]; twice {
			p.diags.AddAttributeError(at, "Duplicate content library", fmt.Sprintf(
				"%s\n\n%q and %q are the same content library. Name it once.", p.plan.who(), other, text))
		}
		names[id] = text
	}
	return true
}

// libraryChange gives the ids to bind when others are bound now, and nil when
// only the way to name them changed.
func (m *model) libraryChange(ctx context.Context, state *model, from catalog) (*[]string, error) {
	if m.ContentLibraries.Equal(state.ContentLibraries) {
		return nil, nil //nolint:nilnil // no change is no error
	}
	ids, err := m.libraryIDs(ctx, from)
	if err != nil {
		return nil, err
	}
	// What state names is bound, unless it was removed meanwhile.
	if bound, err := state.libraryIDs(ctx, from); err == nil {
		slices.Sort(bound)
		if slices.Equal(slices.Sorted(slices.Values(ids)), bound) {
			return nil, nil //nolint:nilnil // as above
		}
	}
	return &ids, nil
}

func addLibraryError(to *diag.Diagnostics, who string, err error) {
	diags.AddAttributeError(to, path.Root("content_libraries"), "Unable to resolve content libraries", who, err)
}

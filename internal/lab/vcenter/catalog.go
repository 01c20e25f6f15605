package vcenter

import (
	"net/http"
	"slices"
	"strings"
)

// inventoryRoutes serve what namespaces refer to.
func (v *VCenter) inventoryRoutes(handle func(string, version, handlerFunc)) {
	v.zoneRoutes(handle)
	v.classRoutes(handle)
	handle("GET /api/vcenter/storage/policies", v702, v.listPolicies)
	handle("GET /api/content/library", v7, v.listLibraries)
	handle("GET /api/content/library/{library}", v7, v.getLibrary)
	handle("POST /api/content/library", v7, v.findLibraries)
	handle("GET /api/appliance/system/version", v7, v.applianceVersion)
}

func (v *VCenter) policy(id string) (Policy, bool) {
	i := slices.IndexFunc(v.policies, func(p Policy) bool { return p.ID == id })
	if i < 0 {
		return Policy{}, false
	}
	return v.policies[i], true
}

func (v *VCenter) listPolicies(c *call) (any, error) {
	type item struct {
		Policy      string `json:"policy"`
		Name        string `json:"name"`
		Description string `json:"description"`
	}
	only := c.list("policies")
	v.mu.Lock()
	defer v.mu.Unlock()
	const most = 1024
	if len(v.policies) > most {
		return nil, fail(http.StatusInternalServerError, "ERROR", "vcenter.storage.policies.toomany", "More than %d storage policies.", most)
	}
	out := []item{}
	for _, p := range v.policies {
		if len(only) == 0 || slices.Contains(only, p.ID) {
			out = append(out, item{Policy: p.ID, Name: p.Name, Description: p.Description})
		}
	}
	return out, nil
}

const localLibrary = "/rest/com/vmware/content/local-library"

// buildLibraries makes content libraries in the simulator, so that its own API has them as well.
func (v *VCenter) buildLibraries() error {
	store := ""
	for _, ref := range v.registry().AllReference("Datastore") {
		store = ref.Reference().Value
	}
	for _, name := range v.opts.ContentLibraries {
		spec := map[string]any{"create_spec": map[string]any{
			"name": name, "type": "LOCAL", "storage_backings": []any{map[string]string{"type": "DATASTORE", "datastore_id": store}},
		}}
		var id string
		if err := v.rest.call(http.MethodPost, localLibrary, spec, &id); err != nil {
			return err
		}
	}
	return v.readLibraries()
}

// readLibraries also finds those that a client made through the simulator's API.
func (v *VCenter) readLibraries() error {
	var ids []string
	if err := v.rest.call(http.MethodGet, "/rest/com/vmware/content/library", nil, &ids); err != nil {
		return err
	}
	var libraries []ContentLibrary
	for _, id := range ids {
		var lib struct {
			Name string `json:"name"`
		}
		if err := v.rest.call(http.MethodGet, "/rest/com/vmware/content/library/id:"+id, nil, &lib); err != nil {
			return err
		}
		libraries = append(libraries, ContentLibrary{ID: id, Name: lib.Name})
	}
	slices.SortFunc(libraries, func(a, b ContentLibrary) int { return strings.Compare(a.Name, b.Name) })
	v.libraries = libraries
	return nil
}

// library looks one up, and once more at the simulator when it is new. The caller holds v.mu.
func (v *VCenter) library(id string) (ContentLibrary, bool) {
	byID := func(l ContentLibrary) bool { return l.ID == id }
	i := slices.IndexFunc(v.libraries, byID)
	if i < 0 && v.readLibraries() == nil {
		i = slices.IndexFunc(v.libraries, byID)
	}
	if i < 0 {
		return ContentLibrary{}, false
	}
	return v.libraries[i], true
}

func (v *VCenter) listLibraries(*call) (any, error) {
	return v.libraryList(func(ContentLibrary) bool { return true })
}

func (v *VCenter) libraryList(match func(ContentLibrary) bool) (any, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.readLibraries(); err != nil {
		return nil, err
	}
	ids := []string{}
	for _, l := range v.libraries {
		if match(l) {
			ids = append(ids, l.ID)
		}
	}
	return ids, nil
}

// findLibraries is POST ?action=find with a name.
func (v *VCenter) findLibraries(c *call) (any, error) {
	if c.URL.Query().Get("action") != "find" {
		return nil, routeAbsent()
	}
	var spec struct {
		Name string `json:"name"`
		Type string `json:"type"`
	}
	if err := c.decode(&spec); err != nil {
		return nil, err
	}
	return v.libraryList(func(l ContentLibrary) bool {
		return (spec.Name == "" || strings.EqualFold(spec.Name, l.Name)) && (spec.Type == "" || spec.Type == "LOCAL")
	})
}

func (v *VCenter) getLibrary(c *call) (any, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	l, ok := v.library(c.PathValue("library"))
	if !ok {
		return nil, notFound("The content library %s does not exist.", c.PathValue("library"))
	}
	return map[string]any{"id": l.ID, "name": l.Name, "type": "LOCAL", "description": ""}, nil
}

func (v *VCenter) applianceVersion(*call) (any, error) {
	return map[string]string{
		"version": v.version.String(), "build": "24755599", "product": "VMware vCenter Server",
		"type": "vCenter Server with an embedded Platform Services Controller", "summary": "", "releasedate": "", "install_time": "",
	}, nil
}

package vcenter

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// change kinds: create starts empty, update keeps what is not given, set clears it.
type changeKind int

const (
	createChange changeKind = iota
	updateChange
	setChange
)

// mergeCommon applies the fields that all writes share. Lists that are given replace the whole list.
func (v *VCenter) mergeCommon(r *record, s *commonSpec, kind changeKind) error {
	d := &r.spec
	keep := kind == updateChange
	if s.Description != nil || !keep {
		d.description = deref(s.Description)
	}
	base := d.quota
	if !keep {
		base = nil
	}
	q, err := base.merge(s.ResourceSpec, keep)
	if err != nil {
		return err
	}
	d.quota = q
	if s.AccessList != nil || !keep {
		if d.access, err = v.checkAccess(deref(s.AccessList)); err != nil {
			return err
		}
	}
	if s.StorageSpecs != nil || !keep {
		if d.storage, err = v.checkStorage(deref(s.StorageSpecs)); err != nil {
			return err
		}
	}
	if err := v.mergeVMService(d, s, keep); err != nil {
		return err
	}
	return r.mergeNewer(s, keep)
}

// mergeNewer applies what came with 9.1.
func (r *record) mergeNewer(s *commonSpec, keep bool) error {
	if s.Edges != nil || !keep {
		edges, err := checkEdges(r.sup, deref(s.Edges))
		if err != nil {
			return err
		}
		r.spec.edges = edges
	}
	if s.InfrastructurePolicies != nil || !keep {
		r.spec.infrastructurePolicies = slices.Clone(deref(s.InfrastructurePolicies))
	}
	return nil
}

func deref[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}

func (v *VCenter) checkAccess(list []accessSpec) ([]accessSpec, error) {
	var out []accessSpec
	for _, a := range list {
		if err := a.check(); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, a.samePrincipal) {
			return nil, invalid("access_list: %s@%s is there twice", a.Subject, a.Domain)
		}
		out = append(out, a)
	}
	return out, nil
}

func (a accessSpec) check() error {
	switch {
	case a.SubjectType != "USER" && a.SubjectType != "GROUP":
		return invalid("access_list: subject_type %q is neither USER nor GROUP", a.SubjectType)
	case a.Role != "OWNER" && a.Role != "EDIT" && a.Role != "VIEW":
		return invalid("access_list: role %q is none of OWNER, EDIT, VIEW", a.Role)
	case a.Subject == "" || a.Domain == "":
		return invalid("access_list: subject and domain are required")
	case strings.Contains(a.Subject, "@"):
		return invalid("access_list: the subject %q has a domain in it", a.Subject)
	}
	return a.checkProvider()
}

// checkProvider: owners come from vCenter's SSO only.
func (a accessSpec) checkProvider() error {
	if a.Role == "OWNER" && a.IdentityProvider != "" {
		return unsupported("The role OWNER is not supported for an external identity provider.")
	}
	return nil
}

func (a accessSpec) samePrincipal(b accessSpec) bool {
	return a.SubjectType == b.SubjectType && strings.EqualFold(a.Subject, b.Subject) && strings.EqualFold(a.Domain, b.Domain)
}

func (v *VCenter) checkStorage(specs []storageSpec) ([]storageSpec, error) {
	seen := map[string]bool{}
	for _, s := range specs {
		if _, ok := v.policy(s.Policy); !ok {
			return nil, invalid("The storage policy %s does not exist.", s.Policy)
		}
		if seen[s.Policy] {
			return nil, invalid("The storage policy %s is given twice.", s.Policy)
		}
		if s.Limit != nil && *s.Limit < 0 {
			return nil, invalid("The limit %d of the storage policy %s is negative.", *s.Limit, s.Policy)
		}
		seen[s.Policy] = true
	}
	return slices.Clone(specs), nil
}

// mergeVMService merges the two lists of libraries. An update that gives vm_service_spec replaces the classes, by
// none when the field is missing: that is how an empty object loses them all.
func (v *VCenter) mergeVMService(d *desired, s *commonSpec, keep bool) error {
	if s.VMServiceSpec != nil || !keep {
		classes := deref(s.VMServiceSpec).VMClasses
		for _, name := range classes {
			if v.classes[name] == nil {
				return invalid("The virtual machine class %s does not exist.", name)
			}
		}
		d.classes = compact(classes)
	}
	if s.VMServiceSpec == nil && s.ContentLibraries == nil && keep {
		return nil
	}
	libraries, err := v.mergeLibraries(d.libraries, s, keep)
	if err != nil {
		return err
	}
	d.libraries = libraries
	return nil
}

func (v *VCenter) mergeLibraries(have []librarySpec, s *commonSpec, keep bool) ([]librarySpec, error) {
	out := slices.Clone(deref(s.ContentLibraries))
	named := func(id string) func(librarySpec) bool {
		return func(l librarySpec) bool { return l.ContentLibrary == id }
	}
	for _, id := range deref(s.VMServiceSpec).ContentLibraries {
		if slices.ContainsFunc(out, named(id)) {
			continue // the settings of content_libraries win
		}
		l := librarySpec{ContentLibrary: id}
		if i := slices.IndexFunc(have, named(id)); keep && i >= 0 && s.ContentLibraries == nil {
			l = have[i]
		}
		out = append(out, l)
	}
	for i, l := range out {
		if _, ok := v.library(l.ContentLibrary); !ok {
			return nil, invalid("The content library %s does not exist.", l.ContentLibrary)
		}
		if l.Writable == nil {
			out[i].Writable = types.NewBool(false)
		}
		if l.AllowImport == nil {
			out[i].AllowImport = types.NewBool(false)
		}
		if slices.IndexFunc(out, named(l.ContentLibrary)) != i {
			return nil, invalid("The content library %s is given twice.", l.ContentLibrary)
		}
	}
	if keep && s.ContentLibraries == nil {
		for _, l := range have {
			if *l.Writable && !slices.ContainsFunc(out, named(l.ContentLibrary)) {
				return nil, invalid("The writable content library %s cannot be removed through vm_service_spec alone.", l.ContentLibrary)
			}
		}
	}
	return out, nil
}

func compact(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func checkEdges(s *supervisor, edges []edgeSpec) ([]edgeSpec, error) {
	switch {
	case len(edges) == 0:
		return nil, nil
	case s.NetworkProvider == NetworkVDS:
		return nil, unsupported("The network provider %s has no edges.", s.NetworkProvider)
	case len(edges) > 1:
		return nil, invalid("At most one edge is supported.")
	case edges[0].ID == "" || edges[0].EdgeProvider != "NSX_REGISTERED_AVI":
		return nil, invalid("The edge needs an id and the provider NSX_REGISTERED_AVI.")
	}
	return slices.Clone(edges), nil
}

// came tells with which release a field of a spec came.
var came = map[string]version{
	"vm_service_spec": v702, "creator": v702, "namespace_network": v702, "content_libraries": v802,
	"zones": v9, "network_spec": v9, "edges": v91, "infrastructure_policies": v91,
}

// checkVersion refuses fields that this release does not know.
func (v *VCenter) checkVersion(body []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return invalid("The request body is not valid: %v", err)
	}
	for name, value := range fields {
		since, ok := came[strings.ToLower(name)]
		if ok && !v.version.atLeast(since) && string(value) != "null" {
			return invalid("The field %s is unknown in version %s.", name, v.version)
		}
	}
	return nil
}

package vcenter

import "slices"

type accessInfo struct {
	Role             string `json:"role"`
	IdentityProvider string `json:"identity_provider,omitempty"`
	Inherited        bool   `json:"inherited"`
}

type accessWrite struct {
	Role             string `json:"role"`
	IdentityProvider string `json:"identity_provider"`
}

// accessList has the system's own entries too: a client that takes the list for its own sees drift.
func (v *VCenter) accessList(r *record) []accessSpec {
	out := append([]accessSpec{}, r.spec.access...)
	for _, a := range v.opts.SystemAccess {
		if spec := accessSpec(a); !slices.ContainsFunc(out, spec.samePrincipal) {
			out = append(out, spec)
		}
	}
	return out
}

// principalOf reads who is meant. The type is required with all four verbs.
func (v *VCenter) principalOf(c *call) (*record, accessSpec, error) {
	r, err := v.find(c)
	if err != nil {
		return nil, accessSpec{}, err
	}
	p := accessSpec{SubjectType: c.URL.Query().Get("type"), Domain: c.PathValue("domain"), Subject: c.PathValue("subject")}
	if p.SubjectType != "USER" && p.SubjectType != "GROUP" {
		return nil, p, invalid("The query parameter type must be USER or GROUP.")
	}
	return r, p, nil
}

// noAccess is what the API says of a principal without access: not a 404, which would mean the namespace.
func noAccess(p accessSpec) error {
	return unsupported("%s@%s has no access to the namespace.", p.Subject, p.Domain)
}

func (v *VCenter) getAccess(c *call) (any, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	r, p, err := v.principalOf(c)
	if err != nil {
		return nil, err
	}
	list := v.accessList(r)
	i := slices.IndexFunc(list, p.samePrincipal)
	if i < 0 {
		return nil, noAccess(p)
	}
	inherited := !slices.ContainsFunc(r.spec.access, p.samePrincipal)
	return accessInfo{Role: list[i].Role, IdentityProvider: list[i].IdentityProvider, Inherited: inherited}, nil
}

func (v *VCenter) createAccess(c *call) (any, error) {
	return nil, v.writeAccess(c, func(r *record, p accessSpec) error {
		if slices.ContainsFunc(v.accessList(r), p.samePrincipal) {
			return alreadyExists("%s@%s has access to the namespace already.", p.Subject, p.Domain)
		}
		r.spec.access = append(slices.Clone(r.spec.access), p)
		return nil
	})
}

func (v *VCenter) setAccess(c *call) (any, error) {
	return nil, v.writeAccess(c, func(r *record, p accessSpec) error {
		i := slices.IndexFunc(r.spec.access, p.samePrincipal)
		if i < 0 {
			return noAccess(p)
		}
		r.spec.access = slices.Clone(r.spec.access)
		r.spec.access[i] = p
		return nil
	})
}

func (v *VCenter) writeAccess(c *call, apply func(*record, accessSpec) error) error {
	var w accessWrite
	if err := c.decode(&w); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	r, p, err := v.principalOf(c)
	if err != nil {
		return err
	}
	p.Role, p.IdentityProvider = w.Role, w.IdentityProvider
	if err := p.check(); err != nil {
		return err
	}
	return v.accessChanged(r, p, apply)
}

func (v *VCenter) deleteAccess(c *call) (any, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	r, p, err := v.principalOf(c)
	if err != nil {
		return nil, err
	}
	return nil, v.accessChanged(r, p, func(r *record, p accessSpec) error {
		if !slices.ContainsFunc(r.spec.access, p.samePrincipal) {
			return noAccess(p) // the system's own entries cannot be taken away either
		}
		r.spec.access = slices.DeleteFunc(slices.Clone(r.spec.access), p.samePrincipal)
		return nil
	})
}

// accessChanged brings the grant to the Supervisor like any other change.
func (v *VCenter) accessChanged(r *record, p accessSpec, apply func(*record, accessSpec) error) error {
	if r.status == removing {
		return unsupported("The namespace %s is marked for deletion.", r.name)
	}
	if err := apply(r, p); err != nil {
		return err
	}
	v.reconfigure(r)
	return nil
}

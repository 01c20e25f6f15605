package vcenter

import (
	"slices"

	"github.com/vmware/govmomi/vim25/mo"
)

// What tests and the rest of the lab turn by hand.

// SetNamespaceError puts a namespace into ERROR with these messages, or one of that name as soon as it is created.
// Without messages the namespace recovers.
func (v *VCenter) SetNamespaceError(name string, messages ...string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(messages) == 0 {
		delete(v.forced, name)
	} else {
		v.forced[name] = messages
	}
	if r := v.namespaces[name]; r != nil && r.status != removing {
		r.status, r.messages = configuring, nil
		r.changed()
	}
}

// SetSupervisorEndpoint tells vCenter where the Supervisor's API is, and its CA.
func (v *VCenter) SetSupervisorEndpoint(id, endpoint, caPEM string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s := v.supervisorByID(id); s != nil {
		s.Endpoint, s.CAPEM = endpoint, caPEM
	}
}

// SetSupervisorStatus sets config_status and kubernetes_status.
func (v *VCenter) SetSupervisorStatus(id, config, kubernetes string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s := v.supervisorByID(id); s != nil {
		s.configStatus, s.kubernetesStatus = config, kubernetes
	}
}

// ExpireSessions ends all sessions, REST and SOAP.
func (v *VCenter) ExpireSessions() {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.sessions)
	for id := range v.soapSessions {
		v.soapEnded[id] = true
	}
	clear(v.soapSessions)
}

// Sessions counts the open REST sessions: a client that forgets to log out leaves some.
func (v *VCenter) Sessions() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.sessions)
}

// AddPolicy adds a storage policy.
func (v *VCenter) AddPolicy(p Policy) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.policies = append(slices.Clone(v.policies), p)
}

// Policies are the storage policies.
func (v *VCenter) Policies() []Policy {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.policies)
}

// Classes are all VM classes by name.
func (v *VCenter) Classes() map[string]VMClass {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := map[string]VMClass{}
	for name, c := range v.classes {
		out[name] = c.VMClass
	}
	return out
}

// Namespaces are the names of all vSphere Namespaces, those being removed too.
func (v *VCenter) Namespaces() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.sortedNames()
}

// Namespace is the current desired state of one, and its config_status.
func (v *VCenter) Namespace(name string) (ns Namespace, status string, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	r := v.namespaces[name]
	if r == nil {
		return Namespace{}, "", false
	}
	return v.snapshot(r), r.status, true
}

// Supervisors are the Supervisors with what was made up for them.
func (v *VCenter) Supervisors() []Supervisor {
	v.mu.Lock()
	defer v.mu.Unlock()
	var out []Supervisor
	for _, s := range v.supervisors {
		out = append(out, s.Supervisor)
	}
	return out
}

// Authenticate checks a login as vCenter's SSO would; the Supervisor's login uses the same accounts.
func (v *VCenter) Authenticate(login, password string) (user User, admin, ok bool) {
	a := v.authenticate(login, password)
	if a == nil {
		return User{}, false, false
	}
	return a.User, a.admin, true
}

// SetHostUsage sets what a host (by name) uses, in MHz and MiB.
func (v *VCenter) SetHostUsage(name string, cpuMHz, memoryMiB int32) {
	for _, c := range v.inv.clusters {
		v.hosts(c.ref, func(h *mo.HostSystem) {
			if h.Name == name {
				h.Summary.QuickStats.OverallCpuUsage, h.Summary.QuickStats.OverallMemoryUsage = cpuMHz, memoryMiB
			}
		})
	}
}

package vcenter

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

const instances = "/api/vcenter/namespaces/instances"

// namespaceRoutes: what was made on v2 is changed and deleted on v1, there is no other way.
func (v *VCenter) namespaceRoutes(handle func(string, version, handlerFunc)) {
	one := instances + "/{namespace}"
	access := one + "/access/{domain}/{subject}"
	handle("GET "+instances, v7, v.listNamespaces(false))
	handle("POST "+instances, v7, v.createNamespace(false))
	handle("GET "+one, v7, v.getNamespace(false))
	handle("PATCH "+one, v7, v.updateNamespace)
	handle("PUT "+one, v7, v.setNamespace)
	handle("DELETE "+one, v7, v.deleteNamespace)
	handle("GET "+instances+"/v2", v8001, v.listNamespaces(true))
	handle("POST "+instances+"/v2", v8001, v.createNamespace(true))
	handle("GET "+instances+"/v2/{namespace}", v8001, v.getNamespace(true))
	handle("POST "+one+"/registervm", v803, v.registerVM)
	handle("DELETE "+one+"/zones/{zone}", v9, v.removeZone)
	handle("GET "+access, v7, v.getAccess)
	handle("POST "+access, v7, v.createAccess)
	handle("PUT "+access, v7, v.setAccess)
	handle("DELETE "+access, v7, v.deleteAccess)
	handle("GET /api/vcenter/namespaces-user/namespaces", v7, v.listOwnNamespaces)
}

func (v *VCenter) sortedNames() []string { return slices.Sorted(maps.Keys(v.namespaces)) }

func (v *VCenter) listNamespaces(v2 bool) handlerFunc {
	return func(c *call) (any, error) {
		v.mu.Lock()
		out := []summary{}
		for _, name := range v.sortedNames() {
			r := v.namespaces[name]
			if time.Now().After(r.appears) && v.maySee(c.user, r) {
				out = append(out, v.summarize(r, v2))
			}
		}
		v.mu.Unlock()
		for i := range out {
			out[i].Stats = v.statsFor(c.Context(), out[i].Namespace)
		}
		return out, nil
	}
}

// maySee: the list is filtered by what the caller may read. Administrators and read-only users read all.
func (v *VCenter) maySee(user *account, r *record) bool {
	return user.admin || user.ReadOnly || v.grants(user, r)
}

func (v *VCenter) grants(user *account, r *record) bool {
	return slices.ContainsFunc(v.accessList(r), func(a accessSpec) bool {
		if a.SubjectType == "GROUP" {
			return user.inGroup(a.Subject, a.Domain)
		}
		return strings.EqualFold(a.Subject, user.name) && strings.EqualFold(a.Domain, user.domain)
	})
}

// find looks up the namespace of a path. The caller holds v.mu.
func (v *VCenter) find(c *call) (*record, error) {
	r := v.namespaces[c.PathValue("namespace")]
	if r == nil || time.Now().Before(r.appears) {
		return nil, notFound("The namespace %s does not exist.", c.PathValue("namespace"))
	}
	return r, nil
}

func (v *VCenter) getNamespace(v2 bool) handlerFunc {
	return func(c *call) (any, error) {
		v.mu.Lock()
		r, err := v.find(c)
		if err != nil {
			v.mu.Unlock()
			return nil, err
		}
		out := v.describe(r, v2)
		v.mu.Unlock()
		out.Stats = v.statsFor(c.Context(), r.name)
		return out, nil
	}
}

func (v *VCenter) createNamespace(v2 bool) handlerFunc {
	return func(c *call) (any, error) {
		var spec createSpec
		if err := c.decode(&spec); err != nil {
			return nil, err
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		sup, err := v.placement(&spec, v2)
		if err != nil {
			return nil, err
		}
		if err := v.checkName(spec.Namespace); err != nil {
			return nil, err
		}
		if err := v.checkVersion(c.body); err != nil {
			return nil, err
		}
		r := &record{
			name: spec.Namespace, sup: sup, status: configuring, wake: make(chan struct{}, 1),
			appears: time.Now().Add(v.opts.AppearDelay), pools: map[string]types.ManagedObjectReference{},
		}
		if err := v.fill(r, &spec); err != nil {
			return nil, err
		}
		r.generation = 1
		v.namespaces[r.name] = r
		v.work.Go(func() { v.live(r) })
		return nil, nil
	}
}

// placement finds the Supervisor: by id with v2, by one of its compute clusters with v1.
func (v *VCenter) placement(spec *createSpec, v2 bool) (*supervisor, error) {
	var s *supervisor
	switch {
	case v2 && spec.Cluster != "":
		return nil, invalid("The field cluster is unknown.")
	case !v2 && (spec.Supervisor != "" || spec.Zones != nil || spec.NetworkSpec != nil):
		return nil, invalid("The fields supervisor, zones and network_spec are unknown.")
	case v2:
		if s = v.supervisorByID(spec.Supervisor); s == nil {
			return nil, notFound("The Supervisor %s does not exist.", spec.Supervisor)
		}
	default:
		if _, ok := v.inv.byID(spec.Cluster); !ok {
			return nil, notFound("The cluster %s does not exist.", spec.Cluster)
		}
		if s = v.supervisorOf(spec.Cluster); s == nil {
			return nil, unsupported("The cluster %s is not enabled for Workload Management.", spec.Cluster)
		}
	}
	if s.configStatus == removing {
		return nil, notAllowed("The Supervisor %s is being disabled.", s.Name)
	}
	return s, nil
}

// fill makes the desired state of a new namespace.
func (v *VCenter) fill(r *record, spec *createSpec) error {
	if err := v.fillNetworks(r, spec); err != nil {
		return err
	}
	if err := v.mergeCommon(r, &spec.commonSpec, createChange); err != nil {
		return err
	}
	if spec.Creator != nil {
		r.spec.creator = spec.Creator
	}
	zones := spec.Zones
	if len(zones) == 0 {
		// Without zones the namespace gets all those of its Supervisor.
		for _, z := range r.sup.zones {
			zones = append(zones, zoneSpec{Name: z.name})
		}
	}
	return v.mergeZones(r, zones)
}

func (v *VCenter) updateNamespace(c *call) (any, error) {
	var spec updateSpec
	if err := c.decode(&spec); err != nil {
		return nil, err
	}
	return nil, v.change(c, func(r *record) error {
		if err := v.mergeCommon(r, &spec.commonSpec, updateChange); err != nil {
			return err
		}
		if err := v.changeNetworks(r, spec.NetworkSpec, updateChange); err != nil {
			return err
		}
		// Unlike every other list, zones are merged: those that are not listed stay.
		return v.mergeZones(r, spec.Zones)
	})
}

func (v *VCenter) setNamespace(c *call) (any, error) {
	var spec setSpec
	if err := c.decode(&spec); err != nil {
		return nil, err
	}
	return nil, v.change(c, func(r *record) error {
		if err := v.mergeCommon(r, &spec.commonSpec, setChange); err != nil {
			return err
		}
		return v.changeNetworks(r, spec.NetworkSpec, setChange)
	})
}

// change applies all of a write to a copy first, so that a refused one leaves nothing behind.
func (v *VCenter) change(c *call, apply func(*record) error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	r, err := v.find(c)
	if err != nil {
		return err
	}
	if r.status == removing {
		return notAllowed("The namespace %s is marked for deletion.", r.name)
	}
	if err := v.checkVersion(c.body); err != nil {
		return err
	}
	trial := &record{name: r.name, sup: r.sup, spec: r.spec, zones: slices.Clone(r.zones)}
	if err := apply(trial); err != nil {
		return err
	}
	r.spec, r.zones = trial.spec, trial.zones
	v.reconfigure(r)
	return nil
}

// reconfigure starts a new generation. The caller holds v.mu.
func (v *VCenter) reconfigure(r *record) {
	if r.status == running {
		r.staleUntil = time.Now().Add(v.opts.StaleDelay)
	}
	r.status, r.messages = configuring, nil
	r.changed()
}

// deleteNamespace only marks it: the object reports REMOVING for a while, then it is 404. All in it goes too.
func (v *VCenter) deleteNamespace(c *call) (any, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	r, err := v.find(c)
	if err != nil {
		return nil, err
	}
	if r.status != removing {
		r.status, r.messages = removing, nil
		r.changed()
	}
	return nil, nil
}

func (v *VCenter) registerVM(c *call) (any, error) {
	var spec struct {
		VM string `json:"vm"`
	}
	if err := c.decode(&spec); err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, err := v.find(c); err != nil {
		return nil, err
	}
	if v.registry().Get(types.ManagedObjectReference{Type: "VirtualMachine", Value: spec.VM}) == nil {
		return nil, notFound("The virtual machine %s does not exist.", spec.VM)
	}
	return "task-" + spec.VM, nil
}

// listOwnNamespaces is what the caller, or the user in the query, may use.
func (v *VCenter) listOwnNamespaces(c *call) (any, error) {
	type item struct {
		Namespace  string `json:"namespace"`
		MasterHost string `json:"master_host"`
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	user := c.user
	if name := c.URL.Query().Get("username"); name != "" {
		if user = v.accounts[strings.ToLower(name)]; user == nil {
			user = newAccount(name, User{}, false)
		}
	}
	out := []item{}
	for _, name := range v.sortedNames() {
		if r := v.namespaces[name]; user.admin || v.grants(user, r) {
			out = append(out, item{Namespace: name, MasterHost: r.sup.host()})
		}
	}
	return out, nil
}

// A cached usage spares the Supervisor when many namespaces are listed.
const usageAge = time.Second

type cachedUsage struct {
	at    time.Time
	stats statsInfo
}

// statsFor asks the other side what pods request. It may be slow, so v.mu must not be held.
func (v *VCenter) statsFor(ctx context.Context, name string) statsInfo {
	v.mu.Lock()
	cached, ok := v.usage[name]
	v.mu.Unlock()
	if ok && time.Since(cached.at) < usageAge {
		return cached.stats
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	s, err := v.opts.Hooks.Usage(ctx, name)
	if err != nil {
		return statsInfo{} // a namespace without statistics has none yet
	}
	stats := statsInfo{CPUUsed: s.CPUUsedMHz, MemoryUsed: s.MemoryUsedMiB, StorageUsed: s.StorageUsedMiB}
	v.consume(name, stats)
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, there := v.namespaces[name]; there {
		v.usage[name] = cachedUsage{at: time.Now(), stats: stats}
	}
	return stats
}

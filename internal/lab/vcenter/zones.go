package vcenter

import (
	"slices"

	"github.com/vmware/govmomi/vim25/mo"
)

const consumptionDomains = "/api/vcenter/consumption-domains"

// mergeZones adds or updates the zones that are given and leaves the others.
func (v *VCenter) mergeZones(r *record, specs []zoneSpec) error {
	seen := map[string]bool{}
	for _, s := range specs {
		bound := r.sup.zone(s.Name)
		switch {
		case bound == nil:
			return invalid("The zone %q is not bound to the Supervisor %s.", s.Name, r.sup.Name)
		case seen[s.Name]:
			return invalid("The zone %s is given twice.", s.Name)
		}
		seen[s.Name] = true
		if err := v.checkZone(s); err != nil {
			return err
		}
		next := &zoneState{spec: s, kind: bound.kind, clusters: bound.clusters}
		i := slices.IndexFunc(r.zones, func(z *zoneState) bool { return z.spec.Name == s.Name })
		switch {
		case i < 0:
			r.zones = append(r.zones, next)
		case r.zones[i].removing:
			return notAllowed("The zone %s is being removed from the namespace.", s.Name)
		default:
			r.zones[i] = next
		}
	}
	return nil
}

func (v *VCenter) checkZone(s zoneSpec) error {
	for _, pair := range [][2]*int64{{s.CPUReservationMHz, s.CPULimitMHz}, {s.MemoryReservationMiB, s.MemoryLimitMiB}} {
		reservation, limit := pair[0], pair[1]
		if reservation != nil && *reservation < 0 || limit != nil && *limit < 0 {
			return invalid("zones: a limit or reservation of the zone %s is negative.", s.Name)
		}
		if reservation != nil && limit != nil && *reservation > *limit {
			return invalid("zones: a reservation of the zone %s is above its limit.", s.Name)
		}
	}
	for _, res := range s.VMReservations {
		if v.classes[res.ReservedVMClass] == nil {
			return invalid("The virtual machine class %s does not exist.", res.ReservedVMClass)
		}
		if res.Count < 0 {
			return invalid("zones: the count of %s is negative.", res.ReservedVMClass)
		}
	}
	return nil
}

// removeZone marks the zone; it is gone once it is drained. The last one cannot go.
func (v *VCenter) removeZone(c *call) (any, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	r, err := v.find(c)
	if err != nil {
		return nil, err
	}
	z := r.zone(c.PathValue("zone"))
	left := slices.ContainsFunc(r.zones, func(other *zoneState) bool { return other != z && !other.removing })
	switch {
	case r.status == removing:
		return nil, notAllowed("The namespace %s is marked for deletion.", r.name)
	case z == nil:
		return nil, notFound("The namespace %s has no zone %s.", r.name, c.PathValue("zone"))
	case z.removing:
		return nil, nil
	case !left:
		return nil, invalid("The zone %s is the last one of the namespace.", z.spec.Name)
	}
	marked := *z
	marked.removing = true
	r.zones = slices.Clone(r.zones)
	r.zones[slices.Index(r.zones, z)] = &marked
	r.changed()
	v.work.Go(func() { v.drainZone(r, marked.spec.Name) })
	return nil, nil
}

func (v *VCenter) zoneRoutes(handle func(string, version, handlerFunc)) {
	handle("GET "+consumptionDomains+"/zones", v8001, v.listZones)
	handle("GET "+consumptionDomains+"/zones/{zone}", v8001, v.getZone)
	handle("GET "+consumptionDomains+"/zones/{zone}/capacity/summary", v91, v.zoneCapacity)
	handle("GET "+consumptionDomains+"/zone-associations/cluster", v8001, v.zoneAssociations)
}

type zoneDescription struct {
	Description string `json:"description"`
}

func (v *VCenter) listZones(c *call) (any, error) {
	type item struct {
		Zone string          `json:"zone"`
		Info zoneDescription `json:"info"`
	}
	only := c.list("zones")
	v.mu.Lock()
	defer v.mu.Unlock()
	items := []item{}
	v.eachZone(func(_ *supervisor, z *supervisorZone) {
		if len(only) == 0 || slices.Contains(only, z.name) {
			items = append(items, item{Zone: z.name, Info: zoneDescription{v.zones[z.name]}})
		}
	})
	return map[string]any{"items": items}, nil
}

func (v *VCenter) eachZone(do func(*supervisor, *supervisorZone)) {
	for _, s := range v.supervisors {
		for i := range s.zones {
			do(s, &s.zones[i])
		}
	}
}

func (v *VCenter) getZone(c *call) (any, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	description, ok := v.zones[c.PathValue("zone")]
	if !ok {
		return nil, notFound("The zone %s does not exist.", c.PathValue("zone"))
	}
	return zoneDescription{description}, nil
}

type capacity struct {
	Total    int64 `json:"total"`
	Reserved int64 `json:"reserved"`
	Consumed int64 `json:"consumed"`
}

func (v *VCenter) zoneCapacity(c *call) (any, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var cpu, memory capacity
	found := false
	v.eachZone(func(_ *supervisor, z *supervisorZone) {
		if z.name != c.PathValue("zone") {
			return
		}
		found = true
		for _, cl := range z.clusters {
			v.hosts(cl.ref, func(h *mo.HostSystem) {
				cpu.Total += int64(h.Summary.Hardware.CpuMhz) * int64(h.Summary.Hardware.NumCpuCores)
				cpu.Consumed += int64(h.Summary.QuickStats.OverallCpuUsage)
				memory.Total += h.Summary.Hardware.MemorySize >> 20
				memory.Consumed += int64(h.Summary.QuickStats.OverallMemoryUsage)
			})
		}
	})
	if !found {
		return nil, notFound("The zone %s does not exist.", c.PathValue("zone"))
	}
	for _, r := range v.namespaces {
		if z := r.zone(c.PathValue("zone")); z != nil {
			cpu.Reserved += deref(z.spec.CPUReservationMHz)
			memory.Reserved += deref(z.spec.MemoryReservationMiB)
		}
	}
	return map[string]any{"cpu": cpu, "memory": memory, "vm_resource_profiles": map[string]capacity{}}, nil
}

func (v *VCenter) zoneAssociations(c *call) (any, error) {
	type item struct {
		Zone    string `json:"zone"`
		Cluster string `json:"cluster"`
		State   string `json:"state,omitempty"` // 9.1
	}
	zones, clusters := c.list("zones"), c.list("clusters")
	v.mu.Lock()
	defer v.mu.Unlock()
	state := ""
	if v.version.atLeast(v91) {
		state = "ASSOCIATED"
	}
	out := []item{}
	v.eachZone(func(_ *supervisor, z *supervisorZone) {
		for _, cl := range z.clusters {
			if (len(zones) == 0 || slices.Contains(zones, z.name)) && (len(clusters) == 0 || slices.Contains(clusters, cl.ref.Value)) {
				out = append(out, item{Zone: z.name, Cluster: cl.ref.Value, State: state})
			}
		}
	})
	return map[string]any{"associations": out}, nil
}

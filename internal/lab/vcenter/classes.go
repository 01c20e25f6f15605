package vcenter

import (
	"maps"
	"slices"
)

type vmClass struct {
	VMClass
}

// defaultClasses are the sixteen that Workload Management comes with: eight sizes, with all or nothing reserved.
func defaultClasses() map[string]*vmClass {
	sizes := []struct {
		name      string
		cpus, gib int64
	}{
		{"xsmall", 2, 2},
		{"small", 2, 4},
		{"medium", 2, 8},
		{"large", 4, 16},
		{"xlarge", 4, 32},
		{"2xlarge", 8, 64},
		{"4xlarge", 16, 128},
		{"8xlarge", 32, 128},
	}
	classes := map[string]*vmClass{}
	for _, s := range sizes {
		for prefix, reserved := range map[string]int64{"best-effort-": 0, "guaranteed-": 100} {
			name := prefix + s.name
			classes[name] = &vmClass{VMClass{
				Name: name, CPUs: s.cpus, MemoryMiB: s.gib << 10, CPUReservationPercent: reserved, MemoryReservationPercent: reserved,
			}}
		}
	}
	return classes
}

type classInfo struct {
	ID       string `json:"id"`
	CPUCount int64  `json:"cpu_count"`
	// The description of 9.1 says memory_mb; 7.0.3's, and the wire, say this.
	MemoryMB          int64         `json:"memory_MB"`
	CPUReservation    *int64        `json:"cpu_reservation,omitempty"` // percent
	MemoryReservation *int64        `json:"memory_reservation,omitempty"`
	Description       string        `json:"description"`
	Namespaces        []string      `json:"namespaces"`
	VMs               []string      `json:"vms"`
	ConfigStatus      string        `json:"config_status"`
	Messages          []messageInfo `json:"messages"`
}

type classSpec struct {
	ID                string         `json:"id"`
	CPUCount          *int64         `json:"cpu_count"`
	MemoryMB          *int64         `json:"memory_MB"`
	CPUReservation    *int64         `json:"cpu_reservation"`
	MemoryReservation *int64         `json:"memory_reservation"`
	Description       *string        `json:"description"`
	Devices           map[string]any `json:"devices"`
	InstanceStorage   map[string]any `json:"instance_storage"`
	ConfigSpec        map[string]any `json:"config_spec"`
}

func (v *VCenter) classRoutes(handle func(string, version, handlerFunc)) {
	all := management + "/virtual-machine-classes"
	handle("GET "+all, v702, v.listClasses)
	handle("POST "+all, v702, v.createClass)
	handle("GET "+all+"/{class}", v702, v.getClass)
	handle("PATCH "+all+"/{class}", v702, v.updateClass)
	handle("DELETE "+all+"/{class}", v702, v.deleteClass)
}

// boundTo lists the namespaces with the class. The caller holds v.mu.
func (v *VCenter) boundTo(class string) []string {
	out := []string{}
	for _, name := range v.sortedNames() {
		if slices.Contains(v.namespaces[name].spec.classes, class) {
			out = append(out, name)
		}
	}
	return out
}

func (v *VCenter) classInfo(c *vmClass) classInfo {
	i := classInfo{
		ID: c.Name, CPUCount: c.CPUs, MemoryMB: c.MemoryMiB, Description: c.Description,
		Namespaces: v.boundTo(c.Name), VMs: []string{}, ConfigStatus: "READY", Messages: []messageInfo{},
	}
	if c.CPUReservationPercent > 0 {
		i.CPUReservation = &c.CPUReservationPercent
	}
	if c.MemoryReservationPercent > 0 {
		i.MemoryReservation = &c.MemoryReservationPercent
	}
	return i
}

func (v *VCenter) listClasses(*call) (any, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := []classInfo{}
	for _, name := range slices.Sorted(maps.Keys(v.classes)) {
		out = append(out, v.classInfo(v.classes[name]))
	}
	return out, nil
}

func (v *VCenter) getClass(c *call) (any, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	class := v.classes[c.PathValue("class")]
	if class == nil {
		return nil, notFound("The virtual machine class %s does not exist.", c.PathValue("class"))
	}
	return v.classInfo(class), nil
}

func (v *VCenter) createClass(c *call) (any, error) {
	var spec classSpec
	if err := c.decode(&spec); err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case !label.MatchString(spec.ID):
		return nil, invalid("The class name %q is not valid.", spec.ID)
	case v.classes[spec.ID] != nil:
		return nil, alreadyExists("The virtual machine class %s already exists.", spec.ID)
	case spec.CPUCount == nil || spec.MemoryMB == nil:
		return nil, invalid("cpu_count and memory_MB are required.")
	}
	class := VMClass{Name: spec.ID}
	if err := spec.onto(&class); err != nil {
		return nil, err
	}
	v.classes[spec.ID] = &vmClass{class}
	return nil, nil
}

func (s *classSpec) onto(c *VMClass) error {
	for field, value := range map[*int64]*int64{
		&c.CPUs: s.CPUCount, &c.MemoryMiB: s.MemoryMB,
		&c.CPUReservationPercent: s.CPUReservation, &c.MemoryReservationPercent: s.MemoryReservation,
	} {
		if value != nil {
			*field = *value
		}
	}
	if s.Description != nil {
		c.Description = *s.Description
	}
	if c.CPUs < 1 || c.MemoryMiB < 4 || c.CPUReservationPercent > 100 || c.MemoryReservationPercent > 100 {
		return invalid("The virtual machine class %s has a size or reservation out of range.", c.Name)
	}
	return nil
}

func (v *VCenter) updateClass(c *call) (any, error) {
	var spec classSpec
	if err := c.decode(&spec); err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	class := v.classes[c.PathValue("class")]
	if class == nil {
		return nil, notFound("The virtual machine class %s does not exist.", c.PathValue("class"))
	}
	next := class.VMClass
	if err := spec.onto(&next); err != nil {
		return nil, err
	}
	v.classes[next.Name] = &vmClass{next}
	for _, name := range v.boundTo(next.Name) {
		if r := v.namespaces[name]; r.status != removing {
			v.reconfigure(r)
		}
	}
	return nil, nil
}

func (v *VCenter) deleteClass(c *call) (any, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	name := c.PathValue("class")
	switch {
	case v.classes[name] == nil:
		return nil, notFound("The virtual machine class %s does not exist.", name)
	case len(v.boundTo(name)) > 0:
		return nil, fail(400, "RESOURCE_IN_USE", "vcenter.wcp.vmclass.in.use", "The virtual machine class %s is in use.", name)
	}
	delete(v.classes, name)
	return nil, nil
}

package vcenter

import (
	"crypto/sha256"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
)

// supervisor is a Supervisor with its zones resolved to compute clusters. Guarded by VCenter.mu.
type supervisor struct {
	Supervisor

	zones            []supervisorZone
	configStatus     string
	kubernetesStatus string
}

type supervisorZone struct {
	name, kind string
	clusters   []cluster
}

const maxDefaultZones = 3

func (v *VCenter) buildSupervisors() error {
	taken := map[string]bool{}
	for _, in := range v.opts.Supervisors {
		for _, z := range in.Zones {
			for _, c := range z.Clusters {
				if taken[c] {
					return fmt.Errorf("cluster %s is in two zones", c)
				}
				taken[c] = true
			}
		}
	}
	for _, in := range v.opts.Supervisors {
		s := &supervisor{Supervisor: in, configStatus: running, kubernetesStatus: "READY"}
		def(&s.NetworkProvider, NetworkVDS)
		def(&s.ServiceCIDR, "172.31.0.0/22")
		def(&s.WorkloadCIDR, "10.244.0.0/20")
		for _, own := range []string{s.ServiceCIDR, s.WorkloadCIDR} {
			if _, err := netip.ParsePrefix(own); err != nil {
				return fmt.Errorf("supervisor %s: %w", s.Name, err)
			}
		}
		def(&s.ID, uuid.NewHash(sha256.New(), uuid.NameSpaceURL, []byte(s.Name), 5).String())
		if s.Networks == nil {
			s.Networks = []string{defaultNet}
		}
		if s.Zones == nil {
			s.Zones = v.defaultZones(taken)
		}
		if err := v.bindZones(s); err != nil {
			return err
		}
		v.supervisors = append(v.supervisors, s)
	}
	return nil
}

// defaultZones spreads the clusters that are left over up to three zones, in turn.
func (v *VCenter) defaultZones(taken map[string]bool) []SupervisorZone {
	var zones []SupervisorZone
	n := 0
	for _, c := range v.inv.clusters {
		if taken[c.name] {
			continue
		}
		taken[c.name] = true
		if n < maxDefaultZones {
			zones = append(zones, SupervisorZone{Name: fmt.Sprintf("zone-%d", n+1)})
		}
		z := &zones[n%maxDefaultZones]
		z.Clusters = append(z.Clusters, c.name)
		n++
	}
	return zones
}

func (v *VCenter) bindZones(s *supervisor) error {
	for _, z := range s.Zones {
		if _, dup := v.zones[z.Name]; dup {
			return fmt.Errorf("zone %s is bound twice", z.Name)
		}
		v.zones[z.Name] = "Zone of " + s.Name
		bound := supervisorZone{name: z.Name, kind: z.Type}
		def(&bound.kind, "MANAGEMENT")
		for _, name := range z.Clusters {
			c, ok := v.inv.byName(name)
			if !ok {
				return fmt.Errorf("zone %s: no cluster %s", z.Name, name)
			}
			bound.clusters = append(bound.clusters, c)
		}
		s.zones = append(s.zones, bound)
	}
	if s.firstCluster() == "" {
		return fmt.Errorf("supervisor %s has no compute cluster", s.Name)
	}
	return nil
}

// firstCluster stands for the Supervisor where the older API wants a cluster.
func (s *supervisor) firstCluster() string {
	for _, z := range s.zones {
		if len(z.clusters) > 0 {
			return z.clusters[0].ref.Value
		}
	}
	return ""
}

func (s *supervisor) zone(name string) *supervisorZone {
	for i := range s.zones {
		if s.zones[i].name == name {
			return &s.zones[i]
		}
	}
	return nil
}

func (s *supervisor) clusters() []cluster {
	var all []cluster
	for _, z := range s.zones {
		all = append(all, z.clusters...)
	}
	return all
}

func (v *VCenter) supervisorByID(id string) *supervisor {
	i := slices.IndexFunc(v.supervisors, func(s *supervisor) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return v.supervisors[i]
}

func (v *VCenter) supervisorOf(clusterID string) *supervisor {
	for _, s := range v.supervisors {
		if slices.ContainsFunc(s.clusters(), func(c cluster) bool { return c.ref.Value == clusterID }) {
			return s
		}
	}
	return nil
}

const management = "/api/vcenter/namespace-management"

func (v *VCenter) supervisorRoutes(handle func(string, version, handlerFunc)) {
	one := management + "/supervisors/{supervisor}"
	handle("GET "+management+"/supervisors/summaries", v8001, v.listSupervisors)
	handle("GET "+one+"/summary", v8001, v.withSupervisor(func(_ *call, s *supervisor) any { return v.supervisorInfo(s) }))
	handle("GET "+one+"/topology", v8001, v.withSupervisor(v.topology))
	handle("GET "+one+"/zones/bindings", v9, v.withSupervisor(v.bindings))
	handle("GET "+management+"/clusters", v7, v.listClusters)
	handle("GET "+management+"/clusters/{cluster}", v7, v.getCluster)
	handle("GET "+management+"/clusters/{cluster}/workload-resource-options", v7, v.resourceOptions)
}

func (v *VCenter) withSupervisor(h func(*call, *supervisor) any) handlerFunc {
	return func(c *call) (any, error) {
		v.mu.Lock()
		defer v.mu.Unlock()
		s := v.supervisorByID(c.PathValue("supervisor"))
		if s == nil {
			return nil, notFound("The Supervisor %s does not exist.", c.PathValue("supervisor"))
		}
		return h(c, s), nil
	}
}

type supervisorStats struct {
	CPUUsed         int64 `json:"cpu_used"`
	CPUCapacity     int64 `json:"cpu_capacity"`
	MemoryUsed      int64 `json:"memory_used"`
	MemoryCapacity  int64 `json:"memory_capacity"`
	StorageUsed     int64 `json:"storage_used"`
	StorageCapacity int64 `json:"storage_capacity"`
}

type supervisorInfo struct {
	Name             string          `json:"name"`
	Stats            supervisorStats `json:"stats"`
	ConfigStatus     string          `json:"config_status"`
	KubernetesStatus string          `json:"kubernetes_status"`
	// The description says apiendpoint, the wire this.
	APIEndpoint string `json:"APIEndpoint,omitempty"`
}

func (v *VCenter) supervisorInfo(s *supervisor) supervisorInfo {
	i := supervisorInfo{Name: s.Name, Stats: v.statsOf(s.clusters()), ConfigStatus: s.configStatus, KubernetesStatus: s.kubernetesStatus}
	if v.version.atLeast(v91) {
		i.APIEndpoint = s.Endpoint
	}
	return i
}

func (v *VCenter) listSupervisors(*call) (any, error) {
	type item struct {
		Supervisor string         `json:"supervisor"`
		Info       supervisorInfo `json:"info"`
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	items := []item{}
	for _, s := range v.supervisors {
		items = append(items, item{Supervisor: s.ID, Info: v.supervisorInfo(s)})
	}
	return map[string]any{"items": items}, nil
}

func (v *VCenter) topology(_ *call, s *supervisor) any {
	type entry struct {
		Zone     string   `json:"zone"`
		Clusters []string `json:"clusters"`
	}
	out := []entry{}
	for _, z := range s.zones {
		out = append(out, entry{Zone: z.name, Clusters: clusterIDs(z.clusters)})
	}
	return out
}

func clusterIDs(cs []cluster) []string {
	ids := make([]string, 0, len(cs))
	for _, c := range cs {
		ids = append(ids, c.ref.Value)
	}
	return ids
}

func (v *VCenter) bindings(_ *call, s *supervisor) any {
	type binding struct {
		Zone             string   `json:"zone"`
		Type             string   `json:"type"`
		Namespaces       []string `json:"namespaces"`
		MarkedForRemoval bool     `json:"marked_for_removal"`
		Status           string   `json:"status"`
	}
	out := []binding{}
	for _, z := range s.zones {
		b := binding{Zone: z.name, Type: z.kind, Namespaces: []string{}, Status: "READY"}
		for _, name := range v.sortedNames() {
			if r := v.namespaces[name]; r.sup == s && r.zone(z.name) != nil {
				b.Namespaces = append(b.Namespaces, name)
			}
		}
		out = append(out, b)
	}
	return map[string]any{"zones": out}
}

// statsOf sums up hosts and their datastores.
func (v *VCenter) statsOf(cs []cluster) supervisorStats {
	var s supervisorStats
	stores := map[string]bool{}
	for _, c := range cs {
		v.hosts(c.ref, func(h *mo.HostSystem) {
			s.CPUCapacity += int64(h.Summary.Hardware.CpuMhz) * int64(h.Summary.Hardware.NumCpuCores)
			s.MemoryCapacity += h.Summary.Hardware.MemorySize >> 20
			s.CPUUsed += int64(h.Summary.QuickStats.OverallCpuUsage)
			s.MemoryUsed += int64(h.Summary.QuickStats.OverallMemoryUsage)
			for _, d := range h.Datastore {
				stores[d.Value] = true
			}
		})
	}
	for _, e := range v.registry().All("Datastore") {
		if d, ok := e.(*simulator.Datastore); ok && stores[d.Self.Value] {
			sum := d.Summary
			s.StorageCapacity += sum.Capacity >> 20
			s.StorageUsed += (sum.Capacity - sum.FreeSpace) >> 20
		}
	}
	return s
}

// host is the endpoint without its port.
func (s *supervisor) host() string {
	if host, _, err := net.SplitHostPort(s.Endpoint); err == nil {
		return host
	}
	return strings.Trim(s.Endpoint, "[]")
}

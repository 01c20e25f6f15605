package vcenter

import (
	"slices"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// The states of a namespace.
const (
	configuring = "CONFIGURING"
	running     = "RUNNING"
	removing    = "REMOVING"
	failed      = "ERROR"
)

// desired is what clients asked for.
type desired struct {
	description            string
	quota                  quota
	access                 []accessSpec
	storage                []storageSpec
	classes                []string
	libraries              []librarySpec // those of both lists of the API, merged
	networks               []string
	creator                *principal
	edges                  []edgeSpec
	infrastructurePolicies []string
	vpc                    vpcNetworkInfo
}

func (d *desired) libraryIDs() []string {
	ids := make([]string, 0, len(d.libraries))
	for _, l := range d.libraries {
		ids = append(ids, l.ContentLibrary)
	}
	return ids
}

// record is one vSphere Namespace. Its fields are guarded by VCenter.mu; pools and folder belong to its goroutine.
type record struct {
	name       string
	sup        *supervisor
	spec       desired
	zones      []*zoneState
	generation int64 // counts changes of spec and zones
	status     string
	messages   []string
	appears    time.Time // GET is 404 before
	staleUntil time.Time // GET shows the status from before the latest change until then
	wake       chan struct{}

	pools  map[string]types.ManagedObjectReference // by moid of the compute cluster
	folder *types.ManagedObjectReference
}

type zoneState struct {
	spec     zoneSpec
	kind     string
	clusters []cluster
	removing bool
}

func (r *record) zone(name string) *zoneState {
	for _, z := range r.zones {
		if z.spec.Name == name {
			return z
		}
	}
	return nil
}

// shownStatus can lag behind: a poll right after an update may see RUNNING still.
func (r *record) shownStatus() string {
	if r.status == configuring && time.Now().Before(r.staleUntil) {
		return running
	}
	return r.status
}

func (r *record) messageInfos() []messageInfo {
	out := []messageInfo{}
	severity := "WARNING"
	if r.status == failed {
		severity = failed
	}
	for _, m := range r.messages {
		out = append(out, messageInfo{
			Severity: severity,
			Details:  &localizableMessage{ID: "vcenter.wcp.namespace.message", DefaultMessage: m, Localized: m, Args: []string{}},
		})
	}
	return out
}

// changed notes a new generation and wakes the goroutine that realises it. The caller holds VCenter.mu.
func (r *record) changed() {
	r.generation++
	select {
	case r.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// snapshot is the state as the Supervisor gets it. The caller holds v.mu.
func (v *VCenter) snapshot(r *record) Namespace {
	ns := Namespace{
		Name: r.name, Supervisor: r.sup.ID, SupervisorName: r.sup.Name, Description: r.spec.description, Generation: r.generation,
		CPULimitMHz: r.spec.quota.get("cpu_limit"), MemoryLimitMiB: r.spec.quota.get("memory_limit"),
		StorageLimitMiB: r.spec.quota.get("storage_request_limit"),
		ObjectLimits:    r.spec.quota.pick(objectCounts), ContainerDefaults: r.spec.quota.pick(containerDefaults),
		NetworkProvider: r.sup.NetworkProvider, Networks: slices.Clone(r.spec.networks),
	}
	for _, s := range r.spec.storage {
		if p, ok := v.policy(s.Policy); ok {
			ns.StoragePolicies = append(ns.StoragePolicies, StoragePolicy{ID: p.ID, Name: p.Name, StorageClass: StorageClassName(p.Name), LimitMiB: s.Limit})
		}
	}
	for _, name := range r.spec.classes {
		if c := v.classes[name]; c != nil {
			ns.VMClasses = append(ns.VMClasses, c.VMClass)
		}
	}
	for _, l := range r.spec.libraries {
		if lib, ok := v.library(l.ContentLibrary); ok {
			lib.Writable = l.Writable != nil && *l.Writable
			ns.ContentLibraries = append(ns.ContentLibraries, lib)
		}
	}
	for _, a := range v.accessList(r) {
		ns.Access = append(ns.Access, Access(a))
	}
	for _, z := range r.zones {
		ns.Zones = append(ns.Zones, z.snapshot(r))
	}
	return ns
}

func (z *zoneState) snapshot(r *record) Zone {
	out := Zone{
		Name: z.spec.Name, Type: z.kind, MarkedForRemoval: z.removing,
		CPULimitMHz: z.spec.CPULimitMHz, CPUReservationMHz: z.spec.CPUReservationMHz,
		MemoryLimitMiB: z.spec.MemoryLimitMiB, MemoryReservationMiB: z.spec.MemoryReservationMiB,
		VMReservations: map[string]int64{}, ReservedDirectPathOnly: deref(z.spec.DisallowUnreservedDirectPathUsage),
	}
	for _, res := range z.spec.VMReservations {
		out.VMReservations[res.ReservedVMClass] = res.Count
	}
	for _, c := range z.clusters {
		out.Clusters = append(out.Clusters, c.ref.Value)
		out.PoolMoIDs = append(out.PoolMoIDs, r.pools[c.ref.Value].Value)
	}
	if len(out.PoolMoIDs) > 0 {
		out.PoolMoID = out.PoolMoIDs[0]
	}
	if r.folder != nil {
		out.FolderMoID = r.folder.Value
	}
	return out
}

// StorageClassName is the name of the StorageClass that a policy becomes: lower case, everything else a dash. It
// cannot be inverted.
func StorageClassName(policy string) string {
	var b strings.Builder
	dash := false
	for _, c := range strings.ToLower(policy) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' {
			b.WriteRune(c)
			dash = false
			continue
		}
		if !dash {
			b.WriteByte('-')
		}
		dash = true
	}
	name := b.String()
	if name != "" && strings.ContainsRune("-.", rune(name[0])) {
		name = "0" + name
	}
	if name != "" && strings.ContainsRune("-.", rune(name[len(name)-1])) {
		name += "0"
	}
	return name
}

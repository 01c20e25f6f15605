// Package vcenter is the lab's vCenter: govmomi's simulator for the SOAP side, the inventory, tags and content
// libraries, and handlers of its own for what the simulator lacks or has wrong: sessions, vSphere Namespaces,
// Supervisors, zones, storage policies and VM classes.
//
// It imitates the published contract with its quirks: writes answer 204 and take effect later, errors of many kinds
// share status 400, a list that is given replaces the whole list. All state belongs to one instance, so several
// vCenters can run in one process. It must not import the provider's clients, or it would prove them against
// themselves.
package vcenter

import (
	"bytes"
	"crypto/tls"
	"io"
	"log"
	"os"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/lab/contract"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// Target is the name of this door at the traffic seam.
const Target = "vcenter"

// Network providers of a Supervisor.
const (
	NetworkVDS  = "VSPHERE_NETWORK"
	NetworkNCP  = "NSXT_CONTAINER_PLUGIN"
	NetworkVPC  = "NSX_VPC"
	defaultNet  = "primary-workload"
	defaultUser = "administrator@vsphere.local"
	defaultPass = "VMware1!"
)

// Options say what Start builds; the zero value is a useful small vCenter.
type Options struct {
	Listen   string           // default "127.0.0.1:0"
	TLS      *tls.Certificate // nil = plain HTTP
	Seam     *traffic.Seam    // default a new one: the request log, faults, and what broke the contract
	ErrorLog *log.Logger      // what the server says of clients and handlers; default stderr, without clients that do not trust it
	Schemas  *contract.Schemas
	Username string // default administrator@vsphere.local
	Password string // default VMware1!
	Users    map[string]User

	Clusters        int // default 1
	HostsPerCluster int // default 4
	VMs             int // of all clusters together, beside those of namespaces; default 4, -1 = none
	Host            HostShape

	Version     string // default "9.1.0.0"
	Supervisors []Supervisor

	StoragePolicies  []Policy // default: vSAN Default Storage Policy, gold, silver and bronze
	ContentLibraries []string // names; default "kubernetes-service", "team-images"
	SystemAccess     []Access // what every new namespace has beside its own access list; default two reserved groups

	ConfigureDelay time.Duration // how long CONFIGURING lasts at least; default 300ms
	RemoveDelay    time.Duration // how long REMOVING lasts at least; default 500ms
	AppearDelay    time.Duration // how long a GET is 404 after the create was accepted; default 0
	StaleDelay     time.Duration // how long a GET shows RUNNING still after an update was accepted; default 0
	SessionTTL     time.Duration // idle time after which REST and SOAP sessions expire; default 30m
	LockAfter      int           // failed logins in 3 minutes that lock an account for 5 minutes; 0 = never

	Hooks Hooks // nil = namespaces have no other side
}

// User is an account beside the administrator. The key in Options.Users is user@domain.
type User struct {
	Password string
	Groups   []string // names without domain; the domain is the user's
	ReadOnly bool     // reads all, every write is 403 UNAUTHORIZED
}

// HostShape is the size of every host.
type HostShape struct {
	CPUMHz    int32 // of a core; default 2600
	Cores     int16 // default 32
	MemoryMiB int64 // default 512 GiB
}

// Supervisor is one Supervisor with the compute clusters that it spans.
type Supervisor struct {
	ID              string // default a stable made-up one
	Name            string
	Zones           []SupervisorZone // default: zones over all clusters that no other Supervisor names
	NetworkProvider string           // default VSPHERE_NETWORK
	Networks        []string         // workload networks of VSPHERE_NETWORK; default "primary-workload"
	Endpoint        string           // host[:port] of its API; see also SetSupervisorEndpoint
	CAPEM           string
	ServiceCIDR     string // of its services; default 172.31.0.0/22
	WorkloadCIDR    string // where its control plane and nodes are; default 10.244.0.0/20
}

// SupervisorZone binds a vSphere Zone with its compute clusters (by name).
type SupervisorZone struct {
	Name     string
	Clusters []string
	Type     string // MANAGEMENT (default) or WORKLOAD
}

// Policy is a storage policy. It becomes a StorageClass named by StorageClassName.
type Policy struct {
	ID, Name, Description string
}

func (o Options) withDefaults() Options {
	def(&o.Listen, "127.0.0.1:0")
	def(&o.Username, defaultUser)
	def(&o.Password, defaultPass)
	def(&o.Clusters, 1)
	def(&o.HostsPerCluster, 4)
	def(&o.VMs, 4)
	o.VMs = max(o.VMs, 0)
	def(&o.Host.CPUMHz, 2600)
	def(&o.Host.Cores, 32)
	def(&o.Host.MemoryMiB, 512<<10)
	def(&o.Version, "9.1.0.0")
	def(&o.ConfigureDelay, 300*time.Millisecond)
	def(&o.RemoveDelay, 500*time.Millisecond)
	def(&o.SessionTTL, 30*time.Minute)
	if o.Supervisors == nil {
		o.Supervisors = []Supervisor{{Name: "supervisor-1"}}
	}
	if o.StoragePolicies == nil {
		o.StoragePolicies = defaultPolicies()
	}
	if o.ContentLibraries == nil {
		o.ContentLibraries = []string{"kubernetes-service", "team-images"}
	}
	if o.SystemAccess == nil {
		o.SystemAccess = defaultSystemAccess()
	}
	if o.Seam == nil {
		o.Seam = traffic.New()
	}
	if o.ErrorLog == nil {
		o.ErrorLog = log.New(withoutHandshakes{os.Stderr}, "", log.LstdFlags)
	}
	if o.Hooks == nil {
		o.Hooks = noHooks{}
	}
	return o
}

func def[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// withoutHandshakes drops the lines about clients that do not trust the server, as some tests want them. A handler
// that panicked must still be seen.
type withoutHandshakes struct{ io.Writer }

func (w withoutHandshakes) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("TLS handshake error")) {
		return len(line), nil
	}
	return w.Writer.Write(line)
}

// defaultSystemAccess: a live note lists two reserved groups in a fresh namespace. Which names they have on which
// release is not known, so nothing may depend on the names.
func defaultSystemAccess() []Access {
	return []Access{
		{SubjectType: "GROUP", Subject: "SupervisorProviderAdministrators", Domain: "vsphere.local", Role: "OWNER"},
		{SubjectType: "GROUP", Subject: "SupervisorProviderViewers", Domain: "vsphere.local", Role: "VIEW"},
	}
}

func defaultPolicies() []Policy {
	return []Policy{
		{ID: "aa6d5a82-1c88-45da-85d3-3d74b91a5bad", Name: "vSAN Default Storage Policy", Description: "Storage policy used as default for vSAN datastores"},
		{ID: "2c8dce0c-1b2a-4e0c-9d0b-6f6a1d5c7e01", Name: "gold-policy", Description: "Mirrored, all flash"},
		{ID: "3d9edf1d-2c3b-4f1d-8e1c-7a7b2e6d8f02", Name: "silver-policy", Description: "Erasure coding, all flash"},
		{ID: "4eafe02e-3d4c-4a2e-9f2d-8b8c3f7e9a03", Name: "Bronze Policy", Description: "Erasure coding, hybrid"},
	}
}

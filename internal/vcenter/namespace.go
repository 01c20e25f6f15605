package vcenter

// Namespace states.
const (
	StatusConfiguring = "CONFIGURING"
	StatusRunning     = "RUNNING"
	StatusRemoving    = "REMOVING"
	// StatusError needs somebody: the messages say why.
	StatusError = "ERROR"
)

// Namespace is a vSphere Namespace as vCenter reports it (InfoV2).
type Namespace struct {
	// Name is what was asked for: the API does not repeat it.
	Name string
	// Supervisor is the Supervisor's id; on vCenter 7 the compute cluster's.
	Supervisor       string
	Description      string
	ConfigStatus     string
	Messages         []Message
	Stats            NamespaceStats
	Limits           Limits
	Access           []Access
	StoragePolicies  []StorageSpec
	VMClasses        []string
	ContentLibraries []ContentLibrarySpec
	Zones            []NamespaceZone
	Networks         []string
	// Network is nil before 9.0.
	Network     *NamespaceNetwork
	SelfService bool
}

// NamespaceSummary is one entry of the list.
type NamespaceSummary struct {
	Name, Supervisor, Description, ConfigStatus string
	Stats                                       NamespaceStats
	SelfService                                 bool
}

// NamespaceStats sums up what the pods of a namespace request, in MHz and MiB.
// It is not what virtual machines consume.
type NamespaceStats struct {
	CPUUsed     int64 `json:"cpu_used"`
	MemoryUsed  int64 `json:"memory_used"`
	StorageUsed int64 `json:"storage_used"`
}

// Message is what vCenter says about a namespace.
type Message struct {
	// Severity is INFO, WARNING or ERROR.
	Severity string
	Text     string
}

// Access is one grant: what a user or group may do in a namespace.
type Access struct {
	// Type is USER or GROUP.
	Type string `json:"subject_type"`
	// Principal is the name without its domain.
	Principal string `json:"subject"`
	Domain    string `json:"domain"`
	// Role is VIEW, EDIT or OWNER.
	Role string `json:"role,omitempty"`
	// IdentityProvider is the id of an external one.
	IdentityProvider string `json:"identity_provider,omitempty"`
}

// StorageSpec binds a storage policy (by id). Limit is in MiB; nil is
// unlimited, 0 lets nothing be stored.
type StorageSpec struct {
	Policy string `json:"policy"`
	Limit  *int64 `json:"limit,omitempty"`
}

// ContentLibrarySpec binds a content library (by id). What came with later
// releases is nil on earlier ones.
type ContentLibrarySpec struct {
	Library        string `json:"content_library"`
	Writable       *bool  `json:"writable,omitempty"`
	AllowImport    *bool  `json:"allow_import,omitempty"`
	NamingStrategy string `json:"resource_naming_strategy,omitempty"`
}

// NamespaceZone is a vSphere Zone of a namespace. The limits of a zone can only be written.
type NamespaceZone struct {
	Name string `json:"zone"`
	// Type is MANAGEMENT or WORKLOAD.
	Type             string `json:"type"`
	MarkedForRemoval bool   `json:"marked_for_removal"`
}

// NamespaceSpec is a namespace to create.
type NamespaceSpec struct {
	// Supervisor is the Supervisor's id; on vCenter 7 the compute cluster's.
	Supervisor      string
	Name            string
	Description     string
	Limits          Limits
	Access          []Access
	StoragePolicies []StorageSpec
	VMClasses       []string
}

// NamespaceChanges are changes of a namespace: nil fields stay as they are,
// lists replace the whole list.
type NamespaceChanges struct {
	Description     *string
	Limits          LimitChanges
	StoragePolicies *[]StorageSpec
	VMClasses       *[]string
}

// Empty reports whether there is nothing to change.
func (c NamespaceChanges) Empty() bool {
	return c.Description == nil && len(c.Limits) == 0 && c.StoragePolicies == nil && c.VMClasses == nil
}

package vcenter

// The shapes on the wire, where they differ from ours.

type infoWire struct {
	Cluster          string               `json:"cluster"`    // v1
	Supervisor       string               `json:"supervisor"` // v2
	Description      string               `json:"description"`
	ConfigStatus     string               `json:"config_status"`
	Messages         []messageWire        `json:"messages"`
	Stats            NamespaceStats       `json:"stats"`
	ResourceSpec     Limits               `json:"resource_spec"`
	AccessList       []Access             `json:"access_list"`
	StorageSpecs     []StorageSpec        `json:"storage_specs"`
	VMServiceSpec    vmServiceWire        `json:"vm_service_spec"`
	ContentLibraries []ContentLibrarySpec `json:"content_libraries"`
	Zones            []NamespaceZone      `json:"zones"`
	Networks         []string             `json:"networks"`
	NetworkSpec      *NamespaceNetwork    `json:"network_spec"`
	SelfService      bool                 `json:"self_service_namespace"`
}

type messageWire struct {
	Severity string            `json:"severity"`
	Details  *localizedMessage `json:"details"`
}

type vmServiceWire struct {
	VMClasses        []string `json:"vm_classes"`
	ContentLibraries []string `json:"content_libraries,omitempty"`
}

func (w infoWire) namespace(name string) *Namespace {
	n := &Namespace{
		Name: name, Supervisor: w.Supervisor, Description: w.Description, ConfigStatus: w.ConfigStatus, Messages: messages(w.Messages),
		Stats: w.Stats, Limits: w.ResourceSpec, Access: w.AccessList, StoragePolicies: w.StorageSpecs,
		VMClasses: w.VMServiceSpec.VMClasses, ContentLibraries: w.libraries(),
		Zones: w.Zones, Networks: w.Networks, Network: w.NetworkSpec, SelfService: w.SelfService,
	}
	if n.Supervisor == "" {
		n.Supervisor = w.Cluster
	}
	return n
}

// messages gives nil for nil: for a list that this vCenter does not have.
func messages(wire []messageWire) []Message {
	if wire == nil {
		return nil
	}
	list := make([]Message, 0, len(wire))
	for _, w := range wire {
		m := Message{Severity: w.Severity}
		if w.Details != nil {
			m.Text = w.Details.text()
		}
		list = append(list, m)
	}
	return list
}

type summaryWire struct {
	Cluster      string         `json:"cluster"`
	Supervisor   string         `json:"supervisor"`
	Namespace    string         `json:"namespace"`
	Description  string         `json:"description"`
	ConfigStatus string         `json:"config_status"`
	Stats        NamespaceStats `json:"stats"`
	SelfService  bool           `json:"self_service_namespace"`
}

// createWire has the name of the Supervisor (v2) or of its cluster (v1).
type createWire struct {
	Supervisor    string         `json:"supervisor,omitempty"`
	Cluster       string         `json:"cluster,omitempty"`
	Namespace     string         `json:"namespace"`
	Description   string         `json:"description,omitempty"`
	ResourceSpec  Limits         `json:"resource_spec,omitempty"`
	AccessList    []Access       `json:"access_list,omitempty"`
	StorageSpecs  []StorageSpec  `json:"storage_specs,omitempty"`
	VMServiceSpec *vmServiceWire `json:"vm_service_spec,omitempty"`
}

func (s NamespaceSpec) wire(v2 bool) createWire {
	w := createWire{
		Namespace: s.Name, Description: s.Description, ResourceSpec: s.Limits,
		AccessList: s.Access, StorageSpecs: s.StoragePolicies,
	}
	if v2 {
		w.Supervisor = s.Supervisor
	} else {
		w.Cluster = s.Supervisor
	}
	if len(s.VMClasses) > 0 {
		w.VMServiceSpec = &vmServiceWire{VMClasses: s.VMClasses}
	}
	return w
}

type updateWire struct {
	Description      *string              `json:"description,omitempty"`
	ResourceSpec     LimitChanges         `json:"resource_spec,omitempty"`
	StorageSpecs     *[]StorageSpec       `json:"storage_specs,omitempty"`
	VMServiceSpec    *vmServiceWire       `json:"vm_service_spec,omitempty"`
	ContentLibraries []ContentLibrarySpec `json:"content_libraries,omitempty"`
}

// setClasses replaces the VM classes. vm_service_spec replaces both of its
// lists, and a library that is missing there is taken away: so the libraries
// that the namespace has go along, with their settings.
func (w *updateWire) setClasses(classes []string, have infoWire) {
	w.VMServiceSpec = &vmServiceWire{VMClasses: append([]string{}, classes...), ContentLibraries: have.VMServiceSpec.ContentLibraries}
	w.ContentLibraries = have.ContentLibraries
}

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
	NetworkSpec      *networkSpecWire     `json:"network_spec"`
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
		Name: name, Supervisor: w.Supervisor, Description: w.Description, ConfigStatus: w.ConfigStatus, Messages: []Message{},
		Stats: w.Stats, Limits: w.ResourceSpec, Access: w.AccessList, StoragePolicies: w.StorageSpecs,
		VMClasses: w.VMServiceSpec.VMClasses, ContentLibraries: w.ContentLibraries,
		Zones: w.Zones, Network: w.network(), SelfService: w.SelfService,
	}
	if n.Supervisor == "" {
		n.Supervisor = w.Cluster
	}
	if len(w.ContentLibraries) == 0 && len(w.VMServiceSpec.ContentLibraries) > 0 { // before 8.0.2
		n.ContentLibraries = withSettings(w.VMServiceSpec.ContentLibraries, nil)
	}
	for _, m := range w.Messages {
		message := Message{Severity: m.Severity}
		if m.Details != nil {
			message.Text = m.Details.text()
		}
		n.Messages = append(n.Messages, message)
	}
	return n
}

type summaryWire struct {
	Cluster      string         `json:"cluster"`
	Supervisor   string         `json:"supervisor"`
	Namespace    string         `json:"namespace"`
	Description  string         `json:"description"`
	ConfigStatus string         `json:"config_status"`
	Stats        NamespaceStats `json:"stats"`
}

// createWire has the name of the Supervisor (v2) or of its cluster (v1).
type createWire struct {
	Supervisor       string               `json:"supervisor,omitempty"`
	Cluster          string               `json:"cluster,omitempty"`
	Namespace        string               `json:"namespace"`
	Description      string               `json:"description,omitempty"`
	ResourceSpec     Limits               `json:"resource_spec,omitempty"`
	AccessList       []Access             `json:"access_list,omitempty"`
	StorageSpecs     []StorageSpec        `json:"storage_specs,omitempty"`
	VMServiceSpec    *vmServiceWire       `json:"vm_service_spec,omitempty"`
	ContentLibraries []ContentLibrarySpec `json:"content_libraries,omitempty"`
	Zones            []ZoneSpec           `json:"zones,omitempty"`
	Networks         []string             `json:"networks,omitempty"`
	NamespaceNetwork *nsxNetworkWire      `json:"namespace_network,omitempty"`
	NetworkSpec      *networkSpecWire     `json:"network_spec,omitempty"`
}

func (s NamespaceSpec) wire(v2 bool, version Version) createWire {
	w := createWire{
		Namespace: s.Name, Description: s.Description, ResourceSpec: s.Limits,
		AccessList: s.Access, StorageSpecs: s.StoragePolicies, Zones: s.Zones,
	}
	if v2 {
		w.Supervisor = s.Supervisor
	} else {
		w.Cluster = s.Supervisor
	}
	if len(s.VMClasses) > 0 {
		w.VMServiceSpec = &vmServiceWire{VMClasses: s.VMClasses}
	}
	w.setLibraries(s.ContentLibraries, version)
	if s.Network != nil {
		w.setNetwork(*s.Network, version)
	}
	return w
}

type updateWire struct {
	Description      *string               `json:"description,omitempty"`
	ResourceSpec     LimitChanges          `json:"resource_spec,omitempty"`
	StorageSpecs     *[]StorageSpec        `json:"storage_specs,omitempty"`
	VMServiceSpec    *vmServiceWire        `json:"vm_service_spec,omitempty"`
	ContentLibraries *[]ContentLibrarySpec `json:"content_libraries,omitempty"`
	Zones            []ZoneSpec            `json:"zones,omitempty"`
}

package vcenter

import "encoding/json"

// The shapes of requests. Field names are those of the API; decoding does not look at case, as the wire and the
// description differ in it. Missing and null are the same thing.

// commonSpec is what create, update and set have in common.
type commonSpec struct {
	Description            *string         `json:"description"`
	ResourceSpec           json.RawMessage `json:"resource_spec"`
	AccessList             *[]accessSpec   `json:"access_list"`
	StorageSpecs           *[]storageSpec  `json:"storage_specs"`
	VMServiceSpec          *vmServiceSpec  `json:"vm_service_spec"`
	ContentLibraries       *[]librarySpec  `json:"content_libraries"`
	Edges                  *[]edgeSpec     `json:"edges"`
	InfrastructurePolicies *[]string       `json:"infrastructure_policies"`
}

type createSpec struct {
	commonSpec

	Cluster          string             `json:"cluster"`    // v1
	Supervisor       string             `json:"supervisor"` // v2
	Namespace        string             `json:"namespace"`
	Networks         []string           `json:"networks"`
	Creator          *principal         `json:"creator"`
	NamespaceNetwork *nsxNetworkSpec    `json:"namespace_network"`
	Zones            []zoneSpec         `json:"zones"`        // v2
	NetworkSpec      *networkCreateSpec `json:"network_spec"` // v2
}

type updateSpec struct {
	commonSpec

	Zones       []zoneSpec         `json:"zones"`
	NetworkSpec *networkChangeSpec `json:"network_spec"`
}

type setSpec struct {
	commonSpec

	NetworkSpec *networkChangeSpec `json:"network_spec"`
}

type accessSpec struct {
	SubjectType      string `json:"subject_type"`
	Subject          string `json:"subject"`
	Domain           string `json:"domain"`
	Role             string `json:"role"`
	IdentityProvider string `json:"identity_provider,omitempty"`
}

type storageSpec struct {
	Policy string `json:"policy"`
	Limit  *int64 `json:"limit,omitempty"`
}

type vmServiceSpec struct {
	ContentLibraries []string `json:"content_libraries"`
	VMClasses        []string `json:"vm_classes"`
}

type librarySpec struct {
	ContentLibrary         string `json:"content_library"`
	Writable               *bool  `json:"writable,omitempty"`
	AllowImport            *bool  `json:"allow_import,omitempty"`
	ResourceNamingStrategy string `json:"resource_naming_strategy,omitempty"`
}

type zoneSpec struct {
	Name                              string              `json:"name"`
	CPULimitMHz                       *int64              `json:"cpu_limit_mhz"`
	CPUReservationMHz                 *int64              `json:"cpu_reservation_mhz"`
	MemoryLimitMiB                    *int64              `json:"memory_limit_mib"`
	MemoryReservationMiB              *int64              `json:"memory_reservation_mib"`
	VMReservations                    []vmReservationSpec `json:"vm_reservations"`
	DisallowUnreservedDirectPathUsage *bool               `json:"disallow_unreserved_direct_path_usage"`
}

type vmReservationSpec struct {
	ReservedVMClass string `json:"reserved_vm_class"`
	Count           int64  `json:"count"`
}

type principal struct {
	Subject string `json:"subject"`
	Domain  string `json:"domain"`
}

type edgeSpec struct {
	ID           string          `json:"id"`
	EdgeProvider string          `json:"edge_provider"`
	Avi          json.RawMessage `json:"avi,omitempty"`
}

type ipv4CIDR struct {
	Address string `json:"address"`
	Prefix  int64  `json:"prefix"`
}

type sharedSubnet struct {
	Path string `json:"path"`
}

type nsxNetworkSpec struct {
	NetworkProvider string          `json:"network_provider"`
	Network         json.RawMessage `json:"network"`
}

type networkCreateSpec struct {
	NetworkProvider string `json:"network_provider"`
	VPCNetwork      *struct {
		VPCConfig         *vpcConfig     `json:"vpc_config"`
		VPC               string         `json:"vpc"`
		SharedSubnets     []sharedSubnet `json:"shared_subnets"`
		DefaultSubnetSize *int64         `json:"default_subnet_size"`
	} `json:"vpc_network"`
	VsphereNetwork *struct {
		DefaultWorkloadNetwork string `json:"default_workload_network"`
	} `json:"vsphere_network"`
}

type vpcConfig struct {
	PrivateCIDRs []ipv4CIDR `json:"private_cidrs,omitempty"`
}

// networkChangeSpec is that of update and of set.
type networkChangeSpec struct {
	NetworkProvider string `json:"network_provider"`
	VPCConfig       *struct {
		DefaultSubnetSize *int64          `json:"default_subnet_size"`
		SharedSubnets     *[]sharedSubnet `json:"shared_subnets"`
		PrivateCIDRs      *[]ipv4CIDR     `json:"private_cidrs"`
	} `json:"vpc_config"`
	VsphereNetworkConfig *struct {
		Networks         *[]string `json:"networks"` // set
		NetworksToAdd    []string  `json:"networks_to_add"`
		NetworksToRemove []string  `json:"networks_to_remove"`
	} `json:"vsphere_network_config"`
}

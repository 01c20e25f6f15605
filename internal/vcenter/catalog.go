package vcenter

import (
	"context"
	"strings"
)

// StoragePolicy is a storage policy of vCenter.
type StoragePolicy struct {
	ID          string `json:"policy"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// VMClass is a virtual machine class with its shape.
type VMClass struct {
	Name        string `json:"id"`
	Description string `json:"description"`
	CPUs        int64  `json:"cpu_count"`
	// MemoryMiB is memory_MB on the wire, and memory_mb in the API's description: decoding ignores case.
	MemoryMiB int64 `json:"memory_mb"`
	// The reservations are percents of the class' size; 0 is none.
	CPUReservationPercent    int64 `json:"cpu_reservation"`
	MemoryReservationPercent int64 `json:"memory_reservation"`
	// Namespaces that the class is bound to, as far as the account may see them.
	Namespaces []string `json:"namespaces"`
	// ConfigStatus is READY or REMOVING.
	ConfigStatus string `json:"config_status"`
}

// StoragePolicies lists the storage policies, in one request for the life of the client.
//
// https://developer.broadcom.com/xapis/vsphere-automation-api/latest/api/vcenter/storage/policies/get/
// (vCenter answers 500 when it has more than 1024).
func (c *Client) StoragePolicies(ctx context.Context) ([]StoragePolicy, error) {
	return c.policies.get(ctx, func(ctx context.Context) (list []StoragePolicy, err error) {
		err = c.get(ctx, "list storage policies", "/api/vcenter/storage/policies", &list)
		return list, err
	})
}

// VMClasses lists the virtual machine classes, in one request until this client
// changes anything: each names the namespaces that it is bound to.
//
// https://developer.broadcom.com/xapis/vsphere-automation-api/latest/api/vcenter/namespace-management/virtual-machine-classes/get/
func (c *Client) VMClasses(ctx context.Context) ([]VMClass, error) {
	return c.classes.get(ctx, func(ctx context.Context) (list []VMClass, err error) {
		err = c.get(ctx, "list VM classes", managementPath+"/virtual-machine-classes", &list)
		return list, err
	})
}

// Forget makes the next lookups of storage policies, VM classes and Supervisors
// ask again: for a name that was not among those that were read before.
func (c *Client) Forget() {
	c.policies.forget()
	c.classes.forget()
	c.supervisors.forget()
	c.topologies.forget()
	c.bindings.forget()
	c.management.forget()
}

// StorageClassName is the name that a Supervisor gives the StorageClass of a
// policy: in lower case, with a dash for each run of other characters. It
// cannot be turned back into the policy's name.
func StorageClassName(policy string) string {
	var name strings.Builder
	for _, c := range strings.ToLower(policy) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '.':
			name.WriteRune(c)
		case !strings.HasSuffix(name.String(), "-"):
			name.WriteByte('-')
		}
	}
	return strings.Trim(name.String(), "-.")
}

package vcenter

import (
	"regexp"
	"slices"
	"strings"
)

const maxNameLength = 63

var (
	label = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
	// What every Supervisor has; vCenter knows their names as taken.
	kubernetesNamespaces = []string{"default", "kube-system", "kube-public", "kube-node-lease"}
)

// checkName: an RFC 1123 label that is unique over all Supervisors of this vCenter, also while the one that has it
// is being removed.
func (v *VCenter) checkName(name string) error {
	switch {
	case strings.HasPrefix(name, "vmware-system"):
		return unauthorized("The name %s is reserved for the system.", name)
	case len(name) > maxNameLength || !label.MatchString(name):
		return invalid("The name %q is not valid: it must be a DNS label of lower-case letters, digits and dashes with at most %d characters.", name, maxNameLength)
	case v.namespaces[name] != nil || slices.Contains(kubernetesNamespaces, name):
		return alreadyExists("A namespace with the name %s already exists.", name)
	}
	return nil
}

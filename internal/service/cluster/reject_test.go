package cluster

import (
	"errors"
	"strings"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

// The words of a rejection decide on the advice: the surer ones first, and none
// where it would be a guess.
func TestExplain(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		`Invalid value: "large": virtual machine class is not bound to the namespace team-a`:              "Add the class to vm_classes",
		`virtualmachineclasses.vmoperator.vmware.com "large" not found`:                                   "Add the class to vm_classes",
		`VM class large does not exist in namespace team-a`:                                               "Add the class to vm_classes",
		`Invalid value: "gold": storage class is not assigned to the namespace team-a`:                    "Add the policy to storage_policies",
		`StorageClass gold not found`:                                                                     "Add the policy to storage_policies",
		`spec.topology.variables[storageClass]: Invalid value: variable is not defined`:                   "another class has other variables",
		`spec.topology.variables: Required value: required variable "storageClass" must be set`:           "",
		`spec.topology.variables[storageClass]: Invalid value: see the annotations; the rest is not read`: "",
		`failed calling webhook "v.example.com": no endpoints, vmClass was not validated`:                 "did not answer for minutes",
	} {
		err := explain(t.Context(), nil, supervisor.ClusterSpec{}, &fault.Error{Kind: fault.Invalid, Message: said})
		var f *fault.Error
		if !errors.As(err, &f) || want == "" && f.Advice != "" || !strings.Contains(f.Advice, want) {
			t.Errorf("%s: advice %q, want %q", said, f.Advice, want)
		}
	}
}

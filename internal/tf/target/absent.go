package target

import (
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
)

// PlanTimeout bounds a look at the cluster during a plan.
const PlanTimeout = 20 * time.Second

// WarnOfAbsence says at plan that a cluster that answers has no Velero, when err
// means that. It is no error: the same apply may install it.
func WarnOfAbsence(who string, err error, to *diag.Diagnostics) bool {
	if !errors.Is(err, fault.RouteAbsent) {
		return false
	}
	to.AddWarning("Velero is not installed", diags.Detail(who, err)+
		"\n\nUnless this apply installs it first, it will fail here.")
	return true
}

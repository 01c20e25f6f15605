package target

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

func TestWarnOfAbsence(t *testing.T) {
	t.Parallel()
	for kind, want := range map[fault.Kind]bool{fault.RouteAbsent: true, fault.Unreachable: false, fault.NotFound: false} {
		var to diag.Diagnostics
		said := WarnOfAbsence("backup schedule a", &fault.Error{Kind: kind, Advice: "add a vks_data_protection"}, &to)
		if said != want || (len(to) == 1) != want || to.HasError() {
			t.Errorf("%s: %t, %v", kind, said, to)
		}
		if want && !strings.Contains(to[0].Detail(), "add a vks_data_protection") {
			t.Errorf("what to do is missing: %s", to[0].Detail())
		}
	}
}

package cluster

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// A change that only ModifyPlan sees, such as that of the provider's default of
// deletion_protection, plans new answers as any other does: also an endpoint
// that the platform had not given before.
func TestForgetAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before      types.String
		wantUnknown bool
	}{
		"no endpoint yet":   {types.StringNull(), true},
		"endpoint is fixed": {types.StringValue("10.0.0.5:6443"), false},
	} {
		state := model{APIEndpoint: c.before, DeletionProtection: types.BoolValue(true)}
		plan := state
		(&Resource{}).fillPlan(model{}, &state, &plan)
		if got := plan.APIEndpoint.IsUnknown(); got != c.wantUnknown {
			t.Errorf("%s: api_endpoint planned as %s", name, plan.APIEndpoint)
		}
		if !plan.Conditions.IsUnknown() {
			t.Errorf("%s: conditions planned as %s", name, plan.Conditions)
		}
	}
}

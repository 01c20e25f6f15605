package planmod

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestSameDuration(t *testing.T) {
	t.Parallel()
	text := types.StringValue
	for name, c := range map[string]struct{ state, plan, want types.String }{
		"written in another way": {text("1m30s"), text("90s"), text("1m30s")},
		"longer":                 {text("1m30s"), text("91s"), text("91s")},
		"new":                    {types.StringNull(), text("90s"), text("90s")},
		"removed":                {text("90s"), types.StringNull(), types.StringNull()},
		"unknown":                {text("90s"), types.StringUnknown(), types.StringUnknown()},
		"no duration":            {text("x"), text("90s"), text("90s")},
	} {
		resp := &planmodifier.StringResponse{PlanValue: c.plan}
		SameDuration().PlanModifyString(context.Background(), planmodifier.StringRequest{StateValue: c.state, PlanValue: c.plan}, resp)
		if !resp.PlanValue.Equal(c.want) {
			t.Errorf("%s: got %v", name, resp.PlanValue)
		}
	}
}

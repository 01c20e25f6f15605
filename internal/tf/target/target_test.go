package target

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
)

// null, "" and "-" are one cluster, and each stays as the user wrote it.
func TestOtherCluster(t *testing.T) {
	t.Parallel()
	null := types.StringNull()
	for name, c := range map[string]struct {
		state, plan types.String
		want        bool
	}{
		"same":            {types.StringValue("a/b"), types.StringValue("a/b"), false},
		"other":           {types.StringValue("a/b"), types.StringValue("a/c"), true},
		"attached, twice": {null, types.StringValue("-"), false},
		"from attached":   {null, types.StringValue("a/b"), true},
		"to attached":     {types.StringValue("a/b"), null, true},
		"unknown":         {types.StringValue("a/b"), types.StringUnknown(), true},
	} {
		resp := &stringplanmodifier.RequiresReplaceIfFuncResponse{}
		otherCluster(context.Background(), planmodifier.StringRequest{StateValue: c.state, PlanValue: c.plan}, resp)
		if resp.RequiresReplace != c.want {
			t.Errorf("%s: got %t", name, resp.RequiresReplace)
		}
	}
}

func TestObjectKey(t *testing.T) {
	t.Parallel()
	for id, cluster := range map[string]types.String{"team-a/prod/velero/nightly": types.StringValue("team-a/prod"), "-/velero/nightly": types.StringNull()} {
		key, err := ids.ParseProtection(id)
		if err != nil {
			t.Fatal(err)
		}
		o := Object{}
		o.SetKey(key)
		if o.ID.ValueString() != id || !o.ClusterID.Equal(cluster) {
			t.Errorf("%s: %+v", id, o)
		}
		if back, err := o.Key(); err != nil || back != key {
			t.Errorf("%s: %+v, %v", id, back, err)
		}
	}
	for written, want := range map[types.String]types.String{
		types.StringValue("-"):   types.StringValue("-"),
		types.StringValue(""):    types.StringValue(""),
		types.StringUnknown():    types.StringNull(),
		types.StringValue("a/b"): types.StringNull(), // moved behind Terraform's back cannot be; but never keep what is wrong
	} {
		o := Object{ClusterID: written}
		o.SetKey(ids.Protection{Namespace: "velero", Name: "n"})
		if !o.ClusterID.Equal(want) {
			t.Errorf("cluster_id %s became %s", written, o.ClusterID)
		}
	}
}

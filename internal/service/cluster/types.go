package cluster

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
)

// The types of nested attributes, taken from the schema so that they are
// written down once.

func poolType() attr.Type {
	return schema.NestedAttributeObject{Attributes: poolAttributes()}.Type()
}

func osImageType() attr.Type    { return machineAttributes()["os_image"].GetType() }
func volumeType() attr.Type     { return elementType(machineAttributes()["volumes"].GetType()) }
func autoscalerType() attr.Type { return poolAttributes()["autoscaler"].GetType() }
func rolloutType() attr.Type    { return poolAttributes()["rollout"].GetType() }
func taintType() attr.Type      { return elementType(poolAttributes()["taints"].GetType()) }
func healthType() attr.Type     { return healthSchema().GetType() }
func poolHealthType() attr.Type { return poolHealthSchema().GetType() }
func templateType() attr.Type {
	return healthSchema().Attributes["remediation_template"].GetType()
}
func unhealthyType() attr.Type    { return elementType(unhealthySchema("").GetType()) }
func gateType() attr.Type         { return elementType(gatesSchema("").GetType()) }
func machineTaintType() attr.Type { return elementType(machineTaintsSchema().GetType()) }
func conditionType() attr.Type    { return elementType(computedSchema()["conditions"].GetType()) }
func countsType() attr.Type       { return computedSchema()["node_counts"].GetType() }

func elementType(t attr.Type) attr.Type {
	if list, ok := t.(attr.TypeWithElementType); ok {
		return list.ElementType()
	}
	return t
}

func defaultWaitFor() types.Set {
	return types.SetValueMust(types.StringType, []attr.Value{types.StringValue(waitAvailable)})
}

// shortDuration writes a duration the way people do: "1h", not "1h0m0s".
func shortDuration(d time.Duration) string { return tftypes.NewDuration(d).ValueString() }

package namespace

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func zonesAttribute() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: "vSphere Zones that the namespace is in, by name, with its part of each. Unset: all zones of the Supervisor, without limits of their own; `cpu_limit_mhz` and `memory_limit_mib` of the namespace hold over all zones together. Needs vCenter 9.0 or later.\n\n" +
			"A zone that is added here is added to the namespace. One that is taken out here is drained and then removed, which can take half an hour: `timeouts.update` is 45 minutes by default. Each later update waits for it, too, and a zone that is named again meanwhile is added once it is gone. " +
			"Without this attribute zones are not looked at; taking it out of a configuration takes away the limits, and leaves the namespace in its zones.\n\n" +
			"vCenter does not tell limits of zones: they are read from the Supervisor, which has to be reachable for the provider. Where it is not, a warning says so and what was applied last is believed. " +
			"An import takes zones in where they have limits, or are not all of the Supervisor.",
		Validators: []validator.Map{mapvalidator.SizeAtLeast(1), mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1))},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"cpu_limit_mhz":          limitAttribute("CPU limit in MHz in this zone, in addition to reserved VM classes. Unset: the namespace's limit decides.", 0),
			"cpu_reservation_mhz":    limitAttribute("CPU in MHz that is kept for the namespace in this zone, for machines that use no reserved VM class. Unset: none.", 0),
			"memory_limit_mib":       limitAttribute("Memory limit in MiB in this zone, in addition to reserved VM classes. Unset: the namespace's limit decides.", 0),
			"memory_reservation_mib": limitAttribute("Memory in MiB that is kept for the namespace in this zone, for machines that use no reserved VM class. Unset: none.", 0),
			"vm_reservations": schema.MapAttribute{
				Optional:            true,
				ElementType:         types.Int64Type,
				MarkdownDescription: "How many machines of a VM class there is always room for in this zone, by the name of the class.",
				Validators:          []validator.Map{mapvalidator.ValueInt64sAre(int64validator.AtLeast(1))},
			},
			"disallow_unreserved_direct_path_usage": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Keep DirectPath devices, such as GPUs, for machines that use a reserved VM class. Unset: anything in the namespace may use one.",
			},
		}},
	}
}

package vmclass

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vksops/terraform-provider-vks/internal/tf/computed"
	"github.com/vksops/terraform-provider-vks/internal/tf/validate"
)

func dataSourceSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "The VM classes of vCenter with their size: what a `vks_namespace` can give a tenant in `vm_classes`, and what the machines of a cluster can be.\n\n" +
			"`names` begins with the smallest class, so that with `min_cpus` and `min_memory_mib` its first element is the smallest that suffices. " +
			"One request, shared by all data sources and resources of a run; with `namespace` one more. A filter that matches nothing gives empty results. " +
			"vCenter has VM classes since 7.0.2. Devices and instance storage of a class are not shown.",
		Attributes: map[string]schema.Attribute{
			// Optional
			"name_prefix": schema.StringAttribute{Optional: true, MarkdownDescription: "Only classes whose name begins with this: `guaranteed-`. Default: all."},
			"min_cpus": schema.Int64Attribute{
				Optional: true, MarkdownDescription: "Only classes with at least this many vCPUs. Default: all.",
				Validators: []validator.Int64{int64validator.AtLeast(0)},
			},
			"min_memory_mib": schema.Int64Attribute{
				Optional: true, MarkdownDescription: "Only classes with at least this much memory, in MiB. Default: all.",
				Validators: []validator.Int64{int64validator.AtLeast(0)},
			},
			"namespace": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Only classes that this vSphere Namespace has. One that does not exist is an error. Default: all of vCenter.",
				Validators: []validator.String{validate.DNSLabel()},
			},
			// Computed
			"names": computed.TextList("The names, the smallest class first: by vCPUs, then memory, then name."),
			"vm_classes": schema.MapNestedAttribute{
				Computed: true, MarkdownDescription: "The classes by name.",
				NestedObject: schema.NestedAttributeObject{Attributes: classAttributes()},
			},
		},
	}
}

func classAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"cpus":                       computed.Number("vCPUs."),
		"memory_mib":                 computed.Number("Memory in MiB."),
		"cpu_reservation_percent":    computed.Number("How much of its CPU a machine has reserved, in percent; 0 = nothing."),
		"memory_reservation_percent": computed.Number("How much of its memory a machine has reserved, in percent; 0 = nothing."),
		"description":                computed.Text("Description; empty when the class has none."),
		"namespaces":                 computed.TextList("Names of the vSphere Namespaces that have the class, of those that the account may see."),
		"config_status":              computed.Text("`READY`, or `REMOVING` while the class is being deleted."),
	}
}

package quota

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/tf/computed"
)

func dataSourceSchema() schema.Schema {
	attributes := map[string]schema.Attribute{
		// Optional
		"namespace": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Name of one vSphere Namespace. Where the same configuration creates it, use its `id`: a name is known " +
				"before the namespace is there, and reading it then is an error (in a `check` block a warning).",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1), stringvalidator.ConflictsWith(path.MatchRoot("namespace_names"))},
		},
		"namespace_names": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Names of several vSphere Namespaces. Default, without `namespace` and this: all of the provider's Supervisor that the account may see.",
			Validators:          []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
		},
		"warning_percent": schema.Int64Attribute{
			Optional: true, Computed: true, MarkdownDescription: "Use of a limit, in percent, from which the status is `warning`. Default 80.",
			Validators: []validator.Int64{int64validator.AtLeast(0)},
		},
		"critical_percent": schema.Int64Attribute{
			Optional: true, Computed: true, MarkdownDescription: "The same for `critical`. Default 95.",
			Validators: []validator.Int64{int64validator.AtLeast(0)},
		},
		"rates": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Prices in a currency of your own. Without them `cost` is null.",
			Attributes: map[string]schema.Attribute{
				"cpu_ghz_hour":      rate("For one GHz (1000 MHz) for an hour."),
				"memory_gib_hour":   rate("For one GiB of memory for an hour."),
				"storage_gib_month": rate("For one GiB of storage for a month of 730 hours."),
			},
		},
		"hours": schema.Int64Attribute{
			Optional: true, Computed: true, MarkdownDescription: "Hours that `cost` is for. Default 730, a month.",
			Validators: []validator.Int64{int64validator.AtLeast(1)},
		},
		// Computed
		"id": computed.Text("Names of the namespaces, or the id of the Supervisor."),
		"namespaces": schema.MapNestedAttribute{
			Computed: true, MarkdownDescription: "The namespaces by name.",
			NestedObject: schema.NestedAttributeObject{Attributes: namespaceAttributes()},
		},
	}
	maps.Copy(attributes, statusAttributes())
	return schema.Schema{
		MarkdownDescription: "How much of its quota has a tenant used: what vCenter reports in use, what the machines and volumes that exist are sized for, " +
			"and whether autoscalers can still reach their maximum.\n\n" +
			"CPU is in MHz, memory and storage are in MiB; limits are null where there is none, and every number is null where it is not known. " +
			"vCenter alone does not know machines, volumes, clusters and zones of a namespace: those come from the Supervisor. Where it cannot be read, " +
			"the rest is still answered, and a warning and `reasons` say what is missing. A full quota is an answer and no error: see `status` and `reasons`.\n\n" +
			"All namespaces at once take as many requests as a few. Of more than eight, CPU and memory limits are those of the namespaces' resource pools " +
			"(one that vSphere splits over several compute clusters may lack what was lost in rounding), those on storage and objects come from the " +
			"Supervisor's quota objects; where these cannot be read, each namespace is asked for, and a warning says so. A namespace without a limit of its own of which each zone has one has their sum.",
		Attributes: attributes,
	}
}

func namespaceAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"cpu":    machines("CPU in MHz. A machine counts with its vCPUs at the speed of the slowest core of the Supervisor's hosts."),
		"memory": machines("Memory in MiB."),
		"storage": amount("Storage in MiB, over all policies. `max` takes 20 GiB for the first disk of a node, " +
			"which no API tells, and the volumes of its pool."),
		"storage_policies": schema.MapNestedAttribute{
			Computed: true, MarkdownDescription: "Storage in MiB by storage policy, by the policy's name (by its id where the account may not list policies).",
			NestedObject: schema.NestedAttributeObject{Attributes: amountAttributes()},
		},
		"objects": schema.MapNestedAttribute{
			Computed: true, MarkdownDescription: "Counts of Kubernetes objects that are limited, by kind as in `vks_namespace.object_limits`: `pods`, `config_maps`, ...",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"limit": computed.Number("Most objects of this kind; null = no limit."),
				"used":  computed.Number("Objects that the Supervisor counts; null where it does not say."),
			}},
		},
		"zones": schema.MapNestedAttribute{
			Computed: true,
			MarkdownDescription: "CPU (MHz) and memory (MiB) by vSphere Zone. `reserved` is what the zone guarantees to the namespace. " +
				"vCenter does not report use by zone, so that `used`, `free` and `used_percent` are null; so is `max`.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"cpu": machines("CPU in MHz."), "memory": machines("Memory in MiB."),
			}},
		},
		"clusters": schema.MapNestedAttribute{
			Computed: true, MarkdownDescription: "The VKS clusters by name, with the machines that exist.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"control_plane_nodes": computed.Number("Machines of the control plane."),
				"worker_nodes":        computed.Number("Machines of all pools."),
				"max_worker_nodes":    computed.Number("Machines of all pools with every autoscaler at its maximum."),
				"vcpus":               computed.Number("vCPUs of all machines."),
				"memory_mib":          computed.Number("Memory of all machines, in MiB."),
				"storage_mib":         computed.Number("Disks of all machines, in MiB, with 20 GiB for the first disk of each; volumes of workloads are not in it."),
			}},
		},
		"cost": schema.SingleNestedAttribute{
			Computed: true,
			MarkdownDescription: "What the namespace costs in `hours`, in the currency of `rates`: what its machines and volumes are sized for, or what it uses where that is more. " +
				"Null without `rates`.",
			Attributes: map[string]schema.Attribute{
				"cpu": price("CPU."), "memory": price("Memory."), "storage": price("Storage."), "total": price("All together."),
			},
		},
		"autoscaler_headroom_blocked": computed.Flag("Is there an autoscaler that cannot reach its maximum within the quota. `reasons` says which. " +
			"Null where that none is stopped is not known."),
	}
	maps.Copy(attributes, statusAttributes())
	return attributes
}

func amount(description string) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: description, Attributes: amountAttributes()}
}

// machines is an amount of what machines consume.
func machines(description string) schema.SingleNestedAttribute {
	a := amount(description)
	a.Attributes["consumed"] = computed.Number("What the machines in the namespace's resource pools take from the hosts at this moment: for CPU the MHz in use, " +
		"for memory what hosts have given them, overhead included. The limit caps it. A measurement, which differs from one read to the next; " +
		"null where the pools cannot be read.")
	return a
}

func amountAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"limit":             computed.Number("The limit; null = no limit, 0 = none allowed."),
		"used":              computed.Number("What vCenter reports in use (for a storage policy: the Supervisor). For CPU and memory vCenter sums up what pods request: it is no measurement of machines."),
		"allocated":         computed.Number("What the machines and volumes that exist are sized for. It may exceed a limit on CPU or memory, which caps what machines consume."),
		"reserved":          computed.Number("What the VM classes of machines reserve, so that nobody else can have it; for storage, what running operations have set aside."),
		"max":               computed.Number("`allocated` once every autoscaler is at its maximum."),
		"free":              computed.Number("Limit less `used`; null = no limit."),
		"used_percent":      computed.Number("`used` in percent of the limit, rounded down; null = no limit."),
		"allocated_percent": computed.Number("`allocated` in percent of the limit, rounded down; null = no limit."),
	}
}

func statusAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"status":  computed.Text("`ok`, `warning` or `critical`."),
		"reasons": computed.TextList("Why the status is not `ok`, a line each. After those, lines that begin with `not known: ` say what could not be read and why; they do not change the status."),
	}
}

func price(description string) schema.Float64Attribute {
	return schema.Float64Attribute{Computed: true, MarkdownDescription: description}
}

func rate(description string) schema.Float64Attribute {
	return schema.Float64Attribute{
		Optional: true, MarkdownDescription: description + " Default 0.",
		Validators: []validator.Float64{float64validator.AtLeast(0)},
	}
}

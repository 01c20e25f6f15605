package headroom

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/objectvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// leastOvercommit keeps an overcommit above nothing.
const leastOvercommit = 0.01

func dataSourceSchema() schema.Schema {
	attributes := map[string]schema.Attribute{
		// Optional
		"supervisor": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Name or id of the Supervisor whose compute clusters are looked at. Default: the provider's, or the only one.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1), stringvalidator.ConflictsWith(path.MatchRoot("compute_clusters"))},
		},
		"compute_clusters": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Names or managed object ids (`domain-c9`) of vSphere clusters, in place of those of a Supervisor. `zone` is then not known.",
			Validators:          []validator.Set{setvalidator.SizeAtLeast(1)},
		},
		"host_failures_to_tolerate": schema.Int64Attribute{
			Optional: true, Computed: true,
			MarkdownDescription: "How many hosts may fail in each cluster at the same time. Default 1. The worst choice of hosts is looked for.",
			Validators:          []validator.Int64{int64validator.AtLeast(0)},
		},
		"cpu_overcommit": schema.Float64Attribute{
			Optional: true, Computed: true,
			MarkdownDescription: "vCPUs for each physical core. Default 4.0.",
			Validators:          []validator.Float64{float64validator.AtLeast(leastOvercommit)},
		},
		"memory_overcommit": schema.Float64Attribute{
			Optional: true, Computed: true,
			MarkdownDescription: "MiB of machines for each MiB of a host. Default 1.0: nothing is overcommitted.",
			Validators:          []validator.Float64{float64validator.AtLeast(leastOvercommit)},
		},
		"vm_class": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "VM class of the machine to find room for: `best-effort-large`. What a class reserves (`guaranteed-*` everything) " +
				"counts too, its CPU at the speed of the slowest core. Without this and `vm` nothing is placed, and `placeable` is null.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1), stringvalidator.ConflictsWith(path.MatchRoot("vm"))},
		},
		"vm": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Size of the machine to find room for, in place of a class.",
			Validators:          []validator.Object{objectvalidator.ConflictsWith(path.MatchRoot("vm_class"))},
			Attributes: map[string]schema.Attribute{
				"cpus":       schema.Int64Attribute{Required: true, MarkdownDescription: "vCPUs.", Validators: []validator.Int64{int64validator.AtLeast(1)}},
				"memory_mib": schema.Int64Attribute{Required: true, MarkdownDescription: "Memory in MiB.", Validators: []validator.Int64{int64validator.AtLeast(1)}},
				"cpu_reservation_mhz": schema.Int64Attribute{
					Optional: true, MarkdownDescription: "CPU that must be reserved, in MHz. Default 0.", Validators: []validator.Int64{int64validator.AtLeast(0)},
				},
				"memory_reservation_mib": schema.Int64Attribute{
					Optional: true, MarkdownDescription: "Memory that must be reserved, in MiB. Default 0.", Validators: []validator.Int64{int64validator.AtLeast(0)},
				},
			},
		},
		"warning_percent": schema.Int64Attribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Use or reservation of CPU or memory, in percent of the usable hosts, from which the status is `warning`. Default 75.",
			Validators:          []validator.Int64{int64validator.AtLeast(0)},
		},
		"critical_percent": schema.Int64Attribute{
			Optional: true, Computed: true,
			MarkdownDescription: "The same for `critical`. Default 90.",
			Validators:          []validator.Int64{int64validator.AtLeast(0)},
		},
		"include_hosts": schema.BoolAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "List every host in `hosts`. Default false: large inventories make large states.",
		},
		// Computed
		"id": schema.StringAttribute{Computed: true, MarkdownDescription: "Id of the Supervisor, or the ids of the clusters."},
		"clusters": schema.MapNestedAttribute{
			Computed: true, MarkdownDescription: "The clusters by name; where two have the same name, by name and id.",
			NestedObject: schema.NestedAttributeObject{Attributes: clusterAttributes()},
		},
		"hosts": schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: "The hosts by cluster and name, usable or not. Null without `include_hosts`.",
			NestedObject: schema.NestedAttributeObject{Attributes: hostAttributes()},
		},
		"total": schema.SingleNestedAttribute{Computed: true, MarkdownDescription: "The sums over all clusters.", Attributes: sumsAttributes()},
	}
	maps.Copy(attributes, placeableAttributes())
	maps.Copy(attributes, statusAttributes())
	return schema.Schema{
		MarkdownDescription: "Is there room on the hosts: for what runs after a host fails, and for more machines of a size. " +
			"It looks at the hosts as they are when it is read, so that in a `check` block or a precondition a plan can stop before the platform does.\n\n" +
			"Every count comes from an actual packing of machines onto hosts, never from dividing sums. Machines count with their size, not with what they happen to use. " +
			"It does not know of DRS rules, affinity, networks, datastores or devices. Not enough room is an answer and no error: see `status` and `reasons`.",
		Attributes: attributes,
	}
}

func clusterAttributes() map[string]schema.Attribute {
	attributes := sumsAttributes()
	maps.Copy(attributes, statusAttributes())
	maps.Copy(attributes, map[string]schema.Attribute{
		"id":   text("Managed object id: `domain-c9`."),
		"zone": text("vSphere Zone that the cluster is in; null where it is not known."),
		"ha_admission_control": schema.SingleNestedAttribute{
			Computed: true, MarkdownDescription: "What vSphere HA keeps free by its own settings. It is shown, and does not enter the sums.",
			Attributes: map[string]schema.Attribute{
				"ha_enabled":     flag("Is vSphere HA on: without it nothing restarts the machines of a failed host."),
				"policy":         text("`disabled`, `host_failures`, `percentage` or `dedicated_hosts`."),
				"host_failures":  number("Host failures that room is kept for; null where the policy does not say."),
				"cpu_percent":    number("Percent of CPU that is kept free; null with another policy."),
				"memory_percent": number("Percent of memory that is kept free; null with another policy."),
			},
		},
	})
	return attributes
}

func sumsAttributes() map[string]schema.Attribute {
	attributes := placeableAttributes()
	maps.Copy(attributes, loadAttributes())
	maps.Copy(attributes, map[string]schema.Attribute{
		"hosts":                        number("Hosts."),
		"usable_hosts":                 number("Hosts that can take machines: connected, powered on, in neither maintenance nor quarantine. Only these count in the sums."),
		"cpu_used_percent":             number("CPU in use, in percent, rounded down; null with no usable host."),
		"memory_used_percent":          number("Memory in use, in percent, rounded down; null with no usable host."),
		"largest_free_host_cpu_mhz":    number("The most CPU that one host has free."),
		"largest_free_host_memory_mib": number("The most memory that one host has free; not always the same host."),
		"survives_failures":            flag("Would everything that runs on the failed hosts find a place on the other hosts of its cluster."),
	})
	return attributes
}

func loadAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"cpu_capacity_mhz":     number("CPU of all cores, in MHz, without overcommit."),
		"memory_capacity_mib":  number("Memory in MiB, without overcommit."),
		"cpu_used_mhz":         number("CPU in use now, in MHz: vCenter's own short average."),
		"memory_used_mib":      number("Memory in use now, in MiB, the hypervisor's included."),
		"cpu_reserved_mhz":     number("CPU reserved by machines that are powered on, in MHz."),
		"memory_reserved_mib":  number("Memory reserved by machines that are powered on, in MiB."),
		"vcpus_allocated":      number("vCPUs of the machines that are powered on."),
		"memory_allocated_mib": number("Memory that the machines that are powered on are sized for, in MiB."),
		"cpu_free_mhz":         number("Capacity less use, in MHz, host by host."),
		"memory_free_mib":      number("Capacity less use, in MiB, host by host."),
	}
}

func placeableAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"placeable":                number("How many more machines of `vm_class` or `vm` there is room for now; null when neither is set."),
		"placeable_after_failures": number("How many of them there is still room for after the failures to tolerate, once what ran on the failed hosts runs again."),
	}
}

func statusAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"status":  text("`ok`, `warning` or `critical`."),
		"reasons": schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Why the status is not `ok`, a line each."},
	}
}

func hostAttributes() map[string]schema.Attribute {
	attributes := loadAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"cluster":         text("Cluster of the host, as in `clusters`."),
		"name":            text("Name of the host."),
		"usable":          flag("Can it take machines."),
		"unusable_reason": text("Why not: `in maintenance mode`. Null when it can."),
		"overall_status":  text("vCenter's overall status: `green`, `yellow`, `red`, or `gray` for not known. A red host is still usable."),
		"vms":             number("Machines that are powered on there."),
		"placeable":       number("How many more machines there is room for on this host; null when no machine was asked for."),
	})
	return attributes
}

func number(description string) schema.Int64Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

func text(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func flag(description string) schema.BoolAttribute {
	return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
}

package namespace

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/tf/validate"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// networkAttribute is computed, too: without it a namespace gets the network of
// its Supervisor, and an import finds what is there. Its changes are planned in
// network_plan.go, where another network replaces the namespace.
func networkAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "Network of the namespace, settled when it is created: another one replaces the namespace. Unset: what the Supervisor gives to namespaces. " +
			"Taking it out of a configuration changes nothing. What vCenter tells of a network is read back: before 9.0 that are only workload networks, and never the values of `nsx`. " +
			"What somebody changes by hand later never replaces the namespace: additions are left alone, and of other differences a warning tells.",
		Attributes: map[string]schema.Attribute{
			"provider": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Required. What provides networks to the Supervisor: `NSXT_CONTAINER_PLUGIN` (with `nsx`), `VSPHERE_NETWORK` (with `networks`) or `NSX_VPC` (with `vpc`; needs vCenter 9.0 or later).",
				Validators:          []validator.String{stringvalidator.OneOf(vcenter.ProviderNCP, vcenter.ProviderVDS, vcenter.ProviderVPC)},
			},
			"nsx": nsxAttribute(),
			"vpc": vpcAttribute(),
			"networks": schema.ListAttribute{
				Optional: true, Computed: true,
				ElementType:         types.StringType,
				MarkdownDescription: "Names of the Supervisor's workload networks. The first is for machines that name none. More than one needs vCenter 9.1 or later. Networks that somebody adds later are left alone. Default: the primary workload network.",
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1), listvalidator.UniqueValues(), listvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
			},
		},
	}
}

func nsxAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "NSX network of the namespace's own, in place of the Supervisor's settings. vCenter does not tell these values: a change made by hand is not seen. Values that come or go replace the namespace, but for one that was imported: there they are only noted, with a warning.",
		Attributes: map[string]schema.Attribute{
			"namespace_network_cidrs": cidrsAttribute("Blocks of addresses for all that runs in the namespace.", false),
			"ingress_cidrs":           cidrsAttribute("Blocks of addresses for Ingresses and Services of type LoadBalancer.", false),
			"egress_cidrs":            cidrsAttribute("Blocks of addresses that traffic leaves the namespace with. Not with `routed_mode`.", false),
			"nsx_tier0_gateway": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Tier-0 gateway. Default: the Supervisor's.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"subnet_prefix_length": schema.Int64Attribute{
				Optional: true, MarkdownDescription: "Size of the subnets of the namespace's segments, as the length of their prefix. Default: the Supervisor's.",
				Validators: []validator.Int64{int64validator.Between(1, 32)},
			},
			"routed_mode": schema.BoolAttribute{Optional: true, MarkdownDescription: "Do not translate addresses of traffic in the namespace. Default: `false`."},
			"load_balancer_size": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Size of the NSX load balancer: `SMALL` (default), `MEDIUM` or `LARGE`.",
				Validators: []validator.String{stringvalidator.OneOf("SMALL", "MEDIUM", "LARGE")},
			},
		},
	}
}

func vpcAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "NSX VPC of the namespace. Without `vpc` inside, one is made for it.",
		Attributes: map[string]schema.Attribute{
			"vpc": schema.StringAttribute{
				Optional: true, Computed: true, MarkdownDescription: "NSX path of a VPC that exists, such as `/orgs/default/projects/p1/vpcs/team-a`. Default: a new one, whose path is here then.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"private_cidrs": cidrsAttribute("Blocks of addresses for private subnets of a VPC that is made for the namespace. Default: the Supervisor's.", true),
			"shared_subnets": schema.ListAttribute{
				Optional: true, Computed: true,
				ElementType:         types.StringType,
				MarkdownDescription: "NSX paths of subnets from outside of the Supervisor to use in the namespace. Needs vCenter 9.1 or later.",
				Validators:          []validator.List{listvalidator.SizeAtLeast(1), listvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"default_subnet_size": schema.Int64Attribute{
				Optional: true, Computed: true, MarkdownDescription: "Number of addresses in a subnet that says nothing about it. Default: 32.",
				Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
		},
	}
}

func cidrsAttribute(description string, computed bool) schema.ListAttribute {
	return schema.ListAttribute{
		Optional: true, Computed: computed,
		ElementType:         types.StringType,
		MarkdownDescription: description + " IPv4 in CIDR notation, such as `10.0.0.0/16`.",
		Validators:          []validator.List{listvalidator.SizeAtLeast(1), listvalidator.ValueStringsAre(validate.IPv4CIDR())},
	}
}

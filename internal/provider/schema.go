package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
	"github.com/vksops/terraform-provider-vks/internal/tf/validate"
)

// Schema describes the provider block. Every attribute is also an environment
// variable, and the attribute wins.
func (p *vks) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Tenancy and protection as code for VMware vSphere Kubernetes Service (VKS). Every attribute can also be given as an environment variable; the attribute wins. Configuring the provider makes no connection: each opens on first use, so that one apply can create a namespace, the cluster in it and what lives in the cluster.",
		Attributes: map[string]schema.Attribute{
			"vcenter":    vcenterSchema(),
			"supervisor": supervisorSchema(),
			"workload":   workloadSchema(),
			"deletion_protection": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Default of the attribute `deletion_protection` of resources that have it. Default `false`. Environment: `VKS_DELETION_PROTECTION`.",
			},
			"capacity_check": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Default of the attribute `capacity_check` of resources that have it: `off`, `warn` or `error`. Default `warn`. Environment: `VKS_CAPACITY_CHECK`.",
				Validators:          []validator.String{stringvalidator.OneOf(capacityChecks...)},
			},
			"request_timeout": schema.StringAttribute{
				Optional:            true,
				CustomType:          tftypes.DurationType{},
				MarkdownDescription: "How long to wait for a connection and for the head of one answer, as a duration (`30s`, `2m`). Default `1m0s`. Environment: `VKS_REQUEST_TIMEOUT`.",
				Validators:          []validator.String{validate.AtLeast(time.Second, "No server answers that fast every time.")},
			},
			"max_retries": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "How often a request that is safe to repeat is repeated after a passing failure (429, 502, 503, 504, a broken connection). Default `4`. Environment: `VKS_MAX_RETRIES`.",
				Validators:          []validator.Int64{int64validator.Between(0, 20)},
			},
			"requests_per_second": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "The most requests per second to each server; `0` is unlimited. Default `200`. Environment: `VKS_REQUESTS_PER_SECOND`.",
				Validators:          []validator.Int64{int64validator.Between(0, 10000)},
			},
		},
	}
}

func vcenterSchema() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "How to reach vCenter.",
		Attributes: map[string]schema.Attribute{
			"server":   optionalString("Host name or address of vCenter, with `:port` where it is not 443.", "VKS_VCENTER_SERVER", "VSPHERE_SERVER"),
			"username": optionalString("vCenter SSO user, such as `administrator@vsphere.local`. Also logs in to the Supervisor.", "VKS_USERNAME", "VSPHERE_USER"),
			"password": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "Password of the SSO user. Environment: `VKS_PASSWORD`, `VSPHERE_PASSWORD`.",
			},
			"ca_pem":   optionalString("PEM of the CA that signed vCenter's certificate, trusted beside the system's CAs.", "VKS_VCENTER_CA_PEM"),
			"ca_file":  optionalString("File with that PEM.", "VKS_VCENTER_CA_FILE"),
			"insecure": optionalBool("Do not verify vCenter's certificate. Default `false`; a warning when `true`.", "VKS_VCENTER_INSECURE", "VSPHERE_ALLOW_UNVERIFIED_SSL"),
		},
	}
}

func supervisorSchema() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Which Supervisor, and how to reach its Kubernetes API.",
		Attributes: map[string]schema.Attribute{
			"name":               optionalString("Name or id of the Supervisor in vCenter. Not needed where vCenter has just one.", "VKS_SUPERVISOR"),
			"server":             optionalString("Address of the Supervisor's control plane, with `:port` where it is not the default (443 for logins, 6443 for the API). Default: what vCenter reports. Where it is set here, `VKS_SUPERVISOR_KUBECONFIG` is not read.", "VKS_SUPERVISOR_SERVER"),
			"ca_pem":             optionalString("PEM of the CA that signed the Supervisor's certificate. It is usually not vCenter's.", "VKS_SUPERVISOR_CA_PEM"),
			"ca_file":            optionalString("File with that PEM.", "VKS_SUPERVISOR_CA_FILE"),
			"insecure":           optionalBool("Do not verify the Supervisor's certificate. Default `false`.", "VKS_SUPERVISOR_INSECURE"),
			"kubeconfig_file":    optionalString("Kubeconfig to use in place of `server` and the SSO login.", "VKS_SUPERVISOR_KUBECONFIG"),
			"kubeconfig_context": optionalString("Context in that kubeconfig. Default: its current context.", "VKS_SUPERVISOR_KUBECONFIG_CONTEXT"),
			"token": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "Bearer token to use in place of the SSO login. Environment: `VKS_SUPERVISOR_TOKEN`.",
			},
			"token_file": optionalString("File with that token, read again when it changes (HCP Terraform workload identity writes one).", "VKS_SUPERVISOR_TOKEN_FILE"),
		},
	}
}

func workloadSchema() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "How to reach workload clusters.",
		Attributes: map[string]schema.Attribute{
			"kubeconfig_file":    optionalString("Kubeconfig of the cluster that protection resources without `cluster_id` act on: an attached cluster, or kind.", "VKS_WORKLOAD_KUBECONFIG"),
			"kubeconfig_context": optionalString("Context in that kubeconfig. Default: its current context.", "VKS_WORKLOAD_KUBECONFIG_CONTEXT"),
			"auth": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "How a cluster named by `cluster_id` is reached: `login` (SSO through the Supervisor), `secret` (the kubeconfig Secret of the cluster), or `auto`, which tries them in that order. Default `auto`. Environment: `VKS_WORKLOAD_AUTH`.",
				Validators:          []validator.String{stringvalidator.OneOf(workloadAuths...)},
			},
		},
	}
}

func optionalString(description string, variables ...string) schema.Attribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description + environment(variables)}
}

func optionalBool(description string, variables ...string) schema.Attribute {
	return schema.BoolAttribute{Optional: true, MarkdownDescription: description + environment(variables)}
}

func environment(variables []string) string {
	text := " Environment: "
	for i, v := range variables {
		if i > 0 {
			text += ", "
		}
		text += "`" + v + "`"
	}
	return text + "."
}

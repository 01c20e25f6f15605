// Package kubeconfig is the ephemeral resource vks_kubeconfig: the way into a
// VKS cluster, which is never in plan or state. It must not import another
// service, or a client package besides supervisor.
package kubeconfig

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/tf/base"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
)

const typeName = "_kubeconfig"

var (
	_ ephemeral.EphemeralResourceWithConfigure      = (*Ephemeral)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*Ephemeral)(nil)
)

// NewEphemeral makes the ephemeral resource vks_kubeconfig.
func NewEphemeral() ephemeral.EphemeralResource { return &Ephemeral{} }

// Ephemeral is vks_kubeconfig.
type Ephemeral struct {
	base.Ephemeral[*clients.Set]
}

type model struct {
	ClusterID  types.String `tfsdk:"cluster_id"`
	Auth       types.String `tfsdk:"auth"`
	Kubeconfig types.String `tfsdk:"kubeconfig"`
	Host       types.String `tfsdk:"host"`
	CA         types.String `tfsdk:"cluster_ca_certificate"`
	Token      types.String `tfsdk:"token"`
	ClientCert types.String `tfsdk:"client_certificate"`
	ClientKey  types.String `tfsdk:"client_key"`
	Expiration types.String `tfsdk:"expiration"`
}

// Metadata names the ephemeral resource.
func (e *Ephemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + typeName
}

// Schema describes the ephemeral resource.
func (e *Ephemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Credentials of a VKS cluster, for other providers and for provisioners. They are read anew whenever Terraform opens them, and are in no plan or state.\n\n" +
			"It takes a request for the cluster, and one for the credentials: a login, or the Secret. A login needs a role in the vSphere Namespace, the Secret `EDIT` or `OWNER` there. " +
			"Where `cluster_id` is only known after apply, Terraform waits for it. A cluster whose control plane has not been up yet is an error that says what is missing: let `vks_cluster` wait for it (`wait_for`), which is the default.\n\n" +
			"Pass all of `token`, `client_certificate` and `client_key` on, as the examples do: what is null is left out, so that the same lines serve both kinds of credentials. " +
			"A token ends within hours and is not renewed during a run: for an apply that takes longer, use `secret`.",
		Attributes: map[string]schema.Attribute{
			"cluster_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Id of the `vks_cluster`: `NAMESPACE/NAME`.",
			},
			"auth": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Which credentials: `login` (a token of the SSO user, which expires within hours), `secret` (the administrator's certificate from the cluster's kubeconfig Secret), or `auto`, which takes the first of them that is there. Default: the provider's `workload.auth`.",
				Validators:          []validator.String{stringvalidator.OneOf(supervisor.AuthAuto, supervisor.AuthLogin, supervisor.AuthSecret)},
			},
			"kubeconfig":             secret("A whole kubeconfig."),
			"host":                   schema.StringAttribute{Computed: true, MarkdownDescription: "URL of the cluster's API server."},
			"cluster_ca_certificate": schema.StringAttribute{Computed: true, MarkdownDescription: "CA of the API server, as PEM."},
			"token":                  secret("Bearer token; null where a client certificate is used."),
			"client_certificate":     secret("Client certificate as PEM; null where a token is used."),
			"client_key":             secret("Key of the client certificate as PEM; null where a token is used."),
			"expiration":             schema.StringAttribute{Computed: true, MarkdownDescription: "When the token or certificate ends (RFC 3339); null when it does not say."},
		},
	}
}

func secret(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: description}
}

// ValidateConfig checks the form of the id.
func (e *Ephemeral) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	var id types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("cluster_id"), &id)...)
	if resp.Diagnostics.HasError() || id.IsNull() || id.IsUnknown() {
		return
	}
	key, err := ids.ParseCluster(id.ValueString())
	switch {
	case err != nil:
		resp.Diagnostics.AddAttributeError(path.Root("cluster_id"), "Invalid cluster_id", err.Error()+".")
	case key.IsAttached():
		resp.Diagnostics.AddAttributeError(path.Root("cluster_id"), "Invalid cluster_id",
			"The cluster of the provider's workload block already has a kubeconfig: name a vks_cluster as NAMESPACE/NAME.")
	}
}

// Open reads the credentials.
func (e *Ephemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	who := "VKS cluster " + m.ClusterID.ValueString()
	key, err := ids.ParseCluster(m.ClusterID.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("cluster_id"), "Invalid cluster_id", err.Error()+".")
		return
	}
	auth := m.Auth.ValueString()
	if workload := e.Data.Config().Workload; auth == "" {
		if auth = workload.Auth; slices.Contains(workload.Unknown, "workload") || slices.Contains(workload.Unknown, "workload.auth") {
			resp.Diagnostics.AddAttributeError(path.Root("auth"), "Unable to read kubeconfig",
				who+"\n\nThe provider's workload.auth is only known after apply. Set auth here, or give workload.auth a value that is known.")
			return
		}
	}
	client, err := e.Data.Supervisor(ctx)
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to read kubeconfig", who, err)
		return
	}
	access, err := client.GuestAccess(ctx, key.Namespace, key.Name, auth)
	switch {
	case fault.IsNotFound(err):
		resp.Diagnostics.AddAttributeError(path.Root("cluster_id"), "VKS cluster not found",
			who+" ("+client.Where()+")\n\nThere is no such cluster. If the same apply creates it, refer to its id (cluster_id = vks_cluster.example.id), so that it is read after that.")
		return
	case err != nil:
		diags.AddError(&resp.Diagnostics, "Unable to read kubeconfig", who, err)
		return
	}
	file, err := access.Kubeconfig(key.Name)
	if err != nil {
		diags.AddError(&resp.Diagnostics, "Unable to write kubeconfig", who, err)
		return
	}
	m.fill(access, string(file))
	resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
}

func (m *model) fill(access *supervisor.GuestAccess, file string) {
	m.Kubeconfig, m.Host, m.CA = types.StringValue(file), types.StringValue(access.Server), types.StringValue(string(access.CAPEM))
	m.Token, m.ClientCert, m.ClientKey = text(access.Token), text(string(access.ClientCertPEM)), text(string(access.ClientKeyPEM))
	m.Expiration = types.StringNull()
	if !access.Expires.IsZero() {
		m.Expiration = types.StringValue(access.Expires.UTC().Format(time.RFC3339))
	}
}

func text(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

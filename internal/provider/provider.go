// Package provider is the provider block: its schema, how it becomes clients,
// and the list of what the provider offers.
package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/service/backupschedule"
	"github.com/vksops/terraform-provider-vks/internal/service/cluster"
	"github.com/vksops/terraform-provider-vks/internal/service/clusterclass"
	"github.com/vksops/terraform-provider-vks/internal/service/dataprotection"
	"github.com/vksops/terraform-provider-vks/internal/service/headroom"
	"github.com/vksops/terraform-provider-vks/internal/service/kubeconfig"
	"github.com/vksops/terraform-provider-vks/internal/service/kubernetesrelease"
	"github.com/vksops/terraform-provider-vks/internal/service/namespace"
	"github.com/vksops/terraform-provider-vks/internal/service/quota"
	"github.com/vksops/terraform-provider-vks/internal/service/storagelocation"
	"github.com/vksops/terraform-provider-vks/internal/service/storagepolicy"
	"github.com/vksops/terraform-provider-vks/internal/service/supervisorinfo"
	"github.com/vksops/terraform-provider-vks/internal/service/vmclass"
)

var (
	_ provider.Provider                       = (*vks)(nil)
	_ provider.ProviderWithEphemeralResources = (*vks)(nil)
	_ provider.ProviderWithValidateConfig     = (*vks)(nil)
)

// New gives the constructor of the provider. What it opens is remembered in
// opened, so that the end of the process can log out.
func New(version string, opened *clients.Opened) func() provider.Provider {
	return func() provider.Provider { return &vks{version: version, opened: opened} }
}

type vks struct {
	version string
	opened  *clients.Opened
}

// Metadata gives the type name that prefixes all others.
func (p *vks) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "vks"
	resp.Version = p.version
}

// ValidateConfig finds what contradicts itself, before anything connects.
func (p *vks) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	m.validate(ctx, &resp.Diagnostics)
}

// Configure reads the block and the environment. It makes no request:
// each connection opens on first use.
func (p *vks) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	config := m.config(ctx, "terraform-provider-vks/"+p.version+" terraform/"+req.TerraformVersion, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if config.VCenter.Insecure {
		resp.Diagnostics.AddAttributeWarning(path.Root("vcenter").AtName("insecure"), "TLS verification is off",
			"vCenter "+config.VCenter.Server+" is not verified: whoever sits in between can read the password. Set vcenter.ca_file or vcenter.ca_pem in its place.")
	}
	if config.Supervisor.Insecure {
		resp.Diagnostics.AddAttributeWarning(path.Root("supervisor").AtName("insecure"), "TLS verification is off",
			"The Supervisor is not verified: whoever sits in between can read the password, which logs in there too. Set supervisor.ca_file or supervisor.ca_pem in its place.")
	}
	set := clients.New(config)
	p.opened.Add(set)
	resp.ResourceData = set
	resp.DataSourceData = set
	resp.EphemeralResourceData = set
}

// Resources lists the resources.
func (p *vks) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		namespace.NewResource,
		cluster.NewResource,
		dataprotection.NewResource,
		storagelocation.NewResource,
		backupschedule.NewResource,
	}
}

// DataSources lists the data sources.
func (p *vks) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		cluster.NewDataSource,
		cluster.NewListDataSource,
		clusterclass.NewDataSource,
		headroom.NewDataSource,
		kubernetesrelease.NewDataSource,
		namespace.NewDataSource,
		namespace.NewListDataSource,
		quota.NewDataSource,
		storagepolicy.NewDataSource,
		supervisorinfo.NewDataSource,
		vmclass.NewDataSource,
	}
}

// EphemeralResources lists the ephemeral resources.
func (p *vks) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		kubeconfig.NewEphemeral,
	}
}

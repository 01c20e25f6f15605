// Package kubernetesrelease is the data source vks_kubernetes_releases. Of the
// clients it imports supervisor only, and no other service.
package kubernetesrelease

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/tf/base"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
)

const (
	summary = "Unable to read Kubernetes releases"
	who     = "data source vks_kubernetes_releases"

	notServed = "The Supervisor has no KubernetesReleases (kubernetes.vmware.com/v1alpha1): vSphere Kubernetes Service is not installed there, or is too old."
)

var _ datasource.DataSourceWithConfigure = (*dataSource)(nil)

// platform is what this data source needs of the Supervisor.
type platform interface {
	Releases(ctx context.Context) ([]supervisor.Release, error)
	OSImages(ctx context.Context) ([]supervisor.OSImage, error)
}

var _ platform = (*supervisor.Client)(nil)

// NewDataSource makes the data source.
func NewDataSource() datasource.DataSource { return &dataSource{} }

type dataSource struct {
	base.DataSource[*clients.Set]
}

// Metadata gives the type's name.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_kubernetes_releases"
}

// Schema describes the data source.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataSourceSchema()
}

// Read lists the releases. That none fits is an answer, and no error.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	base.Fill(ctx, req, resp, func(m *model, to *diag.Diagnostics) {
		client, err := d.Data.Supervisor(ctx)
		if err != nil {
			diags.AddError(to, summary, who, err)
			return
		}
		m.read(ctx, client, to)
	})
}

func (m *model) read(ctx context.Context, from platform, to *diag.Diagnostics) {
	releases, err := from.Releases(ctx)
	var images []supervisor.OSImage
	if err == nil {
		images, err = from.OSImages(ctx)
	}
	if err != nil {
		diags.AddError(to, summary, who, fault.Advise(err, fault.RouteAbsent, notServed))
		return
	}
	m.flatten(releases, images)
}

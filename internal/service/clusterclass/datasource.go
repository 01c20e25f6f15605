// Package clusterclass is the data source vks_cluster_classes. Of the clients it
// imports supervisor only, and no other service.
package clusterclass

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/tf/base"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
)

const (
	summary = "Unable to read ClusterClasses"
	who     = "data source vks_cluster_classes"
)

var _ datasource.DataSourceWithConfigure = (*dataSource)(nil)

// platform is what this data source needs of the Supervisor.
type platform interface {
	Where() string
	ClassDetails(ctx context.Context, namespace string) ([]supervisor.ClassDetail, error)
}

var _ platform = (*supervisor.Client)(nil)

// NewDataSource makes the data source.
func NewDataSource() datasource.DataSource { return &dataSource{} }

type dataSource struct {
	base.DataSource[*clients.Set]
}

// Metadata gives the type's name.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_cluster_classes"
}

// Schema describes the data source.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataSourceSchema()
}

// Read lists the classes. That none fits is an answer, and no error.
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
	if m.Namespace.IsNull() {
		m.Namespace = defaultNamespace()
	}
	name := m.Namespace.ValueString()
	classes, err := from.ClassDetails(ctx, name)
	switch {
	case fault.IsNotFound(err):
		to.AddAttributeError(path.Root("namespace"), "Namespace not found", who+" ("+from.Where()+")\n\n"+
			"This Supervisor has no namespace "+name+".\n\n"+
			"Check the name. Leave it out for the classes that VKS brings, which are in "+supervisor.PublicNamespace+" since VKS 3.4.")
	case err != nil:
		diags.AddError(to, summary, who, refused(err, name))
	default:
		m.flatten(classes, to)
	}
}

// refused says what it takes to read the classes of a namespace.
func refused(err error, namespace string) error {
	if namespace == supervisor.PublicNamespace {
		return err
	}
	return supervisor.NeedsRole(err, namespace)
}

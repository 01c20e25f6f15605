// Package supervisorinfo is the data source vks_supervisor. Of the clients it
// imports vcenter only, and no other service.
package supervisorinfo

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/base"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
)

const (
	summary = "Unable to read the Supervisor"
	who     = "data source vks_supervisor"
)

var (
	_ datasource.DataSource              = (*dataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*dataSource)(nil)
)

// NewDataSource makes the data source.
func NewDataSource() datasource.DataSource { return &dataSource{} }

type dataSource struct {
	base.DataSource[*clients.Set]
}

// Metadata gives the type's name.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_supervisor"
}

// Schema describes the data source.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataSourceSchema()
}

// Read takes what vCenter says of the Supervisor. What is unhealthy is reported,
// and no error.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	base.Fill(ctx, req, resp, func(m *model, to *diag.Diagnostics) {
		vc, err := d.Data.VCenter(ctx)
		if err != nil {
			diags.AddError(to, summary, who, err)
			return
		}
		wanted := m.Name.ValueString()
		if m.Name.IsNull() {
			wanted = d.Data.Config().Supervisor.Name
		}
		found, err := read(ctx, vc, wanted)
		switch {
		case fault.KindOf(err) == fault.Invalid:
			diags.AddAttributeError(to, path.Root("name"), "Unable to find the Supervisor", who, err)
		case err != nil:
			diags.AddError(to, summary, who, err)
		default:
			found.warn(to)
			m.flatten(found)
		}
	})
}

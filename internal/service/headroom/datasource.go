// Package headroom is the data source vks_host_headroom: is there room on the
// hosts. It reads vCenter's inventory and leaves the judgement to
// domain/headroom. It must not import another service.
package headroom

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/tf/base"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
)

const (
	summary = "Unable to read host headroom"
	who     = "data source vks_host_headroom"
)

var (
	_ datasource.DataSource                   = (*dataSource)(nil)
	_ datasource.DataSourceWithConfigure      = (*dataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*dataSource)(nil)
)

// NewDataSource makes the data source.
func NewDataSource() datasource.DataSource { return &dataSource{} }

type dataSource struct {
	base.DataSource[*clients.Set]
}

// Metadata gives the type's name.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_host_headroom"
}

// Schema describes the data source.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataSourceSchema()
}

// ValidateConfig finds what contradicts itself.
func (d *dataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if !resp.Diagnostics.HasError() {
		m.validate(&resp.Diagnostics)
	}
}

// Read judges the hosts as they are now. That there is no room is an answer,
// and no error.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	base.Fill(ctx, req, resp, func(m *model, to *diag.Diagnostics) {
		vc, err := d.Data.VCenter(ctx)
		if err != nil {
			diags.AddError(to, summary, who, err)
			return
		}
		m.setDefaults()
		facts := read(ctx, vc, m, d.Data.Config().Supervisor.Name, to)
		if !to.HasError() {
			m.assess(facts, to)
		}
	})
}

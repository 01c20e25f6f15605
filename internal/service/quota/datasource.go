// Package quota is the data source vks_quota_usage: how much of its quota has a
// tenant used. It joins what vCenter says of namespaces with what the Supervisor
// has in them, and leaves the judgement to domain/quota. It must not import
// another service.
package quota

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/tf/base"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
)

const (
	summary = "Unable to read quota usage"
	who     = "data source vks_quota_usage"
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
	resp.TypeName = req.ProviderTypeName + "_quota_usage"
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

// Read judges the namespaces as they are now. A quota that is full is an
// answer, and no error; a namespace that does not exist is one.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	base.Fill(ctx, req, resp, func(m *model, to *diag.Diagnostics) {
		m.setDefaults()
		vc, err := d.Data.VCenter(ctx)
		if err != nil {
			diags.AddError(to, summary, who, err)
			return
		}
		r := reader{vcenter: vc, supervisor: d.open, name: d.Data.Config().Supervisor.Name}
		f := r.read(ctx, m, to)
		if !to.HasError() {
			m.assess(ctx, f, to)
		}
	})
}

// open gives the Supervisor's side; a nil client must not become an interface
// that is not nil.
func (d *dataSource) open(ctx context.Context) (supervisorUsage, error) {
	sv, err := d.Data.Supervisor(ctx)
	if err != nil {
		return nil, err
	}
	return sv, nil
}

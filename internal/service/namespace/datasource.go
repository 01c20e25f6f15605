package namespace

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/base"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

const readSummary = "Unable to read vSphere Namespace"

var (
	_ datasource.DataSource              = (*dataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*dataSource)(nil)
)

// NewDataSource makes the data source vks_namespace.
func NewDataSource() datasource.DataSource { return &dataSource{} }

type dataSource struct {
	base.DataSource[*clients.Set]
}

// source is what this data source needs of vCenter.
type source interface {
	catalog
	SharedNamespace(ctx context.Context, name string) (*vcenter.Namespace, error)
	Access(ctx context.Context, namespace string, who vcenter.Access) (vcenter.AccessInfo, error)
}

// Metadata gives the type's name.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_namespace"
}

// Schema describes the data source.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataSourceSchema()
}

// Read takes what vCenter says. A namespace that is not well is reported; one
// that does not exist is an error.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	base.Fill(ctx, req, resp, func(m *infoModel, to *diag.Diagnostics) {
		vc, err := d.Data.VCenter(ctx)
		if err != nil {
			diags.AddError(to, readSummary, m.who(), err)
			return
		}
		m.read(ctx, vc, to)
	})
}

// read is one request for the namespace; what its ids stand for is looked up once
// in a run.
func (m *infoModel) read(ctx context.Context, from source, to *diag.Diagnostics) {
	live, err := from.SharedNamespace(ctx, m.Name.ValueString())
	if fault.IsNotFound(err) {
		to.AddAttributeError(path.Root("name"), "vSphere Namespace not found", m.who()+" ("+from.Where()+")\n\n"+
			"vCenter has no vSphere Namespace of this name, or the account may not see it.\n\n"+
			"Check the name: vks_namespaces lists those that the account sees. Where the same configuration creates the namespace, refer to the resource, so that it is there first.")
		return
	}
	var seen observed
	if err == nil {
		seen, err = (&model{}).observe(ctx, from, live)
	}
	var inherited map[string]bool
	if err == nil && m.ResolveInherited.ValueBool() {
		inherited, err = whichInherited(ctx, from, live)
	}
	if err != nil {
		diags.AddError(to, readSummary, m.who(), err)
		return
	}
	m.flatten(ctx, seen, inherited, to)
}

// whichInherited asks about each grant: the list does not tell which come with
// the system. Keys are grantees; one that was revoked meanwhile is missing.
func whichInherited(ctx context.Context, from source, live *vcenter.Namespace) (map[string]bool, error) {
	answers := map[string]bool{}
	for _, grant := range live.Access {
		info, err := from.Access(ctx, live.Name, grant)
		switch {
		case fault.IsNotFound(err):
		case err != nil:
			return nil, err
		default:
			answers[granteeKey(grant)] = info.Inherited
		}
	}
	return answers, nil
}

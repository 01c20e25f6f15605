// Package vmclass is the data source vks_vm_classes. Of the clients it imports
// vcenter only, and no other service.
package vmclass

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

const (
	summary = "Unable to read VM classes"
	who     = "data source vks_vm_classes"
)

var (
	_ datasource.DataSource              = (*dataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*dataSource)(nil)
)

// platform is what this data source needs of vCenter.
type platform interface {
	Where() string
	VMClasses(ctx context.Context) ([]vcenter.VMClass, error)
	SharedNamespace(ctx context.Context, name string) (*vcenter.Namespace, error)
}

// NewDataSource makes the data source.
func NewDataSource() datasource.DataSource { return &dataSource{} }

type dataSource struct {
	base.DataSource[*clients.Set]
}

// Metadata gives the type's name.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_vm_classes"
}

// Schema describes the data source.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataSourceSchema()
}

// Read lists the classes. That none fits is an answer, and no error.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	base.Fill(ctx, req, resp, func(m *model, to *diag.Diagnostics) {
		vc, err := d.Data.VCenter(ctx)
		if err != nil {
			diags.AddError(to, summary, who, err)
			return
		}
		m.read(ctx, vc, to)
	})
}

func (m *model) read(ctx context.Context, from platform, to *diag.Diagnostics) {
	list, err := from.VMClasses(ctx)
	if err != nil {
		diags.AddError(to, summary, who, err)
		return
	}
	if m.Namespace.IsNull() {
		m.flatten(list, nil)
		return
	}
	// The classes say where they are bound, but not whether there is such a namespace.
	name := m.Namespace.ValueString()
	namespace, err := from.SharedNamespace(ctx, name)
	switch {
	case fault.IsNotFound(err):
		to.AddAttributeError(path.Root("namespace"), "vSphere Namespace not found", who+" ("+from.Where()+")\n\n"+
			"vCenter has no vSphere Namespace "+name+", or the account may not see it.\n\n"+
			"Check the name. Where the same configuration creates the namespace, refer to the resource, so that it is there first.")
	case err != nil:
		diags.AddAttributeError(to, path.Root("namespace"), summary, who, err)
	default:
		m.flatten(list, namespace)
	}
}

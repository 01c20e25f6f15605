package cluster

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/tf/base"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

const readSummary = "Unable to read VKS cluster"

var (
	_ datasource.DataSourceWithConfigure      = (*dataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*dataSource)(nil)
)

// NewDataSource makes the data source vks_cluster.
func NewDataSource() datasource.DataSource { return &dataSource{} }

type dataSource struct {
	base.DataSource[*clients.Set]
}

// source is what the data sources of this package need of the Supervisor.
type source interface {
	Where() string
	GetCluster(ctx context.Context, namespace, name string) (*supervisor.Cluster, error)
	Clusters(ctx context.Context, namespace string) ([]string, error)
	ListClusters(ctx context.Context, namespace, selector string) ([]*supervisor.Cluster, error)
}

var _ source = (*supervisor.Client)(nil)

// Metadata gives the type's name.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + typeName
}

// Schema describes the data source.
func (d *dataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataSourceSchema(ctx)
}

// ValidateConfig wants to know one cluster, said in one way.
func (d *dataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var m infoModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	m.validate(&resp.Diagnostics)
}

// Read takes what the Supervisor says. A cluster that is not well is reported;
// one that does not exist is an error.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	base.Fill(ctx, req, resp, func(m *infoModel, to *diag.Diagnostics) {
		if m.validate(to); to.HasError() {
			return // a variable was unknown when the configuration was validated
		}
		client, err := d.Data.Supervisor(ctx)
		if err != nil {
			diags.AddError(to, readSummary, m.who(), err)
			return
		}
		m.read(ctx, client, to)
	})
}

// read is one request.
func (m *infoModel) read(ctx context.Context, from source, to *diag.Diagnostics) {
	key := m.key()
	live, err := from.GetCluster(ctx, key.Namespace, key.Name)
	switch {
	case fault.IsNotFound(err):
		notThere(ctx, from, key, m.who(), to)
	case err != nil:
		diags.AddError(to, readSummary, m.who(), supervisor.NeedsRole(err, key.Namespace))
	default:
		m.flatten(ctx, live, to)
	}
}

// notThere says which of the two is missing: the namespace or the cluster.
func notThere(ctx context.Context, from source, key ids.Cluster, who string, to *diag.Diagnostics) {
	first := who + " (" + from.Where() + ")\n\n"
	names, err := from.Clusters(ctx, key.Namespace)
	if fault.IsNotFound(err) {
		namespaceMissing(to, first, key.Namespace)
		return
	}
	text := first + "The vSphere Namespace " + key.Namespace + " has no VKS cluster " + key.Name + "."
	if err == nil && len(names) > 0 {
		text += " It has: " + strings.Join(names, ", ") + "."
	}
	to.AddError("VKS cluster not found", text+"\n\nCheck the name: vks_clusters lists what there is. Where the same configuration makes the cluster, "+
		"refer to its id (id = vks_cluster.example.id), so that it is there first.")
}

func namespaceMissing(to *diag.Diagnostics, first, namespace string) {
	to.AddAttributeError(path.Root("namespace"), "vSphere Namespace not found", first+
		"This Supervisor has no vSphere Namespace "+namespace+" (layer: "+string(wait.LayerNamespace)+").\n\n"+
		"Check the name: vks_namespaces lists those that the account sees. Where the same configuration creates the namespace, refer to the resource, so that it is there first.")
}

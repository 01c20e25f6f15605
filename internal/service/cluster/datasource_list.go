package cluster

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/tf/base"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

const (
	listSummary = "Unable to list VKS clusters"
	listWho     = "data source vks_clusters"
)

var (
	_ datasource.DataSourceWithConfigure      = (*listDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*listDataSource)(nil)
)

// NewListDataSource makes the data source vks_clusters.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

type listDataSource struct {
	base.DataSource[*clients.Set]
}

type listModel struct {
	Namespace     types.String            `tfsdk:"namespace"`
	LabelSelector types.String            `tfsdk:"label_selector"`
	NamePrefix    types.String            `tfsdk:"name_prefix"`
	IDs           []string                `tfsdk:"ids"`
	Clusters      map[string]summaryModel `tfsdk:"clusters"`
}

// summaryModel is what tells clusters apart; vks_cluster has the rest.
type summaryModel struct {
	Namespace             types.String     `tfsdk:"namespace"`
	Name                  types.String     `tfsdk:"name"`
	LiveVersion           types.String     `tfsdk:"live_version"`
	KubernetesRelease     types.String     `tfsdk:"kubernetes_release"`
	ClusterClass          types.String     `tfsdk:"cluster_class"`
	ClusterClassNamespace types.String     `tfsdk:"cluster_class_namespace"`
	Phase                 types.String     `tfsdk:"phase"`
	Available             types.Bool       `tfsdk:"available"`
	Paused                types.Bool       `tfsdk:"paused"`
	Deleting              types.Bool       `tfsdk:"deleting"`
	APIEndpoint           types.String     `tfsdk:"api_endpoint"`
	NodeCounts            *nodeCountsModel `tfsdk:"node_counts"`
	Labels                types.Map        `tfsdk:"labels"`
}

// Metadata gives the type's name.
func (d *listDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_clusters"
}

// Schema describes the data source.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = listSchema()
}

// ValidateConfig parses the selector.
func (d *listDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var selector types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("label_selector"), &selector)...)
	if _, err := labels.Parse(selector.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("label_selector"), "Invalid label selector", listWho+"\n\n"+err.Error()+
			".\n\nWrite it as kubectl takes it: \"team=a,tier in (prod, stage),!retired\".")
	}
}

// Read lists the clusters. That none fits is an answer, and no error.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	base.Fill(ctx, req, resp, func(m *listModel, to *diag.Diagnostics) {
		client, err := d.Data.Supervisor(ctx)
		if err != nil {
			diags.AddError(to, listSummary, listWho, err)
			return
		}
		m.read(ctx, client, to)
	})
}

func (m *listModel) read(ctx context.Context, from source, to *diag.Diagnostics) {
	namespace := m.Namespace.ValueString()
	list, err := from.ListClusters(ctx, namespace, m.LabelSelector.ValueString())
	switch {
	case fault.IsNotFound(err):
		namespaceMissing(to, listWho+" ("+from.Where()+")\n\n", namespace)
	case err != nil && namespace != "":
		diags.AddError(to, listSummary, listWho, supervisor.NeedsRole(err, namespace))
	case err != nil:
		diags.AddError(to, listSummary, listWho, fault.Advise(err, fault.Forbidden, "To list the clusters of all vSphere Namespaces takes a role on the whole Supervisor, such as its administrators have. "+
			"A tenant's account sees those of its own: set namespace. Layer: "+string(wait.LayerSupervisor)+"."))
	default:
		m.flatten(list)
	}
}

func (m *listModel) flatten(list []*supervisor.Cluster) {
	m.IDs, m.Clusters = []string{}, map[string]summaryModel{}
	for _, c := range list {
		spec := c.Spec()
		if !strings.HasPrefix(spec.Name, m.NamePrefix.ValueString()) {
			continue
		}
		id := ids.Cluster{Namespace: spec.Namespace, Name: spec.Name}.String()
		m.IDs = append(m.IDs, id)
		m.Clusters[id] = summarize(c, spec)
	}
}

func summarize(c *supervisor.Cluster, spec supervisor.ClusterSpec) summaryModel {
	return summaryModel{
		Namespace: types.StringValue(spec.Namespace), Name: types.StringValue(spec.Name),
		LiveVersion: text(c.Version()), KubernetesRelease: text(c.Release()),
		ClusterClass: text(spec.Class), ClusterClassNamespace: text(spec.ClassNamespace),
		Phase: text(c.Phase()), APIEndpoint: text(c.Endpoint()), NodeCounts: nodeCounts(c), Labels: textMap(spec.Labels),
		Available: types.BoolValue(isAvailable(c)), Paused: types.BoolValue(c.Paused()), Deleting: types.BoolValue(c.Deleting()),
	}
}

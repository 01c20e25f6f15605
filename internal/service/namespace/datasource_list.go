package namespace

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/base"
	"github.com/vksops/terraform-provider-vks/internal/tf/computed"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

const (
	listSummary = "Unable to list vSphere Namespaces"
	listWho     = "data source vks_namespaces"
)

var (
	_ datasource.DataSource              = (*listDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*listDataSource)(nil)
)

// NewListDataSource makes the data source vks_namespaces.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

type listDataSource struct {
	base.DataSource[*clients.Set]
}

// listSource is what this data source needs of vCenter.
type listSource interface {
	ResolveSupervisor(ctx context.Context, nameOrID string) (vcenter.Supervisor, error)
	Supervisors(ctx context.Context) ([]vcenter.Supervisor, error)
	Namespaces(ctx context.Context) ([]vcenter.NamespaceSummary, error)
}

type listModel struct {
	Supervisor types.String            `tfsdk:"supervisor"`
	NamePrefix types.String            `tfsdk:"name_prefix"`
	Names      []string                `tfsdk:"names"`
	Namespaces map[string]summaryModel `tfsdk:"namespaces"`
}

type summaryModel struct {
	Supervisor   string      `tfsdk:"supervisor"`
	SupervisorID string      `tfsdk:"supervisor_id"`
	Description  string      `tfsdk:"description"`
	ConfigStatus string      `tfsdk:"config_status"`
	Stats        *statsModel `tfsdk:"stats"`
	SelfService  bool        `tfsdk:"self_service"`
}

// Metadata gives the type's name.
func (d *listDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_namespaces"
}

// Schema describes the data source.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The vSphere Namespaces that the account may see, by name, of one Supervisor or of all.\n\n" +
			"One request, whatever their number, and one for the Supervisors, which all data sources and resources of a run share. A filter that matches nothing gives empty results. " +
			"Quota, permissions and the rest of one namespace are told by `vks_namespace`, the use of all of them by `vks_quota_usage`.",
		Attributes: map[string]schema.Attribute{
			// Optional
			"supervisor": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Name or id of a Supervisor: only its namespaces. Default: those of all Supervisors of the vCenter, whatever the provider's is.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"name_prefix": schema.StringAttribute{Optional: true, MarkdownDescription: "Only namespaces whose name begins with this: `team-`. Default: all."},
			// Computed
			"names": computed.TextList("The names, in alphabetical order."),
			"namespaces": schema.MapNestedAttribute{
				Computed: true, MarkdownDescription: "The namespaces by name.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"supervisor":    computed.Text("Name of the Supervisor; its id where vCenter does not list it to the account."),
					"supervisor_id": computed.Text("Id of the Supervisor; on vCenter 7 its compute cluster's."),
					"description":   computed.Text("Description; empty when there is none."),
					"config_status": computed.Text("`CONFIGURING`, `RUNNING`, `REMOVING` or `ERROR`, as vCenter reports it."),
					"stats":         shownStats(),
					"self_service":  computed.Flag("Was the namespace made by a user through self-service."),
				}},
			},
		},
	}
}

// Read lists the namespaces.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	base.Fill(ctx, req, resp, func(m *listModel, to *diag.Diagnostics) {
		vc, err := d.Data.VCenter(ctx)
		if err != nil {
			diags.AddError(to, listSummary, listWho, err)
			return
		}
		m.read(ctx, vc, to)
	})
}

func (m *listModel) read(ctx context.Context, from listSource, to *diag.Diagnostics) {
	only := ""
	if !m.Supervisor.IsNull() {
		s, err := from.ResolveSupervisor(ctx, m.Supervisor.ValueString())
		if fault.KindOf(err) == fault.Invalid {
			diags.AddAttributeError(to, path.Root("supervisor"), "Unable to find the Supervisor", listWho, err)
			return
		}
		if err != nil {
			diags.AddError(to, listSummary, listWho, err)
			return
		}
		only = s.ID
	}
	supervisors, err := from.Supervisors(ctx)
	var list []vcenter.NamespaceSummary
	if err == nil {
		list, err = from.Namespaces(ctx)
	}
	if err != nil {
		diags.AddError(to, listSummary, listWho, err)
		return
	}
	m.flatten(list, supervisors, only)
}

// flatten keeps the namespaces that were asked for; only is the id of a
// Supervisor, "" for all.
func (m *listModel) flatten(list []vcenter.NamespaceSummary, supervisors []vcenter.Supervisor, only string) {
	names := map[string]string{}
	for _, s := range supervisors {
		names[s.ID] = s.Name
	}
	m.Names, m.Namespaces = []string{}, map[string]summaryModel{}
	for _, n := range list {
		if only != "" && n.Supervisor != only || !strings.HasPrefix(n.Name, m.NamePrefix.ValueString()) {
			continue
		}
		m.Names = append(m.Names, n.Name)
		shown := summaryModel{
			Supervisor: names[n.Supervisor], SupervisorID: n.Supervisor, Description: n.Description, ConfigStatus: n.ConfigStatus,
			Stats: flattenStats(n.Stats), SelfService: n.SelfService,
		}
		if shown.Supervisor == "" {
			shown.Supervisor = n.Supervisor
		}
		m.Namespaces[n.Name] = shown
	}
	slices.Sort(m.Names)
}

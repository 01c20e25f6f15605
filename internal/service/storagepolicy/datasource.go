// Package storagepolicy is the data source vks_storage_policies. Of the clients
// it imports vcenter only, and no other service.
package storagepolicy

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/tf/base"
	"github.com/vksops/terraform-provider-vks/internal/tf/computed"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

const (
	summary = "Unable to read storage policies"
	who     = "data source vks_storage_policies"
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

type model struct {
	NamePrefix types.String           `tfsdk:"name_prefix"`
	Names      []string               `tfsdk:"names"`
	Policies   map[string]policyModel `tfsdk:"storage_policies"`
}

type policyModel struct {
	ID           string `tfsdk:"id"`
	Description  string `tfsdk:"description"`
	StorageClass string `tfsdk:"storage_class"`
}

// Metadata gives the type's name.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_storage_policies"
}

// Schema describes the data source.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The storage policies of vCenter, by name: what a `vks_namespace` can give a tenant in `storage_policies`, and the StorageClass that each becomes.\n\n" +
			"One request, shared by all data sources and resources of a run. A filter that matches nothing gives empty results. " +
			"vCenter does not answer at all when it has more than 1024 storage policies.",
		Attributes: map[string]schema.Attribute{
			// Optional
			"name_prefix": schema.StringAttribute{Optional: true, MarkdownDescription: "Only policies whose name begins with this. Case counts. Default: all."},
			// Computed
			"names": computed.TextList("The names, in alphabetical order."),
			"storage_policies": schema.MapNestedAttribute{
				Computed: true, MarkdownDescription: "The policies by name.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":          computed.Text("Id of the policy in vCenter (SPBM profile id)."),
					"description": computed.Text("Description; empty when the policy has none."),
					"storage_class": computed.Text("Name that a Supervisor gives the StorageClass of this policy, in each namespace that has it. It is worked out from the policy's name: " +
						"of a policy that was renamed since, or that was created with another name for Kubernetes, this API does not tell."),
				}},
			},
		},
	}
}

// Read lists the policies.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	base.Fill(ctx, req, resp, func(m *model, to *diag.Diagnostics) {
		vc, err := d.Data.VCenter(ctx)
		var list []vcenter.StoragePolicy
		if err == nil {
			list, err = vc.StoragePolicies(ctx)
		}
		if err != nil {
			diags.AddError(to, summary, who, err)
			return
		}
		m.flatten(list)
	})
}

func (m *model) flatten(list []vcenter.StoragePolicy) {
	m.Names, m.Policies = []string{}, map[string]policyModel{}
	for _, p := range list {
		if strings.HasPrefix(p.Name, m.NamePrefix.ValueString()) {
			m.Names = append(m.Names, p.Name)
			m.Policies[p.Name] = policyModel{ID: p.ID, Description: p.Description, StorageClass: vcenter.StorageClassName(p.Name)}
		}
	}
	slices.Sort(m.Names)
}

package clusterclass

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vksops/terraform-provider-vks/internal/domain/release"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

type model struct {
	Namespace         types.String `tfsdk:"namespace"`
	KubernetesVersion types.String `tfsdk:"kubernetes_version"`
	Name              types.String `tfsdk:"name"`
	Newest            types.String `tfsdk:"newest"`
	Classes           []classModel `tfsdk:"classes"`
}

type classModel struct {
	Name           string                   `tfsdk:"name"`
	Namespace      string                   `tfsdk:"namespace"`
	LowestVersion  types.String             `tfsdk:"lowest_version"`
	HighestVersion types.String             `tfsdk:"highest_version"`
	WorkerClasses  []string                 `tfsdk:"worker_classes"`
	Variables      map[string]variableModel `tfsdk:"variables"`
}

type variableModel struct {
	Required    bool                 `tfsdk:"required"`
	Description types.String         `tfsdk:"description"`
	Schema      jsontypes.Normalized `tfsdk:"schema"`
}

func defaultNamespace() types.String { return types.StringValue(supervisor.PublicNamespace) }

// flatten keeps the classes that were asked for, the newest first.
func (m *model) flatten(all []supervisor.ClassDetail, to *diag.Diagnostics) {
	kept := slices.DeleteFunc(slices.Clone(all), func(c supervisor.ClassDetail) bool { return !m.wants(c) })
	slices.SortFunc(kept, func(a, b supervisor.ClassDetail) int {
		return cmp.Or(release.CompareClasses(b.Name, a.Name), strings.Compare(a.Name, b.Name))
	})
	m.Classes, m.Newest = []classModel{}, types.StringNull()
	for _, c := range kept {
		m.Classes = append(m.Classes, flattenClass(c, to))
	}
	if len(kept) > 0 {
		m.Newest = types.StringValue(kept[0].Name)
	}
}

func (m *model) wants(c supervisor.ClassDetail) bool {
	return (m.Name.IsNull() || m.Name.ValueString() == c.Name) &&
		(m.KubernetesVersion.IsNull() || release.InWindow(m.KubernetesVersion.ValueString(), c.Lowest, c.Highest))
}

func flattenClass(c supervisor.ClassDetail, to *diag.Diagnostics) classModel {
	shown := classModel{
		Name: c.Name, Namespace: c.Namespace, LowestVersion: text(c.Lowest), HighestVersion: text(c.Highest),
		WorkerClasses: append([]string{}, c.Workers...), Variables: map[string]variableModel{},
	}
	slices.Sort(shown.WorkerClasses)
	for name, v := range c.Variables {
		one := variableModel{Required: v.Required, Description: text(v.Description()), Schema: jsontypes.NewNormalizedNull()}
		if v.Schema != nil {
			encoded, err := json.Marshal(v.Schema)
			if err != nil {
				to.AddError(summary, who+"\n\nThe schema of variable "+name+" of ClusterClass "+c.Name+" is not JSON: "+err.Error())
				continue
			}
			one.Schema = jsontypes.NewNormalizedValue(string(encoded))
		}
		shown.Variables[name] = one
	}
	return shown
}

func text(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

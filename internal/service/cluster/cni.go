package cluster

import (
	"context"
	"encoding/json"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

var atCNI = path.Root("cni")

type cniModel struct {
	Name   types.String         `tfsdk:"name"`
	Config jsontypes.Normalized `tfsdk:"config"`
}

func cniSchema() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Network plugin (CNI) of the cluster. Default: Antrea with the platform's settings. The objects that the platform reads it from are made before the cluster: " +
			"an `AntreaConfig` or `CalicoConfig` (and a `ClusterBootstrap` for Calico) before Kubernetes 1.35, an `AddonConfig` and the variable `bootstrapAddons` from then on.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "`antrea`, `calico`, or `cilium` (from Kubernetes 1.35; no Windows nodes). " +
					"The platform cannot change it once the cluster exists: a change is an error at plan.",
				Validators: []validator.String{stringvalidator.OneOf(cniAntrea, cniCalico, cniCilium)},
			},
			"config": schema.StringAttribute{
				CustomType: jsontypes.NormalizedType{}, Optional: true,
				MarkdownDescription: "Settings of the plugin, as one JSON object: `jsonencode({ antrea = { config = { ... } } })`. " +
					"Before Kubernetes 1.35 it is the `spec` of the `AntreaConfig` or `CalicoConfig`, from then on the `values` of the `AddonConfig`. " +
					"They are compared by meaning, and what the platform adds inside is no drift. Default: the platform's settings. " +
					"A change is stored at once; before 1.35 the platform may not bring all of it to nodes that run, which a warning says.",
				Validators:    []validator.String{jsonObject{}},
				PlanModifiers: []planmodifier.String{keepMeaning{}},
			},
		},
	}
}

func cniType() map[string]attr.Type { return typesOf(cniSchema().GetType()) }

// jsonObject accepts text that is a JSON object. What is no JSON the type says.
type jsonObject struct{}

// Description says what is accepted.
func (jsonObject) Description(context.Context) string { return "must be a JSON object" }

// MarkdownDescription says what is accepted.
func (v jsonObject) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString looks at the text.
func (jsonObject) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	if _, ok := decodeObject(text); !ok && json.Valid([]byte(text)) {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid JSON object", "The JSON must be an object: jsonencode({ antrea = { config = { ... } } }).")
	}
}

// expandCNI gives the network plugin that the model asks for; nil when it asks
// for none, or does not know yet.
func (m *model) expandCNI(ctx context.Context, diags *diag.Diagnostics) *supervisor.CNI {
	cni := object[cniModel](ctx, m.CNI, diags)
	if cni == nil || cni.Name.IsUnknown() || cni.Name.IsNull() {
		return nil
	}
	return &supervisor.CNI{Name: cni.Name.ValueString(), Config: cni.settings()}
}

// settings are nil where none are set.
func (c *cniModel) settings() map[string]any {
	if c.Config.IsNull() || c.Config.IsUnknown() {
		return nil
	}
	settings, _ := decodeObject(c.Config.ValueString())
	return settings
}

// setCNI writes the network plugin into the model.
func (m *model) setCNI(ctx context.Context, name string, settings map[string]any, diags *diag.Diagnostics) {
	m.CNI = toObject(ctx, cniSchema().GetType(), cniModel{Name: types.StringValue(name), Config: jsonOf(settings, diags)}, diags)
}

// refreshCNI compares the network plugin of the state with the live one: the
// name with what the Cluster says, the settings with their object, which only a
// state that has some makes a request for.
func (m *model) refreshCNI(ctx context.Context, client api, live *supervisor.Cluster, diags *diag.Diagnostics) error {
	cni := object[cniModel](ctx, m.CNI, diags)
	if cni == nil {
		return nil
	}
	name, wanted := cni.Name.ValueString(), cni.settings()
	if now := referencedCNI(live.Spec().Variables); now != "" && addonsAt(live.Version()) && now != name {
		m.setCNI(ctx, now, wanted, diags)
		return nil
	}
	if wanted == nil {
		return nil
	}
	have, _, err := client.CNIConfig(ctx, cniOf(live.Spec(), live.Version(), name))
	if err := fault.Gone(err); err != nil {
		return err
	}
	if seen, _ := restrict(wanted, have).(map[string]any); !reflect.DeepEqual(seen, wanted) {
		m.setCNI(ctx, name, seen, diags)
	}
	return nil
}

// adoptCNI fills in the network plugin after an import: where somebody chose
// one, or this provider has configured it.
func (m *model) adoptCNI(ctx context.Context, client api, live *supervisor.Cluster, diags *diag.Diagnostics) {
	m.CNI = types.ObjectNull(cniType())
	if jsonNames(m.Variables)[addonsVariable] {
		return // it says more than the attribute can
	}
	name, err := cniNameOf(ctx, client, live)
	if err != nil {
		tflog.Debug(ctx, "the network plugin is not told", map[string]any{"error": err.Error()})
	}
	chosen := referencedCNI(live.Spec().Variables) != "" && addonsAt(live.Version()) || name != "" && name != defaultCNI
	if name == "" {
		name = defaultCNI
	}
	switch name {
	case cniAntrea, cniCalico, cniCilium:
	default:
		return // some other package: the attribute cannot name it
	}
	var owned map[string]any
	if _, owned, err = client.CNIConfig(ctx, cniOf(live.Spec(), live.Version(), name)); err != nil {
		tflog.Debug(ctx, "the settings of the network plugin are not told", map[string]any{"error": err.Error()})
	}
	if chosen || len(owned) > 0 {
		m.setCNI(ctx, name, owned, diags)
	}
}

// onlyCNI reports whether the variable says nothing but the network plugin.
func onlyCNI(value any) bool {
	name := referencedCNI(map[string]any{addonsVariable: value})
	return name != "" && (reflect.DeepEqual(value, cniReference(name)) ||
		reflect.DeepEqual(value, map[string]any{cniRefMember: map[string]any{"name": name}}))
}

// withoutCNI takes the choice of the network plugin out of the variables: the
// attribute stands for it. What says more than that stays.
func withoutCNI(spec supervisor.ClusterSpec) {
	if addonsAt(spec.Version) && onlyCNI(spec.Variables[addonsVariable]) {
		delete(spec.Variables, addonsVariable)
	}
}

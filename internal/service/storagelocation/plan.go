package storagelocation

import (
	"context"
	"encoding/pem"
	"regexp"
	"sort"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/target"
)

var bucketForm = regexp.MustCompile(`^[^/]+$`)

// ValidateConfig finds what contradicts itself.
func (r *locationResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	m.validateStore(&resp.Diagnostics)
	m.validateCredentials(&resp.Diagnostics)
}

// ModifyPlan warns of a new location where there is no Velero. The cluster may
// come with the same apply: then there is nothing to say.
func (r *locationResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if !r.Configured || req.Plan.Raw.IsNull() || !req.State.Raw.IsNull() {
		return
	}
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !plan.Known() {
		return
	}
	key, err := plan.Key()
	if err != nil || r.Data.Installing().Has(key.Cluster.String()) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, target.PlanTimeout)
	defer cancel()
	client, err := r.Data.Velero(ctx, key.Cluster.String())
	if err == nil {
		_, err = client.Locations(ctx, key.Namespace)
	}
	if err != nil && !target.WarnOfAbsence(who(key), err, &resp.Diagnostics) {
		tflog.Debug(ctx, "Velero not looked for at plan", map[string]any{"id": key.String(), "error": err.Error()})
	}
}

// validateStore: s3 goes with the aws plugin only, and each of its keys has one place.
func (m *model) validateStore(diags *diag.Diagnostics) {
	if m.ObjectStore.IsNull() || m.ObjectStore.IsUnknown() {
		return
	}
	if !isS3(m.ObjectStore.ValueString()) {
		if !m.S3.IsNull() && !m.S3.IsUnknown() {
			diags.AddAttributeError(path.Root("s3"), "Settings of another object store",
				"s3 goes with object_store = \"aws\" only; this location has \""+m.ObjectStore.ValueString()+"\". Put the plugin's settings into config.")
		}
		return
	}
	if m.Config.IsNull() || m.Config.IsUnknown() {
		return
	}
	names := make([]string, 0, len(s3Keys))
	for name := range s3Keys {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if _, ok := m.Config.Elements()[s3Keys[name]]; ok {
			diags.AddAttributeError(path.Root("config").AtMapKey(s3Keys[name]), "Setting in the wrong place",
				"The plugin's key "+s3Keys[name]+" is set by s3."+name+". Move it there.")
		}
	}
}

// validateCredentials: the schema says what goes with what; here is what
// depends on values. One that is not known yet may turn out to be null.
func (m *model) validateCredentials(diags *diag.Diagnostics) {
	known := func(v types.String) bool { return !v.IsNull() && !v.IsUnknown() }
	keys := !m.AccessKeyIDWO.IsNull() || !m.SecretAccessKeyWO.IsNull()
	keysKnown := known(m.AccessKeyIDWO) || known(m.SecretAccessKeyWO)
	file := !m.CredentialsWO.IsNull()
	if keysKnown && known(m.CredentialsWO) {
		diags.AddAttributeError(path.Root("credentials_wo"), "Credentials given twice",
			"Set either access_key_id_wo and secret_access_key_wo, or credentials_wo.")
	}
	if !m.CredentialsWOVersion.IsNull() && !keys && !file {
		diags.AddAttributeError(path.Root("credentials_wo_version"), "Version without credentials",
			"credentials_wo_version goes with access_key_id_wo and secret_access_key_wo, or with credentials_wo. They must stay in the configuration for as long as this resource keeps the credentials.")
	}
	if keysKnown && known(m.ObjectStore) && !isS3(m.ObjectStore.ValueString()) {
		diags.AddAttributeError(path.Root("access_key_id_wo"), "Credentials of another object store",
			"S3 keys go with object_store = \"aws\" only. Give the file that the plugin reads in credentials_wo.")
	}
}

// otherDefault names the location that is the default already, if any.
func otherDefault(locations []velerov1.BackupStorageLocation, name string) string {
	for i := range locations {
		if locations[i].Spec.Default && locations[i].Name != name {
			return locations[i].Name
		}
	}
	return ""
}

// refuseSecondDefault: Velero keeps the newest default and clears the others,
// so that two resources with default = true would fight for ever.
func refuseSecondDefault(ctx context.Context, a api, namespace, name string) error {
	locations, err := a.Locations(ctx, namespace)
	if err != nil {
		return err
	}
	other := otherDefault(locations, name)
	if other == "" {
		return nil
	}
	return &fault.Error{
		Kind: fault.Conflict, Op: "make storage location " + name + " the default",
		Message: "the storage location " + other + " is the default already, and Velero knows only one: it would clear the other without a word",
		Advice:  "Set default = false on " + other + " first (with depends_on to it here, when both are in one configuration), or leave default out here.",
	}
}

type pemValidator struct{}

// Description says what is accepted.
func (pemValidator) Description(context.Context) string { return "must hold PEM certificates" }

// MarkdownDescription says what is accepted.
func (v pemValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString reads the first block.
func (pemValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	block, _ := pem.Decode([]byte(req.ConfigValue.ValueString()))
	if block == nil || !strings.Contains(block.Type, "CERTIFICATE") {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid CA bundle", "The text holds no PEM block of type CERTIFICATE.")
	}
}

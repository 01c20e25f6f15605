package backupschedule

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// validate finds the mixes for which Velero would enable the schedule and then
// fail each backup (velero pkg/controller/backup_controller.go, prepareBackupRequest).
func (f *filters) validate(ctx context.Context, diags *diag.Diagnostics) {
	f.validateGenerations(diags)
	if !f.LabelSelector.IsNull() && !f.OrLabelSelectors.IsNull() && !f.LabelSelector.IsUnknown() && !f.OrLabelSelectors.IsUnknown() &&
		len(f.OrLabelSelectors.Elements()) > 0 {
		diags.AddAttributeError(path.Root("or_label_selectors"), "Conflicting filters",
			"Velero takes either label_selector or or_label_selectors, not both: each backup would fail.")
	}
	validatePair(ctx, "namespaces", f.IncludedNamespaces, f.ExcludedNamespaces, false, diags)
	validatePair(ctx, "resources", f.IncludedResources, f.ExcludedResources, false, diags)
	validatePair(ctx, "cluster_scoped_resources", f.IncludedClusterResources, f.ExcludedClusterResources, true, diags)
	validatePair(ctx, "namespace_scoped_resources", f.IncludedNamespaceResources, f.ExcludedNamespaceResources, true, diags)
}

// validateGenerations: the old filters and the scoped ones do not mix.
func (f *filters) validateGenerations(diags *diag.Diagnostics) {
	var old, scoped []string
	for name, set := range map[string]types.Set{"included_resources": f.IncludedResources, "excluded_resources": f.ExcludedResources} {
		if given(set) {
			old = append(old, name)
		}
	}
	if !f.IncludeClusterResources.IsNull() && !f.IncludeClusterResources.IsUnknown() {
		old = append(old, "include_cluster_resources")
	}
	for name, set := range map[string]types.Set{
		"included_cluster_scoped_resources": f.IncludedClusterResources, "excluded_cluster_scoped_resources": f.ExcludedClusterResources,
		"included_namespace_scoped_resources": f.IncludedNamespaceResources, "excluded_namespace_scoped_resources": f.ExcludedNamespaceResources,
	} {
		if given(set) {
			scoped = append(scoped, name)
		}
	}
	if len(old) == 0 || len(scoped) == 0 {
		return
	}
	slices.Sort(old)
	slices.Sort(scoped)
	diags.AddAttributeError(path.Root(old[0]), "Conflicting filters", fmt.Sprintf(
		"%v are old filters, %v are scoped filters. Velero does not take both: each backup would fail. Keep one kind.", old, scoped))
}

// given reports whether the set is known to hold something.
func given(s types.Set) bool { return !s.IsNull() && !s.IsUnknown() && len(s.Elements()) > 0 }

// validatePair applies Velero's rules for included_X and excluded_X. In the
// scoped filters, everything may be excluded.
func validatePair(ctx context.Context, what string, included, excluded types.Set, scoped bool, diags *diag.Diagnostics) {
	in, out := knownNames(ctx, included), knownNames(ctx, excluded)
	if len(in) > 1 && slices.Contains(in, "*") {
		diags.AddAttributeError(path.Root("included_"+what), "Conflicting filters", "\"*\" means everything: it must stand alone.")
	}
	if slices.Contains(out, "*") {
		switch {
		case !scoped:
			diags.AddAttributeError(path.Root("excluded_"+what), "Conflicting filters", "Velero does not accept \"*\" here: nothing would be left to back up.")
		case len(out) > 1:
			diags.AddAttributeError(path.Root("excluded_"+what), "Conflicting filters", "\"*\" means everything: it must stand alone.")
		case len(in) > 0:
			diags.AddAttributeError(path.Root("excluded_"+what), "Conflicting filters", "\"*\" excludes everything, so that nothing can be included: remove included_"+what+".")
		}
	}
	for _, name := range out {
		if name != "*" && slices.Contains(in, name) {
			diags.AddAttributeError(path.Root("excluded_"+what), "Conflicting filters", fmt.Sprintf("%q is both included and excluded.", name))
		}
	}
}

// knownNames leaves out what is not known yet.
func knownNames(ctx context.Context, set types.Set) []string {
	if set.IsNull() || set.IsUnknown() {
		return nil
	}
	var values []types.String
	if set.ElementsAs(ctx, &values, false).HasError() {
		return nil
	}
	var names []string
	for _, v := range values {
		if !v.IsNull() && !v.IsUnknown() {
			names = append(names, v.ValueString())
		}
	}
	return names
}

// selectsSomething: an empty selector selects everything, which Velero and
// Kubernetes cannot tell from none.
type selectsSomething struct{}

// Description says what is accepted.
func (selectsSomething) Description(context.Context) string {
	return "must have match_labels or match_expressions"
}

// MarkdownDescription says what is accepted.
func (v selectsSomething) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateObject looks for either.
func (selectsSomething) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	for _, value := range req.ConfigValue.Attributes() {
		if !value.IsNull() {
			return
		}
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Empty label selector", "Set match_labels or match_expressions, or remove the selector: without either it selects everything.")
}

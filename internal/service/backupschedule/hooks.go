package backupschedule

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	tftypes "github.com/vksops/terraform-provider-vks/internal/tf/types"
)

type hook struct {
	Name               types.String `tfsdk:"name"`
	Namespaces         types.Set    `tfsdk:"namespaces"`
	ExcludedNamespaces types.Set    `tfsdk:"excluded_namespaces"`
	Resources          types.Set    `tfsdk:"resources"`
	ExcludedResources  types.Set    `tfsdk:"excluded_resources"`
	LabelSelector      types.Object `tfsdk:"label_selector"`
	Pre                types.List   `tfsdk:"pre"`
	Post               types.List   `tfsdk:"post"`
}

type exec struct {
	Container types.String     `tfsdk:"container"`
	Command   types.List       `tfsdk:"command"`
	OnError   types.String     `tfsdk:"on_error"`
	Timeout   tftypes.Duration `tfsdk:"timeout"`
}

var (
	execType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"container": types.StringType, "command": types.ListType{ElemType: types.StringType},
		"on_error": types.StringType, "timeout": tftypes.DurationType{},
	}}
	hookType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"name":       types.StringType,
		"namespaces": types.SetType{ElemType: types.StringType}, "excluded_namespaces": types.SetType{ElemType: types.StringType},
		"resources": types.SetType{ElemType: types.StringType}, "excluded_resources": types.SetType{ElemType: types.StringType},
		"label_selector": selectorType, "pre": types.ListType{ElemType: execType}, "post": types.ListType{ElemType: execType},
	}}
)

func expandHooks(ctx context.Context, from types.List, diags *diag.Diagnostics) []velerov1.BackupResourceHookSpec {
	if from.IsNull() || from.IsUnknown() {
		return nil
	}
	var hooks []hook
	diags.Append(from.ElementsAs(ctx, &hooks, false)...)
	specs := make([]velerov1.BackupResourceHookSpec, 0, len(hooks))
	for i := range hooks {
		h := &hooks[i]
		specs = append(specs, velerov1.BackupResourceHookSpec{
			Name:               h.Name.ValueString(),
			IncludedNamespaces: expandNames(ctx, h.Namespaces, diags),
			ExcludedNamespaces: expandNames(ctx, h.ExcludedNamespaces, diags),
			IncludedResources:  expandNames(ctx, h.Resources, diags),
			ExcludedResources:  expandNames(ctx, h.ExcludedResources, diags),
			LabelSelector:      expandSelector(ctx, h.LabelSelector, diags),
			PreHooks:           expandExecs(ctx, h.Pre, diags),
			PostHooks:          expandExecs(ctx, h.Post, diags),
		})
	}
	return specs
}

func expandExecs(ctx context.Context, from types.List, diags *diag.Diagnostics) []velerov1.BackupResourceHook {
	if from.IsNull() || from.IsUnknown() {
		return nil
	}
	var execs []exec
	diags.Append(from.ElementsAs(ctx, &execs, false)...)
	hooks := make([]velerov1.BackupResourceHook, 0, len(execs))
	for _, e := range execs {
		var command []string
		diags.Append(e.Command.ElementsAs(ctx, &command, false)...)
		hooks = append(hooks, velerov1.BackupResourceHook{Exec: &velerov1.ExecHook{
			Container: e.Container.ValueString(), Command: command,
			OnError: velerov1.HookErrorMode(e.OnError.ValueString()), Timeout: metav1.Duration{Duration: e.Timeout.Duration()},
		}})
	}
	return hooks
}

func flattenHooks(ctx context.Context, live []velerov1.BackupResourceHookSpec, diags *diag.Diagnostics) types.List {
	if len(live) == 0 {
		return types.ListNull(hookType)
	}
	none := types.SetNull(types.StringType)
	hooks := make([]hook, 0, len(live))
	for i := range live {
		h := &live[i]
		hooks = append(hooks, hook{
			Name:               types.StringValue(h.Name),
			Namespaces:         flattenNames(ctx, h.IncludedNamespaces, none, diags),
			ExcludedNamespaces: flattenNames(ctx, h.ExcludedNamespaces, none, diags),
			Resources:          flattenNames(ctx, h.IncludedResources, none, diags),
			ExcludedResources:  flattenNames(ctx, h.ExcludedResources, none, diags),
			LabelSelector:      flattenSelector(ctx, h.LabelSelector, diags),
			Pre:                flattenExecs(ctx, h.PreHooks, diags),
			Post:               flattenExecs(ctx, h.PostHooks, diags),
		})
	}
	value, problems := types.ListValueFrom(ctx, hookType, hooks)
	diags.Append(problems...)
	return value
}

func flattenExecs(ctx context.Context, live []velerov1.BackupResourceHook, diags *diag.Diagnostics) types.List {
	execs := make([]exec, 0, len(live))
	for _, h := range live {
		if h.Exec == nil {
			continue
		}
		command, problems := types.ListValueFrom(ctx, types.StringType, h.Exec.Command)
		diags.Append(problems...)
		execs = append(execs, exec{
			Container: textOrNull(h.Exec.Container), Command: command,
			OnError: textOrNull(string(h.Exec.OnError)), Timeout: durationOrNull(h.Exec.Timeout),
		})
	}
	if len(execs) == 0 {
		return types.ListNull(execType)
	}
	value, problems := types.ListValueFrom(ctx, execType, execs)
	diags.Append(problems...)
	return value
}

package namespace

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/vksops/terraform-provider-vks/internal/clients"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// roleOwner is the role that only users of vCenter's own SSO can have.
const roleOwner = "OWNER"

// reservedPrefix is that of namespaces of the platform's own.
const reservedPrefix = "vmware-system"

// ValidateConfig finds what vCenter would only refuse at apply.
func (r *namespaceResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if name := config.Name.ValueString(); strings.HasPrefix(name, reservedPrefix) {
		resp.Diagnostics.AddAttributeError(path.Root("name"), "Reserved name",
			fmt.Sprintf("%q begins with %s, which vCenter keeps for itself. Choose another name.", name, reservedPrefix))
	}
	config.validatePermissions(ctx, &resp.Diagnostics)
	config.validateZones(&resp.Diagnostics)
	config.validateNetwork(&resp.Diagnostics)
}

func (m *model) validatePermissions(ctx context.Context, to *diag.Diagnostics) {
	if m.Permissions.IsNull() || m.Permissions.IsUnknown() {
		return
	}
	seen := map[string]bool{}
	at := path.Root("permissions")
	for _, p := range m.knownPermissions(ctx, to) {
		if missing := p.missing(); len(missing) > 0 {
			to.AddAttributeError(at, "Incomplete permission", fmt.Sprintf(
				"A permission has no %s. It needs principal, domain, type and role.", strings.Join(missing, " and no ")))
			continue
		}
		if strings.ContainsAny(p.Principal.ValueString(), `@\`) {
			to.AddAttributeError(at, "Invalid principal", fmt.Sprintf(
				"%q has a domain in it. Give the name alone as principal, and the domain as domain.", p.Principal.ValueString()))
		}
		if p.Role.ValueString() == roleOwner && p.IdentityProvider.ValueString() != "" {
			to.AddAttributeError(at, "Invalid role", fmt.Sprintf(
				"%s comes from an external identity provider. An OWNER has to be of vCenter's own SSO: use EDIT or VIEW.", p.Principal.ValueString()))
		}
		if p.Principal.IsUnknown() || p.Domain.IsUnknown() || p.Type.IsUnknown() {
			continue
		}
		key := granteeKey(p.grant())
		if seen[key] {
			to.AddAttributeError(at, "Duplicate permission", fmt.Sprintf(
				"%s@%s (%s) is named more than once. A user or group has one role in a namespace.",
				p.Principal.ValueString(), p.Domain.ValueString(), p.Type.ValueString()))
		}
		seen[key] = true
	}
}

// missing names what a permission cannot be without.
func (p permissionModel) missing() []string {
	var names []string
	for _, attribute := range []struct {
		name  string
		value types.String
	}{{"principal", p.Principal}, {"domain", p.Domain}, {"type", p.Type}, {"role", p.Role}} {
		if attribute.value.IsNull() {
			names = append(names, attribute.name)
		}
	}
	return names
}

// knownPermissions leaves out the elements of which nothing is known yet, such as
// the output of another resource.
func (m *model) knownPermissions(ctx context.Context, to *diag.Diagnostics) []permissionModel {
	var list []permissionModel
	for _, element := range m.Permissions.Elements() {
		object, ok := element.(types.Object)
		if !ok || object.IsUnknown() || object.IsNull() {
			continue
		}
		var p permissionModel
		to.Append(object.As(ctx, &p, basetypes.ObjectAsOptions{})...)
		list = append(list, p)
	}
	return list
}

// ModifyPlan checks the plan against what vCenter has, and says what is known
// already of the outcome. It only reads.
func (r *namespaceResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if !r.Configured {
		return
	}
	p := planner{defaults: r.Data.Config(), inState: r.Data.InState(), diags: &resp.Diagnostics}
	if !req.State.Raw.IsNull() {
		p.state = &model{}
		resp.Diagnostics.Append(req.State.Get(ctx, p.state)...)
	}
	if req.Plan.Raw.IsNull() {
		if p.state != nil {
			p.protect("destroy")
		}
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &p.config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &p.plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if p.state != nil {
		p.seen = rememberedNetwork(ctx, req.Private, &resp.Diagnostics)
		p.created = wasCreated(ctx, req.Private, &resp.Diagnostics)
	}
	p.simple()
	p.tellForeign(ctx, req.Private)
	if p.needsPlatform() {
		from, err := r.api(ctx)
		if err != nil {
			diags.AddError(&resp.Diagnostics, "Unable to plan vSphere Namespace", p.plan.who(), err)
			return
		}
		p.check(ctx, from)
	}
	if p.replace {
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("supervisor"))
	}
	if p.replaceNetwork {
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("network"))
	}
	if p.state != nil && (p.replace || p.replaceNetwork || !p.plan.Name.Equal(p.state.Name)) {
		p.protect("replace")
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &p.plan)...)
}

// planner works on one plan. state is nil for a creation.
type planner struct {
	defaults       clients.Config
	inState        *clients.Names
	config         model
	plan           model
	state          *model
	replace        bool
	replaceNetwork bool
	created        bool                // and not imported
	seen           vcenter.NetworkSpec // the network that vCenter told of last
	diags          *diag.Diagnostics
}

// simple fills in what needs no request.
func (p *planner) simple() {
	if p.config.DeletionProtection.IsNull() {
		p.plan.DeletionProtection = types.BoolValue(p.defaults.Defaults.DeletionProtection)
	}
	p.plan.StorageClasses = storageClasses(p.plan.StoragePolicies)
	p.network()
	if p.state != nil && p.plan.Zones.Equal(p.state.Zones) {
		p.plan.ResourcePools = p.state.ResourcePools
	} else {
		p.plan.ResourcePools = types.MapUnknown(poolsType)
	}
	if p.state != nil {
		p.inState.Add(p.state.Name.ValueString())
		if p.plan.sameSpec(p.state) {
			return
		}
	}
	p.plan.Messages = types.ListUnknown(messageType)
	// A successful apply ends with this.
	p.plan.ConfigStatus = types.StringValue(vcenter.StatusRunning)
}

// needsPlatform: a plan without changes makes no request.
func (p *planner) needsPlatform() bool {
	return p.state == nil || p.replaceNetwork || !p.plan.sameSpec(p.state) || !p.plan.Supervisor.Equal(p.state.Supervisor)
}

// check ends with the first request that fails: a vCenter that is not reached is
// one error for a namespace, not one for each question.
func (p *planner) check(ctx context.Context, from api) {
	if err := p.supervisor(ctx, from); err != nil {
		diags.AddAttributeError(p.diags, path.Root("supervisor"), "Unable to find the Supervisor", p.plan.who(), err)
		if fault.KindOf(err) != fault.Invalid {
			return // what else is asked of vCenter would fail in the same way
		}
	}
	if p.state == nil && !p.diags.HasError() && !p.absent(ctx, from) {
		return
	}
	for _, check := range []func(context.Context, api) bool{p.versions, p.policies, p.classes, p.libraries, p.zones, p.revoked} {
		if !check(ctx, from) {
			return
		}
	}
}

// supervisor resolves the Supervisor: a new one is a replacement, another way to
// name the same one is not.
func (p *planner) supervisor(ctx context.Context, from api) error {
	written := p.config.Supervisor
	if p.state != nil && (written.IsNull() || written.Equal(p.state.Supervisor)) {
		return nil
	}
	if written.IsUnknown() {
		p.plan.SupervisorID = types.StringUnknown()
		p.replace = p.state != nil
		return nil
	}
	wanted := written.ValueString()
	if written.IsNull() {
		wanted = p.defaults.Supervisor.Name
	}
	found, err := from.ResolveSupervisor(ctx, wanted)
	if err != nil {
		return err
	}
	if written.IsNull() {
		p.plan.Supervisor = types.StringValue(found.Name)
	}
	p.replace = p.state != nil && p.state.SupervisorID.ValueString() != found.ID
	p.plan.SupervisorID = types.StringValue(found.ID)
	return nil
}

// absent refuses to create what exists: an apply would fail half-way. It reports
// whether vCenter answered, and so do the checks of attributes.
func (p *planner) absent(ctx context.Context, from api) (answered bool) {
	name := p.plan.Name.ValueString()
	if p.plan.Name.IsUnknown() || p.inState.Has(name) {
		return true
	}
	live, err := from.Namespace(ctx, name)
	switch {
	case fault.IsNotFound(err):
	case err != nil:
		diags.AddError(p.diags, "Unable to plan vSphere Namespace", p.plan.who(), err)
		return false
	case live.ConfigStatus == vcenter.StatusRemoving:
		p.diags.AddAttributeError(path.Root("name"), "vSphere Namespace is being removed",
			fmt.Sprintf("%s (%s)\n\nA namespace of this name is being removed right now. Run the plan again when it is gone.", p.plan.who(), from.Where()))
	default:
		p.diags.AddAttributeError(path.Root("name"), "vSphere Namespace already exists", existsDetail(p.plan.who(), from.Where(), name))
	}
	return true
}

func existsDetail(who, where, name string) string {
	return fmt.Sprintf("%s (%s)\n\nA namespace of this name exists already; names are unique over all Supervisors of a vCenter.\n\n"+
		"Choose another name, or take it over: terraform import ADDRESS %s, or a block\n\n  import {\n    to = ADDRESS\n    id = %q\n  }\n\n"+
		"with the address of this resource, such as vks_namespace.example. (Where it is this resource's own, left tainted by a failed apply, plan without -refresh=false.)",
		who, where, name, name)
}

// protect refuses to take the namespace away while it is protected.
func (p *planner) protect(verb string) {
	if p.state.DeletionProtection.ValueBool() {
		p.diags.AddAttributeError(path.Root("deletion_protection"), "vSphere Namespace is protected", protectedDetail(p.state.who(), verb))
	}
}

func protectedDetail(who, verb string) string {
	return fmt.Sprintf("%s\n\nIts deletion_protection is on, so Terraform does not %s it: all that runs in it would be lost.\n\n"+
		"If that is what you want, put this line into the resource, apply, and then %s it:\n\n  deletion_protection = false", who, verb, verb)
}

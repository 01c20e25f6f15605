package cluster

import (
	"context"
	"fmt"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

const windows = "windows"

// chosenCNI is the network plugin that a configuration or plan names: by the
// attribute, or in the variables. known is false where it is open yet.
func (m *model) chosenCNI(ctx context.Context, diags *diag.Diagnostics) (name string, known bool) {
	return m.cniAt(ctx, m.KubernetesVersion, diags)
}

// cniAt is the network plugin that a model names for a cluster of that version:
// the platform ignores the variable before Kubernetes 1.35.
func (m *model) cniAt(ctx context.Context, version types.String, diags *diag.Diagnostics) (name string, known bool) {
	if m.CNI.IsUnknown() || m.Variables.IsUnknown() {
		return "", false
	}
	if cni := object[cniModel](ctx, m.CNI, diags); cni != nil {
		return cni.Name.ValueString(), !cni.Name.IsUnknown()
	}
	variables, _ := decodeObject(m.Variables.ValueString())
	switch name = referencedCNI(variables); {
	case name != "" && version.IsUnknown():
		return "", false
	case !addonsAt(version.ValueString()):
		return "", true
	}
	return name, true
}

// validateCNI finds what the platform would refuse, or silently ignore.
func validateCNI(ctx context.Context, config model, p parts, diags *diag.Diagnostics) {
	name, known := config.chosenCNI(ctx, diags)
	version := config.KubernetesVersion
	byAttribute := !config.CNI.IsNull()
	if known && !version.IsUnknown() && !version.IsNull() && !addonsAt(version.ValueString()) {
		switch {
		case byAttribute && name == cniCilium:
			diags.AddAttributeError(atCNI.AtName("name"), "Network plugin not available",
				fmt.Sprintf("Kubernetes %s has no Cilium on VKS: it comes with %s. Use antrea or calico, or a newer kubernetes_version.", version.ValueString(), addonsSince))
		case !byAttribute && jsonNames(config.Variables)[addonsVariable]:
			diags.AddAttributeWarning(path.Root("variables"), "Variable has no effect",
				fmt.Sprintf("The platform ignores the variable %s before Kubernetes %s, and %s is asked for. To choose the network plugin of this version, use the attribute cni.", addonsVariable, addonsSince, version.ValueString()))
		}
	}
	if !known || name != cniCilium {
		return
	}
	for pool, machines := range p.pools {
		if image := object[osImageModel](ctx, machines.OSImage, diags); image != nil && image.Name.ValueString() == windows {
			diags.AddAttributeError(atPools.AtMapKey(pool).AtName("os_image"), "Network plugin does not run on Windows",
				"Cilium runs on Linux nodes only. Use antrea for a cluster with Windows nodes, or remove the pool.")
		}
	}
}

// checkCNI finds changes of an existing cluster's network plugin that the
// platform cannot make, or makes by half.
func checkCNI(ctx context.Context, state, plan model, diags *diag.Diagnostics) {
	was, known := state.cniAt(ctx, state.LiveVersion, diags)
	is, known2 := plan.chosenCNI(ctx, diags)
	if !known || !known2 {
		return
	}
	asked := is
	if asked == "" {
		asked = defaultCNI
	}
	if was != "" && was != asked {
		detail := fmt.Sprintf("%s has the network plugin %s, and %s is planned. %s", state.who(), was, asked, cniAdviceChange)
		if is == "" {
			detail = fmt.Sprintf("%s has the network plugin %s, and without cni it is %s that is planned. %s", state.who(), was, asked, cniAdviceChange)
		}
		diags.AddAttributeError(atCNI, "Network plugin of a VKS cluster cannot change", detail)
		return
	}
	warnOfSettings(ctx, state, plan, diags)
}

// warnOfSettings says what the platform does with changed settings.
func warnOfSettings(ctx context.Context, state, plan model, diags *diag.Diagnostics) {
	before, after := object[cniModel](ctx, state.CNI, diags), object[cniModel](ctx, plan.CNI, diags)
	if after == nil || after.Config.IsUnknown() || plan.KubernetesVersion.IsUnknown() || state.LiveVersion.IsNull() {
		return
	}
	var was map[string]any
	if before != nil {
		was = before.settings()
	}
	is, live := after.settings(), state.LiveVersion.ValueString()
	switch moves := addonsAt(plan.KubernetesVersion.ValueString()) && !addonsAt(live); {
	case moves && is != nil:
		of := supervisor.CNIOf{Namespace: state.Namespace.ValueString(), Cluster: state.Name.ValueString(), Name: after.Name.ValueString()}
		from := of.String()
		of.Addons = true
		diags.AddAttributeWarning(atCNI.AtName("config"), "Settings of the network plugin move",
			fmt.Sprintf("From Kubernetes %s on, an AddonConfig has them. With this upgrade the platform takes over what the %s says, and config becomes the values of the %s. "+
				"Compare it with the schema of the add-on: what that does not know has no effect.", addonsSince, from, of))
	case !addonsAt(live) && !reflect.DeepEqual(was, is):
		diags.AddAttributeWarning(atCNI.AtName("config"), "Settings of the network plugin change on a running cluster",
			fmt.Sprintf("%s runs Kubernetes %s, whose network plugin reads most of its settings when a node starts. They are stored at once, but nodes that run may not get all of them until they are replaced; "+
				"what decides on the wiring of pods (trafficEncapMode, vethMTU and the like) must not differ between nodes.", state.who(), live))
	}
}

// checkAddedCNI looks at a cluster whose state does not say which network plugin
// it has, when the configuration begins to name one.
func (r *Resource) checkAddedCNI(ctx context.Context, state, plan model, diags *diag.Diagnostics) {
	was, known := state.cniAt(ctx, state.LiveVersion, diags)
	if !known || was != "" || !r.Configured {
		return // checkCNI has compared them
	}
	client, err := r.client(ctx)
	if err != nil {
		tflog.Debug(ctx, "the network plugin of the cluster is not told", map[string]any{"id": state.key().String(), "error": err.Error()})
		return
	}
	confirmCNI(ctx, client, state, plan, diags)
}

// confirmCNI asks the platform which network plugin a cluster has, when the plan
// names another one than the state. It is asked again before the change, when
// all is known. A platform that does not tell is no reason not to go on, but the
// user has to know that nobody has looked.
func confirmCNI(ctx context.Context, client api, state, plan model, diags *diag.Diagnostics) {
	was, known := state.cniAt(ctx, state.LiveVersion, diags)
	is, known2 := plan.chosenCNI(ctx, diags)
	if !known || !known2 || is == was {
		return
	}
	if is == "" {
		is = defaultCNI
	}
	if is == was {
		return
	}
	live, err := client.GetCluster(ctx, state.Namespace.ValueString(), state.Name.ValueString())
	if err != nil { // what comes next will say so
		tflog.Debug(ctx, "the network plugin of the cluster is not told", map[string]any{"id": state.key().String(), "error": err.Error()})
		return
	}
	have, err := cniNameOf(ctx, client, live)
	switch {
	case err != nil || have == "":
		why := "The platform has no object that says it."
		if err != nil {
			why = err.Error()
		}
		diags.AddAttributeWarning(atCNI, "Network plugin of VKS cluster not checked",
			fmt.Sprintf("%s (%s)\n\nWhether its network plugin is %s could not be found out: %s\n\n"+
				"VKS cannot change it: if the cluster has another one, cni has no effect. Look into the cluster which one runs, or ask for the right to read clusterbootstraps.run.tanzu.vmware.com (%s).",
				state.who(), client.Where(), is, why, layerText(wait.LayerNamespace)))
	case have != is:
		diags.AddAttributeError(atCNI, "Network plugin of a VKS cluster cannot change",
			fmt.Sprintf("%s has the network plugin %s, and %s is planned. %s", state.who(), have, is, cniAdviceChange))
	}
}

// kubeProxy is where the variables say whether kube-proxy runs.
var kubeProxy = []string{"kubernetes", "kubeProxyConfiguration", "enabled"}

// warnOfKubeProxy: the platform takes the change, and does nothing.
func warnOfKubeProxy(state, plan model, diags *diag.Diagnostics) {
	if plan.Variables.IsUnknown() {
		return
	}
	before, _ := decodeObject(state.Variables.ValueString())
	after, _ := decodeObject(plan.Variables.ValueString())
	was, is := member(before, kubeProxy...), member(after, kubeProxy...)
	if was == nil {
		was = true // kube-proxy runs by default
	}
	if is == nil {
		is = true
	}
	if was != is {
		diags.AddAttributeWarning(path.Root("variables"), "Variable has no effect on an existing cluster",
			state.who()+"\n\nkubernetes.kubeProxyConfiguration.enabled is read when a cluster is made. The platform accepts the change and does nothing.")
	}
}

// member gives what stands at the end of a path of objects; nil where one is missing.
func member(value any, keys ...string) any {
	for _, key := range keys {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}

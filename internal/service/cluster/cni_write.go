package cluster

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/domain/release"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

const (
	cniAntrea = "antrea"
	cniCalico = "calico"
	cniCilium = supervisor.CNICilium
	// defaultCNI is what a cluster gets that asks for none.
	defaultCNI = cniAntrea

	// addonsSince is the first version whose network plugin is an add-on: chosen
	// by the variable bootstrapAddons, and configured by an AddonConfig.
	addonsSince     = "v1.35"
	addonsVariable  = "bootstrapAddons"
	cniRefMember    = "cniRef"
	cniAdviceChange = "VKS cannot change the network plugin of a cluster. Put the old one back; or create a second vks_cluster with the new one and move the workloads."
)

// addonsAt reports whether the network plugin of that version is an add-on. A
// prefix of a version says it, too, as long as it has the minor: one that is not
// told is none.
func addonsAt(version string) bool {
	return release.Satisfies(addonsSince, version) || release.Minors(version, addonsSince) > 0
}

// cniOf names the objects of the cluster's network plugin at that version.
func cniOf(spec supervisor.ClusterSpec, version, name string) supervisor.CNIOf {
	return supervisor.CNIOf{Namespace: spec.Namespace, Cluster: spec.Name, Name: name, Addons: addonsAt(version)}
}

// cniReference is the value of the variable that chooses a network plugin.
func cniReference(name string) map[string]any {
	return map[string]any{cniRefMember: map[string]any{"name": name, "namespace": supervisor.PublicNamespace}}
}

// referencedCNI reads the name of the network plugin from the variables.
func referencedCNI(variables map[string]any) string {
	addons, _ := variables[addonsVariable].(map[string]any)
	ref, _ := addons[cniRefMember].(map[string]any)
	name, _ := ref["name"].(string)
	return name
}

// withCNI makes what has to be there before the Cluster, and gives the Cluster
// to send. live is what a killed creation left, or nil: then admission is asked
// first, so that a Cluster that it refuses leaves nothing behind.
func withCNI(ctx context.Context, client api, spec supervisor.ClusterSpec, live *supervisor.Cluster) (supervisor.ClusterSpec, error) {
	if live == nil && !addonsAt(spec.Version) {
		if err := clearBootstrap(ctx, client, spec); err != nil {
			return spec, err
		}
	}
	cni := spec.CNI
	if cni == nil {
		return spec, nil
	}
	if addonsAt(spec.Version) {
		spec = spec.WithVariable(addonsVariable, cniReference(cni.Name))
	}
	if live != nil {
		if err := sameCNI(ctx, client, live, cni.Name); err != nil {
			return spec, err
		}
		if cni.Config == nil {
			return spec, nil
		}
		return spec, client.ApplyCNI(ctx, cniOf(spec, live.Version(), cni.Name), nil, cni.Config)
	}
	bootstrap := bootstraps(spec)
	if cni.Config == nil && !bootstrap {
		return spec, nil
	}
	tried, err := client.ApplyCluster(ctx, spec, true)
	if err != nil {
		return spec, err
	}
	of, config := cniOf(spec, tried.Version(), cni.Name), cni.Config
	if config == nil {
		config = map[string]any{} // a ClusterBootstrap refers to it
	}
	if err := client.ApplyCNI(ctx, of, nil, config); err != nil || !bootstrap {
		return spec, err
	}
	return spec, client.BootstrapCNI(ctx, of, tried.Release())
}

// bootstraps reports whether a ClusterBootstrap of ours has to choose the plugin.
func bootstraps(spec supervisor.ClusterSpec) bool {
	return spec.CNI != nil && spec.CNI.Name != defaultCNI && !addonsAt(spec.Version)
}

// clearBootstrap sees to it that no ClusterBootstrap that is there before the
// Cluster decides on another network plugin than the one that is asked for. What
// a killed creation left goes. What somebody else made decides where nobody asks
// for a plugin here. What belongs to an earlier cluster of this name is about to
// be collected, with what would be written into it.
func clearBootstrap(ctx context.Context, client api, spec supervisor.ClusterSpec) error {
	asked := defaultCNI
	if spec.CNI != nil {
		asked = spec.CNI.Name
	}
	found, err := client.Bootstrap(ctx, spec.Namespace, spec.Name)
	refused := &fault.Error{Op: "choose the network plugin of Cluster " + spec.Namespace + "/" + spec.Name, Where: client.Where()}
	switch {
	case errors.Is(err, fault.Forbidden):
		tflog.Debug(ctx, "a ClusterBootstrap cannot be looked for", map[string]any{"error": err.Error()})
		return nil // who may not look has not left one
	case err != nil:
		return err
	case found.CNI == "":
		return nil
	case found.Taken && (found.CNI != asked || bootstraps(spec)):
		refused.Kind = fault.Conflict // another try, until it is gone
		refused.Message = fmt.Sprintf("the ClusterBootstrap %s of an earlier cluster of this name is still there, and names %s", spec.Name, found.CNI)
		refused.Advice = "The Supervisor deletes it with the cluster that it belonged to. If it stays, delete it, or ask the owner of the Supervisor to."
		return refused
	case found.CNI == asked:
		return nil
	case found.Ours:
		return client.RemoveCNI(ctx, spec.Namespace, spec.Name, found.CNI)
	case spec.CNI == nil, bootstraps(spec):
		return nil
	}
	refused.Kind = fault.Invalid
	refused.Message = fmt.Sprintf("the ClusterBootstrap %s, which this provider did not make, chooses %s, and %s is asked for", spec.Name, found.CNI, asked)
	refused.Advice = fmt.Sprintf("Delete the ClusterBootstrap %s in the vSphere Namespace %s, or set cni.name to %s, or remove cni.", spec.Name, spec.Namespace, found.CNI)
	return refused
}

// sameCNI refuses to go on with a cluster that has another network plugin.
func sameCNI(ctx context.Context, client api, live *supervisor.Cluster, name string) error {
	have, err := cniNameOf(ctx, client, live)
	if err != nil || have == "" || have == name {
		return err
	}
	return &fault.Error{
		Kind: fault.Invalid, Op: "choose the network plugin of Cluster " + live.Spec().Namespace + "/" + live.Spec().Name, Where: client.Where(),
		Message: fmt.Sprintf("the cluster has %s, and %s is asked for", have, name), Advice: cniAdviceChange,
	}
}

// cniNameOf is the network plugin of a cluster; "" where the platform does not
// tell. It makes a request for a cluster before Kubernetes 1.35.
func cniNameOf(ctx context.Context, client api, live *supervisor.Cluster) (string, error) {
	spec := live.Spec()
	if name := referencedCNI(spec.Variables); name != "" && addonsAt(live.Version()) {
		return name, nil
	}
	name, err := client.BootstrappedCNI(ctx, spec.Namespace, spec.Name)
	switch {
	case err != nil, name != "":
		return name, err
	case addonsAt(live.Version()):
		return defaultCNI, nil
	}
	return "", nil
}

// keepCNI sends what a Cluster has of its network plugin: it was decided on when
// the cluster was made, and what is no longer sent would be taken away. A
// reference that is not there (Kubernetes was upgraded from before 1.35) is the
// platform's to make.
func keepCNI(sent supervisor.ClusterSpec, live *supervisor.Cluster, prior supervisor.ClusterSpec) supervisor.ClusterSpec {
	if _, set := sent.Variables[addonsVariable]; set {
		return sent
	}
	_, byHand := prior.Variables[addonsVariable]
	if value, there := live.Spec().Variables[addonsVariable]; there && byHand && sent.CNI != nil {
		return sent.WithVariable(addonsVariable, value)
	}
	owned, _ := live.Owned()
	if value, ours := owned.Variables[addonsVariable]; ours && !byHand {
		return sent.WithVariable(addonsVariable, value)
	}
	return sent
}

// configureCNI brings the settings of an existing cluster's network plugin up to
// what wanted says. before and version are the cluster's until now, and now.
func configureCNI(ctx context.Context, client api, prior, wanted supervisor.ClusterSpec, before, version string) error {
	was, is := settingsOf(prior), settingsOf(wanted)
	moved := addonsAt(before) != addonsAt(version)
	if reflect.DeepEqual(was, is) && (!moved || is == nil) {
		return nil
	}
	name := defaultCNI
	switch {
	case wanted.CNI != nil:
		name = wanted.CNI.Name
	case prior.CNI != nil:
		name = prior.CNI.Name
	}
	if is != nil {
		return client.ApplyCNI(ctx, cniOf(wanted, version, name), was, is)
	}
	if moved { // an upgrade takes along what it finds
		if err := withdrawCNI(ctx, client, cniOf(wanted, before, name), was); err != nil {
			return err
		}
	}
	return withdrawCNI(ctx, client, cniOf(wanted, version, name), was)
}

// withdrawCNI takes settings away that are no longer asked for: with their
// object where nobody else needs it, because nobody else would delete that.
func withdrawCNI(ctx context.Context, client api, of supervisor.CNIOf, was map[string]any) error {
	if of.Addons || of.Name == defaultCNI { // to any other one a ClusterBootstrap refers
		if gone, err := client.RemoveCNIConfig(ctx, of); gone || err != nil {
			return err
		}
	}
	return client.ApplyCNI(ctx, of, was, nil)
}

func settingsOf(spec supervisor.ClusterSpec) map[string]any {
	if spec.CNI == nil {
		return nil
	}
	return spec.CNI.Config
}

// dropCNI deletes what was made for the network plugin of a cluster that never
// came to be: nobody else would.
func dropCNI(ctx context.Context, client api, key ids.Cluster, cni *supervisor.CNI) {
	if cni == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	defer cancel()
	_, err := client.GetCluster(ctx, key.Namespace, key.Name)
	if errors.Is(err, fault.NotFound) {
		err = client.RemoveCNI(ctx, key.Namespace, key.Name, cni.Name)
	}
	if err != nil {
		tflog.Warn(ctx, "could not delete the settings of the network plugin", map[string]any{"id": key.String(), "error": err.Error()})
	}
}

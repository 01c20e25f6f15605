package dataprotection

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/vksops/terraform-provider-vks/internal/domain/ids"
	"github.com/vksops/terraform-provider-vks/internal/tf/target"
	"github.com/vksops/terraform-provider-vks/internal/velero"
)

const csiFeature = "EnableCSI"

type model struct {
	target.Install
	VeleroImage              types.String   `tfsdk:"velero_image"`
	Plugins                  types.List     `tfsdk:"plugins"`
	NodeAgent                types.Bool     `tfsdk:"node_agent"`
	CSISnapshots             types.Bool     `tfsdk:"csi_snapshots"`
	DefaultSnapshotMoveData  types.Bool     `tfsdk:"default_snapshot_move_data"`
	DefaultVolumesToFSBackup types.Bool     `tfsdk:"default_volumes_to_fs_backup"`
	Uploader                 types.String   `tfsdk:"uploader"`
	Resources                types.Object   `tfsdk:"resources"`
	NodeAgentResources       types.Object   `tfsdk:"node_agent_resources"`
	ImagePullSecrets         types.Set      `tfsdk:"image_pull_secrets"`
	PodLabels                types.Map      `tfsdk:"pod_labels"`
	PodAnnotations           types.Map      `tfsdk:"pod_annotations"`
	Features                 types.Set      `tfsdk:"features"`
	Adopt                    types.Bool     `tfsdk:"adopt"`
	OnDestroy                types.String   `tfsdk:"on_destroy"`
	Adopted                  types.Bool     `tfsdk:"adopted"`
	Ready                    types.Bool     `tfsdk:"ready"`
	RunningImage             types.String   `tfsdk:"running_image"`
	ServerVersion            types.String   `tfsdk:"server_version"`
	PluginsLoaded            types.Set      `tfsdk:"plugins_loaded"`
	Timeouts                 timeouts.Value `tfsdk:"timeouts"`
}

// expand says what to install.
func (m *model) expand(ctx context.Context, diags *diag.Diagnostics) velero.InstallSpec {
	spec := velero.InstallSpec{
		Namespace:                m.Namespace.ValueString(),
		Image:                    m.VeleroImage.ValueString(),
		NodeAgent:                m.NodeAgent.ValueBool(),
		DefaultSnapshotMoveData:  m.DefaultSnapshotMoveData.ValueBool(),
		DefaultVolumesToFSBackup: m.DefaultVolumesToFSBackup.ValueBool(),
		Uploader:                 m.Uploader.ValueString(),
		Resources:                expandResources(m.Resources, serverDefaults),
		NodeAgentResources:       expandResources(m.NodeAgentResources, nil),
		ImagePullSecrets:         names(ctx, m.ImagePullSecrets, diags),
		Features:                 names(ctx, m.Features, diags),
	}
	if m.CSISnapshots.ValueBool() {
		spec.Features = append([]string{csiFeature}, spec.Features...)
	}
	diags.Append(m.Plugins.ElementsAs(ctx, &spec.Plugins, false)...)
	if !m.PodLabels.IsNull() {
		diags.Append(m.PodLabels.ElementsAs(ctx, &spec.PodLabels, false)...)
	}
	if !m.PodAnnotations.IsNull() {
		diags.Append(m.PodAnnotations.ElementsAs(ctx, &spec.PodAnnotations, false)...)
	}
	return spec
}

// flatten takes what the cluster says. The settings are those of an
// installation of ours; of an adopted one, they only say what would be installed.
func (m *model) flatten(ctx context.Context, key ids.Install, found *velero.Installation, diags *diag.Diagnostics) {
	m.SetKey(key)
	m.Adopted = types.BoolValue(!found.Ours())
	m.Ready = types.BoolValue(rollout(found).Done)
	m.RunningImage = types.StringNull()
	if c := found.ServerContainer(); c != nil {
		m.RunningImage = types.StringValue(c.Image)
	}
	if m.ServerVersion.IsUnknown() {
		m.ServerVersion = types.StringNull()
	}
	if m.PluginsLoaded.IsUnknown() || m.PluginsLoaded.IsNull() {
		m.PluginsLoaded = types.SetNull(types.StringType)
	}
	if found.Ours() {
		m.flattenSettings(ctx, found, diags)
	}
	m.fillDefaults()
}

// flattenSettings reads an installation of ours back.
func (m *model) flattenSettings(ctx context.Context, found *velero.Installation, diags *diag.Diagnostics) {
	pod := &found.Server.Spec.Template
	server := found.ServerContainer()
	if server == nil {
		return
	}
	m.VeleroImage = types.StringValue(server.Image)
	m.NodeAgent = types.BoolValue(found.NodeAgent != nil)
	m.DefaultSnapshotMoveData = types.BoolValue(argument(server.Args, "--default-snapshot-move-data") == "true")
	m.DefaultVolumesToFSBackup = types.BoolValue(argument(server.Args, "--default-volumes-to-fs-backup") == "true")
	m.Uploader = types.StringValue(argument(server.Args, "--uploader-type"))
	m.Resources = flattenResources(m.Resources, server.Resources, serverDefaults)
	if agent := found.NodeAgentContainer(); agent != nil {
		m.NodeAgentResources = flattenResources(m.NodeAgentResources, agent.Resources, nil)
	}
	m.flattenFeatures(ctx, argument(server.Args, "--features"), diags)
	m.Plugins = flattenPlugins(ctx, pod.Spec.InitContainers, diags)
	secrets := make([]string, 0, len(pod.Spec.ImagePullSecrets))
	for _, s := range pod.Spec.ImagePullSecrets {
		secrets = append(secrets, s.Name)
	}
	m.ImagePullSecrets = nameSet(ctx, secrets, m.ImagePullSecrets, diags)
	m.PodLabels = managedTexts(m.PodLabels, pod.Labels)
	m.PodAnnotations = managedTexts(m.PodAnnotations, pod.Annotations)
}

func (m *model) flattenFeatures(ctx context.Context, list string, diags *diag.Diagnostics) {
	var features []string
	csi := false
	for feature := range strings.SplitSeq(list, ",") {
		switch feature {
		case "":
		case csiFeature:
			csi = true
		default:
			features = append(features, feature)
		}
	}
	m.CSISnapshots = types.BoolValue(csi)
	m.Features = nameSet(ctx, features, m.Features, diags)
}

// fillDefaults sets what an import does not find on the cluster.
func (m *model) fillDefaults() {
	text := func(to *types.String, value string) {
		if to.IsNull() || to.IsUnknown() {
			*to = types.StringValue(value)
		}
	}
	boolean := func(to *types.Bool, value bool) {
		if to.IsNull() || to.IsUnknown() {
			*to = types.BoolValue(value)
		}
	}
	text(&m.VeleroImage, velero.DefaultImage)
	text(&m.Uploader, defaultUploader)
	text(&m.OnDestroy, keep)
	boolean(&m.NodeAgent, true)
	boolean(&m.CSISnapshots, true)
	boolean(&m.DefaultSnapshotMoveData, false)
	boolean(&m.DefaultVolumesToFSBackup, false)
	boolean(&m.Adopt, true)
	if m.Plugins.IsNull() || m.Plugins.IsUnknown() {
		m.Plugins = types.ListValueMust(types.StringType, []attr.Value{types.StringValue(velero.DefaultPlugin)})
	}
}

// lose says that there is no server. The image is what makes a plan bring it back.
func (m *model) lose() {
	m.VeleroImage = types.StringValue("")
	m.Ready = types.BoolValue(false)
	m.RunningImage, m.ServerVersion = types.StringNull(), types.StringNull()
	m.PluginsLoaded = types.SetNull(types.StringType)
}

// setAnswer takes what the server said about itself; without an answer the
// image has to tell the version.
func (m *model) setAnswer(ctx context.Context, answer *velero.ServerStatus, diags *diag.Diagnostics) {
	m.ServerVersion = types.StringNull()
	m.PluginsLoaded = types.SetNull(types.StringType)
	if answer != nil {
		m.PluginsLoaded = pluginNames(ctx, answer, diags)
	}
	switch tag := imageTag(m.RunningImage.ValueString()); {
	case answer != nil && answer.Version != "":
		m.ServerVersion = types.StringValue(answer.Version)
	case tag != "":
		m.ServerVersion = types.StringValue(tag)
	}
}

func pluginNames(ctx context.Context, answer *velero.ServerStatus, diags *diag.Diagnostics) types.Set {
	loaded := make([]string, 0, len(answer.Plugins))
	for _, p := range answer.Plugins {
		if !slices.Contains(loaded, p.Name) {
			loaded = append(loaded, p.Name)
		}
	}
	value, problems := types.SetValueFrom(ctx, types.StringType, loaded)
	diags.Append(problems...)
	return value
}

func flattenPlugins(ctx context.Context, containers []corev1.Container, diags *diag.Diagnostics) types.List {
	images := make([]string, 0, len(containers))
	for i := range containers {
		images = append(images, containers[i].Image)
	}
	value, problems := types.ListValueFrom(ctx, types.StringType, images)
	diags.Append(problems...)
	return value
}

// argument gives the value of --name=value among a container's arguments.
func argument(args []string, name string) string {
	for _, arg := range args {
		if value, ok := strings.CutPrefix(arg, name+"="); ok {
			return value
		}
	}
	return ""
}

// imageTag gives the tag of an image, "" when it has none or is a digest.
func imageTag(image string) string {
	image, _, _ = strings.Cut(image, "@")
	_, last, _ := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	return last
}

package velero

import (
	"context"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
)

const (
	serverName    = "velero"
	nodeAgentName = "node-agent"
)

var (
	deploymentRef = kube.Ref{GVR: appsv1.SchemeGroupVersion.WithResource("deployments"), Kind: "Deployment"}
	daemonSetRef  = kube.Ref{GVR: appsv1.SchemeGroupVersion.WithResource("daemonsets"), Kind: "DaemonSet"}
	namespaceRef  = kube.Ref{GVR: corev1.SchemeGroupVersion.WithResource("namespaces"), Kind: "Namespace"}
	crdRef        = kube.Ref{GVR: schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}, Kind: "CustomResourceDefinition"}
)

// Installation is a Velero as it is found on a cluster.
type Installation struct {
	Server *appsv1.Deployment
	// NodeAgent is nil where there is none.
	NodeAgent *appsv1.DaemonSet
}

// Ours reports whether this provider installed it.
func (i *Installation) Ours() bool { return Owned(i.Server.Labels) }

// Manager names who installed it, as far as its labels say.
func (i *Installation) Manager() string {
	for _, label := range []string{managedByLabel, "kapp.k14s.io/app", "helm.sh/chart"} {
		if value := i.Server.Labels[label]; value != "" {
			return value
		}
	}
	return "somebody else"
}

// ServerContainer is the container that runs the server: the one named so, or
// the first.
func (i *Installation) ServerContainer() *corev1.Container {
	return mainContainer(i.Server.Spec.Template.Spec.Containers, serverName)
}

// NodeAgentContainer is the container that runs the node agent, or nil.
func (i *Installation) NodeAgentContainer() *corev1.Container {
	if i.NodeAgent == nil {
		return nil
	}
	return mainContainer(i.NodeAgent.Spec.Template.Spec.Containers, nodeAgentName)
}

func mainContainer(containers []corev1.Container, name string) *corev1.Container {
	for i := range containers {
		if containers[i].Name == name {
			return &containers[i]
		}
	}
	if len(containers) == 0 {
		return nil
	}
	return &containers[0]
}

// Installed finds the Velero in namespace, whoever installed it; fault.NotFound
// when there is none.
func (c *Client) Installed(ctx context.Context, namespace string) (*Installation, error) {
	server, err := get[appsv1.Deployment](ctx, c, deploymentRef.In(namespace, serverName))
	if fault.IsNotFound(err) {
		server, err = c.serverByLabel(ctx, namespace, err)
	}
	if err != nil {
		return nil, err
	}
	agent, err := get[appsv1.DaemonSet](ctx, c, daemonSetRef.In(namespace, nodeAgentName))
	if fault.Gone(err) != nil {
		return nil, err
	}
	if err != nil {
		agent = nil
	}
	return &Installation{Server: server, NodeAgent: agent}, nil
}

// serverByLabel looks for a Deployment that a chart has given another name.
func (c *Client) serverByLabel(ctx context.Context, namespace string, missing error) (*appsv1.Deployment, error) {
	deployments, err := list[appsv1.Deployment](ctx, c, deploymentRef.In(namespace, ""))
	if err != nil {
		return nil, err
	}
	for i := range deployments {
		if isServer(&deployments[i]) {
			return &deployments[i], nil
		}
	}
	return nil, missing
}

// isServer recognises the Velero server by its labels and its command; the
// chart's clean-up and CRD jobs carry the same labels.
func isServer(d *appsv1.Deployment) bool {
	if d.Labels["component"] != serverName && d.Labels["app.kubernetes.io/name"] != serverName {
		return false
	}
	return slices.ContainsFunc(d.Spec.Template.Spec.Containers, func(container corev1.Container) bool {
		return strings.Contains(container.Image, serverName) && slices.Contains(container.Args, "server")
	})
}

// FollowServer watches the server's Deployment until ctx ends.
func (c *Client) FollowServer(ctx context.Context, namespace, name string) (changes <-chan struct{}) {
	changes, _ = follow[appsv1.Deployment](ctx, c, deploymentRef.In(namespace, name))
	return changes
}

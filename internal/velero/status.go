package velero

import (
	"context"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/vksops/terraform-provider-vks/internal/kube"
)

// ServerStatus is what a running server says about itself.
type ServerStatus struct {
	Version string
	// Plugins are "kind name", as the server lists them.
	Plugins []velerov1.PluginInfo
}

// StatusRequest is a question to the server. It is an object of the cluster:
// Close it.
type StatusRequest struct {
	client *Client
	ref    kube.Ref
}

// AskServer puts the question. Only a running server answers.
func (c *Client) AskServer(ctx context.Context, namespace string) (*StatusRequest, error) {
	obj := &unstructured.Unstructured{Object: map[string]any{}}
	obj.SetGroupVersionKind(velerov1.SchemeGroupVersion.WithKind(requestRef.Kind))
	obj.SetGenerateName("vks-")
	obj.SetNamespace(namespace)
	obj.SetLabels(map[string]string{managedByLabel: managedBy})
	ref := requestRef.In(namespace, "")
	created, err := c.kube.Create(ctx, ref, obj)
	if err != nil {
		return nil, c.explainWrite(namespace, err)
	}
	return &StatusRequest{client: c, ref: ref.In(namespace, created.GetName())}, nil
}

// Follow watches the question until ctx ends: changes tells when it is worth to
// look, answer gives what the server said, and nil while it has not.
func (r *StatusRequest) Follow(ctx context.Context) (changes <-chan struct{}, answer func(context.Context) (*ServerStatus, error)) {
	changes, look := follow[velerov1.ServerStatusRequest](ctx, r.client, r.ref)
	return changes, func(ctx context.Context) (*ServerStatus, error) {
		request, err := look(ctx)
		if err != nil {
			return nil, err
		}
		if request.Status.Phase != velerov1.ServerStatusRequestPhaseProcessed {
			return nil, nil //nolint:nilnil // no answer yet is neither an answer nor an error
		}
		return &ServerStatus{Version: request.Status.ServerVersion, Plugins: request.Status.Plugins}, nil
	}
}

// Close takes the question away.
func (r *StatusRequest) Close(ctx context.Context) error { return r.client.remove(ctx, r.ref) }

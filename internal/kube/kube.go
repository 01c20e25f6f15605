// Package kube is the one way to talk to a Kubernetes API server, be it the
// Supervisor's or a workload cluster's: dynamic objects, errors as faults,
// server-side apply with one field owner, warnings, watches. It must not
// import the plugin framework, govmomi or another client package.
package kube

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
)

// FieldManager owns the fields that this provider applies.
const FieldManager = "terraform-provider-vks"

// Ref names one object.
type Ref struct {
	GVR schema.GroupVersionResource
	// Kind is for messages and for objects that are applied.
	Kind      string
	Namespace string
	Name      string
}

// String is "Kind namespace/name", as messages say it.
func (r Ref) String() string {
	if r.Namespace == "" {
		return r.Kind + " " + r.Name
	}
	return r.Kind + " " + r.Namespace + "/" + r.Name
}

// In gives the ref for another object of the same kind.
func (r Ref) In(namespace, name string) Ref {
	r.Namespace, r.Name = namespace, name
	return r
}

// Client talks to one API server. It is safe for concurrent use; make one for
// each server and share it.
type Client struct {
	where   string
	rest    rest.Interface
	dynamic dynamic.Interface
	clock   clock.PassiveClock

	mu     sync.Mutex
	served map[string]servedGroup
}

// New makes a client for the server of config. where names the server in
// messages: "Supervisor sv.example.com", "workload cluster team-a/prod".
// It makes no request.
func New(config *rest.Config, where string) (*Client, error) {
	config = rest.CopyConfig(config)
	config.WarningHandlerWithContext = warningHandler{}
	httpClient, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("prepare connection to %s: %w", where, err)
	}
	return newClient(config, httpClient, where)
}

func newClient(config *rest.Config, httpClient *http.Client, where string) (*Client, error) {
	config = dynamic.ConfigFor(config)
	config.GroupVersion = nil // paths are given in full
	client, err := rest.UnversionedRESTClientForConfigAndClient(config, httpClient)
	if err != nil {
		return nil, fmt.Errorf("prepare connection to %s: %w", where, err)
	}
	once := sentOnce{client}
	return &Client{where: where, rest: once, dynamic: dynamic.New(once), clock: clock.RealClock{}, served: map[string]servedGroup{}}, nil
}

// Where names the server, as given to New.
func (c *Client) Where() string { return c.where }

// Get reads one object. A missing object is fault.NotFound, a kind that the
// server does not have is fault.RouteAbsent.
func (c *Client) Get(ctx context.Context, ref Ref) (*unstructured.Unstructured, error) {
	obj, err := c.resource(ref).Get(ctx, ref.Name, metav1.GetOptions{})
	return obj, c.fault("read "+ref.String(), err)
}

// List reads all objects of ref's kind in ref's namespace (everywhere when it
// is empty) that match the label selector.
func (c *Client) List(ctx context.Context, ref Ref, selector string) (*unstructured.UnstructuredList, error) {
	list, err := c.resource(ref).List(ctx, metav1.ListOptions{LabelSelector: selector})
	return list, c.fault("list "+ref.GVR.Resource, err)
}

// Create creates obj and gives what the server stored.
func (c *Client) Create(ctx context.Context, ref Ref, obj *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	created, err := c.resource(ref).Create(ctx, obj, metav1.CreateOptions{FieldManager: FieldManager})
	return created, c.fault("create "+ref.String(), err)
}

// ApplyOptions of a server-side apply.
type ApplyOptions struct {
	// Force takes fields from other managers. Without it a conflict is fault.Conflict and names them.
	Force bool
	// DryRun runs admission and stores nothing.
	DryRun bool
}

// Apply does a server-side apply of obj, and gives what the server stored.
func (c *Client) Apply(ctx context.Context, ref Ref, obj *unstructured.Unstructured, o ApplyOptions) (*unstructured.Unstructured, error) {
	options := metav1.ApplyOptions{FieldManager: FieldManager, Force: o.Force}
	if o.DryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	applied, err := c.resource(ref).Apply(ctx, ref.Name, obj, options)
	return applied, c.fault("apply "+ref.String(), err)
}

// Update replaces the object; obj carries the resourceVersion it was read at.
func (c *Client) Update(ctx context.Context, ref Ref, obj *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	updated, err := c.resource(ref).Update(ctx, obj, metav1.UpdateOptions{FieldManager: FieldManager})
	return updated, c.fault("update "+ref.String(), err)
}

// MergePatch applies a JSON merge patch.
func (c *Client) MergePatch(ctx context.Context, ref Ref, patch []byte) (*unstructured.Unstructured, error) {
	patched, err := c.resource(ref).Patch(ctx, ref.Name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: FieldManager})
	return patched, c.fault("patch "+ref.String(), err)
}

// DeleteOptions of a delete.
type DeleteOptions struct {
	// UID, when set, deletes only that incarnation of the name.
	UID types.UID
}

// Delete asks for deletion; finalizers may keep the object for a while.
func (c *Client) Delete(ctx context.Context, ref Ref, o DeleteOptions) error {
	options := metav1.DeleteOptions{}
	if o.UID != "" {
		options.Preconditions = &metav1.Preconditions{UID: &o.UID}
	}
	return c.fault("delete "+ref.String(), c.resource(ref).Delete(ctx, ref.Name, options))
}

func (c *Client) resource(ref Ref) dynamic.ResourceInterface {
	if ref.Namespace == "" {
		return c.dynamic.Resource(ref.GVR)
	}
	return c.dynamic.Resource(ref.GVR).Namespace(ref.Namespace)
}

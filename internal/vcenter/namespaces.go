package vcenter

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/vksops/terraform-provider-vks/internal/fault"
)

const (
	instancesPath   = "/api/vcenter/namespaces/instances"
	instancesV2Path = instancesPath + "/v2"
)

func namespacePath(name string) string { return instancesPath + "/" + url.PathEscape(name) }

// Namespaces lists the namespaces that the account may see, in one request.
//
// https://developer.broadcom.com/xapis/vsphere-automation-api/latest/api/vcenter/namespaces/instances/v2/get/
// (since 8.0.0.1; before, the list without v2 is asked).
func (c *Client) Namespaces(ctx context.Context) ([]NamespaceSummary, error) {
	const op = "list namespaces"
	var list []summaryWire
	err := c.withFallback(
		func() error { return notAnObject(c.get(ctx, op, instancesV2Path, &list)) },
		func() error { return c.get(ctx, op, instancesPath, &list) },
	)
	if err != nil {
		return nil, err
	}
	out := make([]NamespaceSummary, 0, len(list))
	for _, w := range list {
		s := NamespaceSummary{Name: w.Namespace, Supervisor: w.Supervisor, Description: w.Description, ConfigStatus: w.ConfigStatus, Stats: w.Stats, SelfService: w.SelfService}
		if s.Supervisor == "" {
			s.Supervisor = w.Cluster
		}
		out = append(out, s)
	}
	return out, nil
}

// Namespace reads one namespace, in one request. One that does not exist is
// fault.NotFound; also right after its creation, for some seconds.
//
// https://developer.broadcom.com/xapis/vsphere-automation-api/latest/api/vcenter/namespaces/instances/v2/namespace/get/
// (since 8.0.0.1; before, the path without v2 is asked).
func (c *Client) Namespace(ctx context.Context, name string) (*Namespace, error) {
	info, err := c.info(ctx, name)
	if err != nil {
		return nil, err
	}
	return info.namespace(name), nil
}

func (c *Client) info(ctx context.Context, name string) (infoWire, error) {
	op := "read namespace " + name
	var info infoWire
	err := c.withFallback(
		func() error { return c.get(ctx, op, instancesV2Path+"/"+url.PathEscape(name), &info) },
		func() error { return c.get(ctx, op, namespacePath(name), &info) },
	)
	return info, err
}

// CreateNamespace asks for a namespace. It returns before the namespace is
// ready: config_status becomes RUNNING later. fault.AlreadyExists means that
// the name is taken, on any Supervisor of this vCenter.
//
// https://developer.broadcom.com/xapis/vsphere-automation-api/latest/api/vcenter/namespaces/instances/v2/post/
func (c *Client) CreateNamespace(ctx context.Context, spec NamespaceSpec) error {
	create := call{op: "create namespace " + spec.Name, method: http.MethodPost}
	var version Version
	if len(spec.ContentLibraries) > 0 || spec.Network != nil {
		var err error
		if version, err = c.Version(ctx); err != nil {
			return err
		}
	}
	return c.withFallback(
		func() error {
			v2 := create
			v2.path, v2.body = instancesV2Path, spec.wire(true, version)
			return c.do(ctx, v2)
		},
		func() error {
			v1 := create
			v1.path, v1.body = instancesPath, spec.wire(false, version)
			return c.do(ctx, v1)
		},
	)
}

// UpdateNamespace changes what changes names, and nothing else. It returns
// before the change took effect, and a look right after may still see the old
// status. There is no v2 of this call.
//
// https://developer.broadcom.com/xapis/vsphere-automation-api/latest/api/vcenter/namespaces/instances/namespace/patch/
func (c *Client) UpdateNamespace(ctx context.Context, name string, changes NamespaceChanges) error {
	if changes.Empty() {
		return nil
	}
	wire := updateWire{Description: changes.Description, ResourceSpec: changes.Limits, StorageSpecs: changes.StoragePolicies, Zones: changes.Zones}
	if err := c.setImages(ctx, &wire, name, changes); err != nil {
		return err
	}
	return c.do(ctx, call{op: "update namespace " + name, method: http.MethodPatch, path: namespacePath(name), body: wire})
}

// DeleteNamespace asks for the removal of a namespace with all that is in it.
// It returns early: the status is REMOVING, then the namespace is not found.
//
// https://developer.broadcom.com/xapis/vsphere-automation-api/latest/api/vcenter/namespaces/instances/namespace/delete/
func (c *Client) DeleteNamespace(ctx context.Context, name string) error {
	return c.do(ctx, call{op: "delete namespace " + name, method: http.MethodDelete, path: namespacePath(name)})
}

// withFallback tries the v2 API and then the older one, where the route of the
// first is absent. A vCenter found to be old is not asked twice again.
func (c *Client) withFallback(v2, v1 func() error) error {
	if !c.legacy.Load() {
		if err := v2(); !errors.Is(err, fault.RouteAbsent) {
			return err
		}
	}
	err := v1()
	if err == nil || fault.IsNotFound(err) { // nothing else proves that the older API is the one that is there
		c.legacy.Store(true)
	}
	return err
}

// notAnObject: vCenter 7 takes the v2 in the list's path for the name of a
// namespace, and says that it does not exist.
func notAnObject(err error) error {
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.NotFound {
		absent := *f
		absent.Kind = fault.RouteAbsent
		return &absent
	}
	return err
}

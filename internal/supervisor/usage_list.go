package supervisor

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/kube"
)

const (
	kindClusters       = "clusters"
	kindMachines       = "machines"
	kindClasses        = "virtualmachineclasses"
	kindVMs            = "virtualmachines"
	kindPolicyQuotas   = "storagepolicyquotas"
	kindStorageQuotas  = "storagequotas"
	kindResourceQuotas = "resourcequotas"
	kindZones          = "zones"

	// atOnce bounds the lists that run at the same time, namespace by namespace.
	atOnce = 8
)

// usageGroup are things to list, in the first of the versions that is served.
// An old Supervisor may lack some.
type usageGroup struct {
	group    string
	versions []string
	kinds    []usageKind
}

type usageKind struct {
	kind, resource string
	// what says what is not known without it.
	what string
	// optional kinds are those that an old Supervisor does without.
	optional bool
}

var usageGroups = []usageGroup{
	{group: "vmoperator.vmware.com", versions: []string{"v1alpha5", "v1alpha4", "v1alpha3", "v1alpha2"}, kinds: []usageKind{
		{kind: "VirtualMachineClass", resource: kindClasses, what: "what machines are sized for"},
		{kind: "VirtualMachine", resource: kindVMs, what: "machines that belong to no cluster", optional: true},
	}},
	{group: "cns.vmware.com", versions: []string{"v1alpha2", "v1alpha1"}, kinds: []usageKind{
		{kind: "StoragePolicyQuota", resource: kindPolicyQuotas, what: "storage by policy", optional: true},
		{kind: "StorageQuota", resource: kindStorageQuotas, what: "limits on storage", optional: true},
	}},
	{group: zonesVersion.Group, versions: []string{zonesVersion.Version}, kinds: []usageKind{
		{kind: "Zone", resource: kindZones, what: "limits of zones", optional: true},
	}},
}

// find lists the kinds of a group, one after the other: they share the question
// of what is served.
func (r *usageReader) find(ctx context.Context, group usageGroup) error {
	for _, k := range group.kinds {
		if err := r.findKind(ctx, group, k); err != nil {
			return err
		}
	}
	return nil
}

func (r *usageReader) findKind(ctx context.Context, group usageGroup, k usageKind) error {
	for _, version := range group.versions {
		gv := schema.GroupVersion{Group: group.group, Version: version}
		served, err := r.client.kube.Serves(ctx, gv.String(), k.resource)
		if err != nil {
			return r.missed(ctx, k.resource, k.what, err)
		}
		if served {
			return r.list(ctx, kube.Ref{GVR: gv.WithResource(k.resource), Kind: k.kind}, k.what)
		}
	}
	if !k.optional {
		r.gap(k.what + ": the Supervisor has no " + k.kind)
	}
	return nil
}

// list reads a kind; that it could not is a gap, and no failure.
func (r *usageReader) list(ctx context.Context, ref kube.Ref, what string) error {
	if err := r.read(ctx, ref); err != nil {
		return r.missed(ctx, ref.GVR.Resource, what, err)
	}
	return nil
}

// missed notes a gap. Only the end of the whole is an error: what one kind could
// not tell does not keep the others from telling.
func (r *usageReader) missed(ctx context.Context, resource, what string, err error) error {
	if ctx.Err() != nil {
		return err
	}
	r.gap(what + ": " + err.Error())
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed[resource] = true
	return nil
}

// read lists a kind: over all namespaces where more than one is wanted and the
// account may, else in each.
func (r *usageReader) read(ctx context.Context, ref kube.Ref) error {
	resource := ref.GVR.Resource
	if len(r.namespaces) > 1 {
		list, err := r.client.kube.List(ctx, ref, "")
		if err == nil {
			r.keep(resource, list.Items)
			return nil
		}
		if !errors.Is(err, fault.Forbidden) {
			return err
		}
		r.refused(err)
	}
	var (
		mu  sync.Mutex
		all []unstructured.Unstructured
	)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, namespace := range r.namespaces {
		g.Go(func() error {
			list, err := r.client.kube.List(ctx, ref.In(namespace, ""), "")
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, list.Items...)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err // half of a kind would look like the whole
	}
	r.keep(resource, all)
	return nil
}

func (r *usageReader) keep(resource string, items []unstructured.Unstructured) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found[resource] = items
}

// refused notes why it takes a request for each namespace.
func (r *usageReader) refused(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.oneByOne == "" {
		r.oneByOne = err.Error()
	}
}

package supervisor

import (
	"context"
	"errors"

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
	// needed says what is missing without it; "" = nothing that matters.
	needed string
}

var usageGroups = []usageGroup{
	{group: "vmoperator.vmware.com", versions: []string{"v1alpha5", "v1alpha4", "v1alpha3", "v1alpha2"}, kinds: []usageKind{
		{kind: "VirtualMachineClass", resource: kindClasses, needed: "what machines are sized for"},
		{kind: "VirtualMachine", resource: kindVMs},
	}},
	{group: "cns.vmware.com", versions: []string{"v1alpha2", "v1alpha1"}, kinds: []usageKind{
		{kind: "StoragePolicyQuota", resource: kindPolicyQuotas},
	}},
	{group: zonesVersion.Group, versions: []string{zonesVersion.Version}, kinds: []usageKind{
		{kind: "Zone", resource: kindZones},
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
			return err
		}
		if served {
			return r.list(ctx, kube.Ref{GVR: gv.WithResource(k.resource), Kind: k.kind}, k.needed)
		}
	}
	if k.needed != "" {
		r.gap(k.needed + ": the Supervisor has no " + k.kind)
	}
	return nil
}

// list reads a kind; that the account may not do so is a gap, and no failure.
func (r *usageReader) list(ctx context.Context, ref kube.Ref, needed string) error {
	err := r.read(ctx, ref)
	if !errors.Is(err, fault.Forbidden) {
		return err
	}
	if needed != "" {
		r.gap(needed + ": " + err.Error())
	}
	return nil
}

// read lists a kind: over all namespaces where more than one is wanted and the
// account may, else in each.
func (r *usageReader) read(ctx context.Context, ref kube.Ref) error {
	if len(r.namespaces) > 1 {
		list, err := r.client.kube.List(ctx, ref, "")
		if err == nil {
			r.keep(ref.GVR.Resource, list)
			return nil
		}
		if !errors.Is(err, fault.Forbidden) {
			return err
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, namespace := range r.namespaces {
		g.Go(func() error {
			list, err := r.client.kube.List(ctx, ref.In(namespace, ""), "")
			if err != nil {
				return err
			}
			r.keep(ref.GVR.Resource, list)
			return nil
		})
	}
	return g.Wait()
}

func (r *usageReader) keep(resource string, list *unstructured.UnstructuredList) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found[resource] = append(r.found[resource], list.Items...)
}

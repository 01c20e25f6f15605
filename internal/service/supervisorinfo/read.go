package supervisorinfo

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"golang.org/x/sync/errgroup"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// platform is what this data source needs of vCenter.
type platform interface {
	ResolveSupervisor(ctx context.Context, nameOrID string) (vcenter.Supervisor, error)
	Topology(ctx context.Context, s vcenter.Supervisor) ([]vcenter.SupervisorZone, error)
	ZoneBindings(ctx context.Context, s vcenter.Supervisor) ([]vcenter.ZoneBinding, error)
	WorkloadManagement(ctx context.Context, cluster string) (vcenter.WorkloadManagement, error)
	KnownEndpoint(ctx context.Context, s vcenter.Supervisor) (string, error)
}

var _ platform = (*vcenter.Client)(nil)

// facts are what was read of one Supervisor.
type facts struct {
	vcenter.Supervisor
	// zones are nil where they could not be read.
	zones    []vcenter.SupervisorZone
	bindings map[string]vcenter.ZoneBinding // by zone; empty before 9.0
	// endpoint and provider are empty where vCenter does not know them.
	endpoint, provider string
	// gaps are the parts that the account may not see.
	gaps []string
}

// read resolves the Supervisor and asks for the parts that its summary lacks.
func read(ctx context.Context, from platform, wanted string) (*facts, error) {
	s, err := from.ResolveSupervisor(ctx, wanted)
	if err != nil {
		return nil, err
	}
	f := &facts{Supervisor: s, bindings: map[string]vcenter.ZoneBinding{}}
	f.endpoint = s.APIEndpoint
	var bindingErr, zonesErr, clusterErr error
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		var list []vcenter.ZoneBinding
		list, bindingErr = from.ZoneBindings(gctx, s)
		for _, b := range list {
			f.bindings[b.Zone] = b
		}
		return needed(bindingErr)
	})
	g.Go(func() error {
		if zonesErr = f.readZones(gctx, from); zonesErr != nil {
			return needed(zonesErr)
		}
		clusterErr = f.readCluster(gctx, from)
		return needed(clusterErr)
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	f.gap("zones: type, status and marked_for_removal", bindingErr)
	unknown := "network_provider"
	if f.endpoint == "" {
		unknown += ", api_endpoint"
	}
	f.gap(unknown, clusterErr)
	f.gap("zones, compute_clusters, "+unknown, zonesErr)
	return f, nil
}

func (f *facts) readZones(ctx context.Context, from platform) error {
	zones, err := from.Topology(ctx, f.Supervisor)
	if err == nil {
		f.zones = append([]vcenter.SupervisorZone{}, zones...)
	}
	return err
}

// readCluster asks the first compute cluster, which knows what holds for all of
// a Supervisor.
func (f *facts) readCluster(ctx context.Context, from platform) error {
	ids := f.clusters()
	if len(ids) == 0 {
		return nil
	}
	info, err := from.WorkloadManagement(ctx, ids[0])
	if err != nil {
		return err
	}
	f.provider = info.NetworkProvider
	f.endpoint, err = from.KnownEndpoint(ctx, f.Supervisor)
	return err
}

// clusters are the ids of all compute clusters, as vCenter orders them; nil where
// they could not be read.
func (f *facts) clusters() []string {
	if f.zones == nil {
		return nil
	}
	ids := []string{}
	for _, zone := range f.zones {
		ids = append(ids, zone.Clusters...)
	}
	return ids
}

// needed drops the errors that leave a part unknown: a Supervisor that is not
// set up yet, and an account that may not see everything.
func needed(err error) error {
	switch fault.KindOf(err) {
	case fault.NotFound, fault.Unsupported, fault.Forbidden:
		return nil
	default:
		return err
	}
}

func (f *facts) gap(what string, err error) {
	if fault.KindOf(err) == fault.Forbidden {
		f.gaps = append(f.gaps, what+": "+err.Error())
	}
}

func (f *facts) warn(to *diag.Diagnostics) {
	if len(f.gaps) > 0 {
		to.AddWarning("Supervisor is not known completely",
			who+"\n\nThe account may not see all of Supervisor "+f.Name+". Not known, and null:\n  - "+strings.Join(f.gaps, "\n  - "))
	}
}

package quota

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// readRest reads what may be missing, all at once, and notes what is. Where the
// provider's Supervisor is not known, for ownerErr, nothing is asked of it: any
// other would answer that the namespaces are empty.
func (r *reader) readRest(ctx context.Context, f *facts, owner vcenter.Supervisor, ownerErr error) {
	var wg sync.WaitGroup
	try := func(what string, read func() error) {
		wg.Go(func() {
			if err := read(); err != nil {
				f.miss(what + ": " + reason(err))
			}
		})
	}
	try("names of storage policies", func() error { return r.readPolicies(ctx, f) })
	wg.Go(func() { r.readInventory(ctx, f, owner, ownerErr) })
	try("what machines consume, which the resource pools tell", func() error { return r.readPools(ctx, f) })
	try("what the Supervisor has in the namespaces (machines, volumes, objects, zones, clusters)", func() error {
		if ownerErr != nil {
			return ownerErr
		}
		return r.readUsage(ctx, f, owner)
	})
	wg.Wait()
}

// readInventory reads the compute clusters by zone, and then the speed of their hosts.
func (r *reader) readInventory(ctx context.Context, f *facts, owner vcenter.Supervisor, ownerErr error) {
	err := ownerErr
	if err == nil {
		err = r.readZones(ctx, f, owner)
	}
	if err != nil {
		f.miss("CPU of machines in MHz, and what machines consume by zone, which need the compute clusters of the Supervisor: " + reason(err))
		return
	}
	if err := r.readCores(ctx, f); err != nil {
		f.miss("CPU of machines in MHz, which needs the speed of the hosts: " + reason(err))
	}
}

func reason(err error) string {
	var f *fault.Error
	if errors.As(err, &f) && f.Advice != "" {
		return err.Error() + ". " + f.Advice
	}
	return err.Error()
}

func (r *reader) readPolicies(ctx context.Context, f *facts) error {
	policies, err := r.vcenter.StoragePolicies(ctx)
	for _, p := range policies {
		f.policies[p.ID] = p.Name
	}
	return err
}

// readZones finds which compute cluster belongs to which zone.
func (r *reader) readZones(ctx context.Context, f *facts, owner vcenter.Supervisor) error {
	zones, err := r.vcenter.Topology(ctx, owner)
	for _, z := range zones {
		for _, cluster := range z.Clusters {
			f.zones[cluster] = z.Name
		}
	}
	return err
}

// readCores finds the slowest core of the Supervisor's hosts.
func (r *reader) readCores(ctx context.Context, f *facts) error {
	clusters, err := r.vcenter.ComputeClusters(ctx)
	if err != nil {
		return err
	}
	for _, c := range clusters {
		for _, h := range c.Hosts {
			if f.zones[c.ID] != "" && h.CPUMHz > 0 && (f.coreMHz == 0 || h.CPUMHz < f.coreMHz) {
				f.coreMHz = h.CPUMHz
			}
		}
	}
	if f.coreMHz == 0 {
		return errors.New("the account sees no host of the Supervisor")
	}
	return nil
}

// readPools reads the resource pools of all namespaces.
func (r *reader) readPools(ctx context.Context, f *facts) error {
	shares, err := r.vcenter.PoolShares(ctx)
	if err != nil {
		return err
	}
	f.shares = map[string][]vcenter.PoolShare{}
	for _, s := range shares {
		f.shares[s.Namespace] = append(f.shares[s.Namespace], s)
	}
	return nil
}

// readUsage asks the provider's Supervisor about those namespaces that are on it.
func (r *reader) readUsage(ctx context.Context, f *facts, owner vcenter.Supervisor) error {
	var names []string
	for _, n := range f.namespaces {
		if n.Supervisor != owner.ID {
			f.elsewhere[n.Name] = true
			f.missNamespace(n.Name, fmt.Sprintf("what is in the namespace: it is on another Supervisor (%s) than the provider's (%s)", n.Supervisor, owner.Name))
			continue
		}
		names = append(names, n.Name)
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	sv, err := r.supervisor(ctx)
	if err != nil {
		return err
	}
	usage, err := sv.Usage(ctx, names)
	if err != nil {
		return err
	}
	f.usage = usage
	for _, gap := range usage.Gaps {
		f.miss(gap)
	}
	if len(names) > few && usage.OneByOne != "" {
		f.slow = append(f.slow, "The Supervisor was asked for each namespace: the account may not list over all of them.\n"+usage.OneByOne)
	}
	return nil
}

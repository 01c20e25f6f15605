package quota

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"golang.org/x/sync/errgroup"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

// atOnce bounds the namespaces that are read at the same time.
const atOnce = 8

// facts are what was read, before any judgement.
type facts struct {
	id         string
	namespaces []*vcenter.Namespace // by name
	policies   map[string]string    // names by id
	// coreMHz is the speed of the Supervisor's slowest core; 0 = not known.
	coreMHz int64
	// usage is nil where the Supervisor could not be read.
	usage *supervisor.Usage
}

// of gives what the Supervisor has in a namespace; nil = not known.
func (f *facts) of(namespace string) *supervisor.NamespaceUsage {
	if f.usage == nil {
		return nil
	}
	return f.usage.Namespaces[namespace]
}

type reader struct {
	vcenter    platform
	supervisor func(context.Context) (supervisorUsage, error)
	// name of the provider's Supervisor; "" = the only one.
	name string
}

// read asks vCenter, and the Supervisor as far as it answers.
func (r *reader) read(ctx context.Context, m *model, to *diag.Diagnostics) *facts {
	f := &facts{policies: map[string]string{}}
	names, explicit := m.names(ctx, to)
	owner, err := r.vcenter.ResolveSupervisor(ctx, r.name)
	if err != nil && !explicit {
		diags.AddError(to, summary, who, err)
	}
	if !explicit && !to.HasError() {
		names = r.all(ctx, owner.ID, to)
	}
	if to.HasError() {
		return f
	}
	r.readNamespaces(ctx, f, names, explicit, to)
	if to.HasError() {
		return f
	}
	f.id = owner.ID
	if explicit {
		f.id = strings.Join(names, ",")
	}
	gaps := r.readRest(ctx, f, owner)
	if len(gaps) > 0 {
		to.AddWarning("Quota usage is incomplete", who+"\n\nWhat is not known is null. Not known, and why:\n  - "+strings.Join(gaps, "\n  - "))
	}
	return f
}

// all are the namespaces of a Supervisor.
func (r *reader) all(ctx context.Context, supervisorID string, to *diag.Diagnostics) []string {
	list, err := r.vcenter.Namespaces(ctx)
	if err != nil {
		diags.AddError(to, summary, who, err)
		return nil
	}
	var names []string
	for _, n := range list {
		// The list of vCenter 7 has compute clusters for Supervisors, and so has its id.
		if n.Supervisor == supervisorID {
			names = append(names, n.Name)
		}
	}
	slices.Sort(names)
	return names
}

// readNamespaces reads each once: the list has no limits. One that goes between
// the list and the look is left out.
func (r *reader) readNamespaces(ctx context.Context, f *facts, names []string, explicit bool, to *diag.Diagnostics) {
	found, failed := make([]*vcenter.Namespace, len(names)), make([]error, len(names))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, name := range names {
		g.Go(func() error {
			found[i], failed[i] = r.vcenter.SharedNamespace(ctx, name)
			return nil
		})
	}
	_ = g.Wait() // every failure is looked at below
	for i, name := range names {
		switch err := failed[i]; {
		case err == nil:
			f.namespaces = append(f.namespaces, found[i])
		case !fault.IsNotFound(err):
			diags.AddError(to, summary, "vSphere Namespace "+name, err)
		case explicit:
			to.AddError("vSphere Namespace not found", notFound(name, err))
		}
	}
}

func notFound(name string, err error) string {
	return diags.Detail("vSphere Namespace "+name, err) +
		"\n\nIf the same configuration creates it, refer to the resource's id, not to its name: then it is read after it was created."
}

// readRest reads what may be missing, all at once, and says what is.
func (r *reader) readRest(ctx context.Context, f *facts, owner vcenter.Supervisor) []string {
	var (
		gaps []string
		mu   sync.Mutex
		wg   sync.WaitGroup
	)
	try := func(what string, read func() ([]string, error)) {
		wg.Go(func() {
			more, err := read()
			mu.Lock()
			defer mu.Unlock()
			gaps = append(gaps, more...)
			if err != nil {
				gaps = append(gaps, what+": "+reason(err))
			}
		})
	}
	try("names of storage policies", func() ([]string, error) { return nil, r.readPolicies(ctx, f) })
	try("CPU of machines in MHz, which needs the speed of the hosts", func() ([]string, error) { return nil, r.readCores(ctx, f, owner) })
	try("what the Supervisor has in the namespaces (machines, volumes, objects, zones, clusters)", func() ([]string, error) {
		return r.readUsage(ctx, f, owner)
	})
	wg.Wait()
	slices.Sort(gaps)
	return gaps
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

// readCores finds the slowest core of the Supervisor's hosts.
func (r *reader) readCores(ctx context.Context, f *facts, owner vcenter.Supervisor) error {
	if owner.ID == "" {
		return errors.New("which Supervisor is meant is not known")
	}
	clusters, err := r.vcenter.ComputeClusters(ctx)
	if err != nil {
		return err
	}
	zones, err := r.vcenter.Topology(ctx, owner)
	if err != nil {
		return err
	}
	var ids []string
	for _, z := range zones {
		ids = append(ids, z.Clusters...)
	}
	for _, c := range clusters {
		for _, h := range c.Hosts {
			if slices.Contains(ids, c.ID) && h.CPUMHz > 0 && (f.coreMHz == 0 || h.CPUMHz < f.coreMHz) {
				f.coreMHz = h.CPUMHz
			}
		}
	}
	if f.coreMHz == 0 {
		return errors.New("the account sees no host of the Supervisor")
	}
	return nil
}

// readUsage asks the provider's Supervisor about those namespaces that are on it.
func (r *reader) readUsage(ctx context.Context, f *facts, owner vcenter.Supervisor) (gaps []string, err error) {
	var names []string
	for _, n := range f.namespaces {
		if owner.ID != "" && n.Supervisor != owner.ID {
			gaps = append(gaps, fmt.Sprintf("what is in namespace %s: it is on another Supervisor (%s) than the provider's (%s)", n.Name, n.Supervisor, owner.Name))
			continue
		}
		names = append(names, n.Name)
	}
	if len(names) == 0 {
		return gaps, nil
	}
	sv, err := r.supervisor(ctx)
	if err != nil {
		return gaps, err
	}
	usage, err := sv.Usage(ctx, names)
	if err != nil {
		return gaps, err
	}
	f.usage = usage
	gaps = append(gaps, usage.Gaps...)
	return append(gaps, unknownClasses(usage)...), nil
}

// unknownClasses: machines of a class that the namespace no longer has exist,
// and count for nothing.
func unknownClasses(usage *supervisor.Usage) []string {
	if !usage.Machines {
		return nil // said already
	}
	var gaps []string
	for namespace, n := range usage.Namespaces {
		missing := map[string]int{}
		count := func(nodes []supervisor.Node) {
			for _, node := range nodes {
				if _, known := n.Classes[node.VMClass]; !known {
					missing[node.VMClass]++
				}
			}
		}
		count(n.Machines)
		for _, c := range n.Clusters {
			count(c.ControlPlane.Nodes)
			for _, pool := range c.Pools {
				count(pool.Nodes)
			}
		}
		for class, machines := range missing {
			gaps = append(gaps, fmt.Sprintf("%d machines of namespace %s are not counted: it has no VM class %q", machines, namespace, class))
		}
	}
	return gaps
}

// names are those that were asked for, sorted; explicit is false for all of the
// Supervisor.
func (m *model) names(ctx context.Context, to *diag.Diagnostics) (names []string, explicit bool) {
	switch {
	case !m.Namespace.IsNull():
		return []string{m.Namespace.ValueString()}, true
	case !m.NamespaceNames.IsNull():
		diagnostics := m.NamespaceNames.ElementsAs(ctx, &names, false)
		for _, d := range diagnostics {
			to.Append(diag.WithPath(path.Root("namespace_names"), d))
		}
		slices.Sort(names)
		return names, true
	}
	return nil, false
}

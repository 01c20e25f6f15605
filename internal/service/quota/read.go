package quota

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"golang.org/x/sync/errgroup"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/tf/diags"
	"github.com/vksops/terraform-provider-vks/internal/vcenter"
)

const (
	// atOnce bounds the namespaces that are read at the same time.
	atOnce = 8
	// few namespaces that are named are read one by one: no more than are read at
	// the same time, so it takes one round trip. What vCenter then says of the
	// limits is exact; of more, and of all, they come from what is listed once,
	// see listed.go.
	few = atOnce
)

type reader struct {
	vcenter    platform
	supervisor func(context.Context) (supervisorUsage, error)
	// name of the provider's Supervisor; "" = the only one.
	name string
}

// read asks vCenter, and the Supervisor as far as it answers.
func (r *reader) read(ctx context.Context, m *model, to *diag.Diagnostics) *facts {
	f := newFacts()
	names, explicit := m.names(ctx, to)
	owner, ownerErr := r.vcenter.ResolveSupervisor(ctx, r.name)
	if ownerErr != nil && !explicit {
		diags.AddError(to, summary, who, ownerErr)
	}
	if to.HasError() {
		return f
	}
	f.id = owner.ID
	if explicit {
		f.id = strings.Join(names, ",")
	}
	switch {
	case !explicit:
		r.listAll(ctx, f, owner.ID, to)
	case len(names) > few:
		r.listNamed(ctx, f, names, to)
	default:
		r.readNamed(ctx, f, names, to)
	}
	if to.HasError() {
		return f
	}
	r.readRest(ctx, f, owner, ownerErr)
	r.complete(ctx, f)
	r.settle(ctx, f)
	f.sort()
	if said := f.warning(); said != "" {
		to.AddWarning("Quota usage is incomplete", who+"\n\nWhat is not known is null. Not known, and why:\n  - "+said)
	}
	if len(f.slow) > 0 {
		to.AddWarning("Quota usage took requests for each namespace", who+"\n\n"+strings.Join(f.slow, "\n\n"))
	}
	return f
}

// readNamed reads each of the namespaces, which must be there.
func (r *reader) readNamed(ctx context.Context, f *facts, names []string, to *diag.Diagnostics) {
	for i, answer := range r.each(ctx, names) {
		switch {
		case answer.err == nil:
			f.namespaces = append(f.namespaces, answer.namespace)
		case fault.IsNotFound(answer.err):
			to.AddError("vSphere Namespace not found", notFound(names[i], answer.err))
		default:
			diags.AddError(to, summary, "vSphere Namespace "+names[i], answer.err)
		}
	}
}

// answer is what vCenter says of one namespace.
type answer struct {
	namespace *vcenter.Namespace
	err       error
}

// each asks for the namespaces one by one, some at a time.
func (r *reader) each(ctx context.Context, names []string) []answer {
	answers := make([]answer, len(names))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, name := range names {
		g.Go(func() error {
			answers[i].namespace, answers[i].err = r.vcenter.SharedNamespace(ctx, name)
			return nil
		})
	}
	_ = g.Wait() // the errors are in the answers
	return answers
}

func notFound(name string, err error) string {
	return diags.Detail("vSphere Namespace "+name, err) +
		"\n\nIf the same configuration creates it, refer to the resource's id, not to its name: then it is read after it was created."
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

package cluster

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/domain/release"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

// settle turns what the user asks for into what is sent: the class where none
// is named; and for a cluster that exists, the version and class it has got
// where they satisfy the request, and the order of its lists, so that a change of
// something else does not upgrade it or replace machines by the way. live is nil for a cluster that does not exist.
func settle(ctx context.Context, client api, spec supervisor.ClusterSpec, exists bool) (settled supervisor.ClusterSpec, live *supervisor.Cluster, err error) {
	if exists {
		if live, err = client.GetCluster(ctx, spec.Namespace, spec.Name); err != nil {
			return spec, nil, err
		}
		have := live.Spec()
		if release.SatisfiedBy(spec.Version, have.Version, live.Release()) {
			spec.Version = have.Version
		}
		if spec.Class == "" || release.SameOrNewerClass(have.Class, spec.Class) {
			spec.Class, spec.ClassNamespace = have.Class, have.ClassNamespace
		}
		spec = keepOrder(spec, have)
	}
	if spec.Class == "" {
		classes, err := client.Classes(ctx)
		if err != nil {
			return spec, live, err
		}
		if spec.Class = defaultClass(classes, spec.Version); spec.Class == "" {
			return spec, live, &fault.Error{
				Kind: fault.Invalid, Op: "choose a ClusterClass", Where: client.Where(), Message: "there is no built-in class",
				Advice: "Set cluster_class and cluster_class_namespace.",
			}
		}
	}
	if spec.ClassNamespace == "" {
		spec.ClassNamespace = supervisor.PublicNamespace
	}
	return spec, live, nil
}

// defaultClass is the newest class that takes the version. Where none says that
// it does, the newest of all: admission says better what is wrong with a version.
func defaultClass(classes []supervisor.Class, version string) string {
	fitting, newest := "", ""
	for _, c := range classes {
		newest = newer(c.Name, newest)
		if release.InWindow(version, c.Lowest, c.Highest) {
			fitting = newer(c.Name, fitting)
		}
	}
	if fitting != "" {
		return fitting
	}
	return newest
}

func newer(a, b string) string {
	if b == "" || release.CompareClasses(a, b) > 0 {
		return a
	}
	return b
}

// create makes the cluster, unless the name is taken. One that carries the mark
// of a creation is what a killed apply has left: it is carried on with.
func create(ctx context.Context, client api, spec supervisor.ClusterSpec, told func(string, time.Duration)) (*supervisor.Cluster, error) {
	existing, err := client.GetCluster(ctx, spec.Namespace, spec.Name)
	if fault.Gone(err) != nil {
		return nil, err
	}
	exists := err == nil
	if exists {
		if err := taken(client, existing, spec); err != nil {
			return nil, err
		}
	}
	spec.Annotations = maps.Clone(spec.Annotations)
	if spec.Annotations == nil {
		spec.Annotations = map[string]string{}
	}
	spec.Annotations[supervisor.CreatingAnnotation] = "true"
	var made *supervisor.Cluster
	err = persist(ctx, client, spec, told, func(ctx context.Context) error {
		sent, left, err := settle(ctx, client, spec, exists)
		if err == nil {
			sent, err = withCNI(ctx, client, sent, left)
		}
		if err == nil {
			made, err = client.ApplyCluster(ctx, sent, false)
		}
		return err
	})
	return made, err
}

// taken says why a cluster that exists is not to be made; nil for one whose
// creation never came to its end.
func taken(client api, existing *supervisor.Cluster, spec supervisor.ClusterSpec) error {
	refused := &fault.Error{Kind: fault.AlreadyExists, Op: "create Cluster " + spec.Namespace + "/" + spec.Name, Where: client.Where()}
	_, unfinished := existing.Spec().Annotations[supervisor.CreatingAnnotation]
	switch {
	case existing.Deleting():
		refused.Message = "a cluster of this name is being deleted"
		refused.Advice = "Wait until it is gone. Better take another name: the platform may give the old one's address to a cluster of the same name, which then never becomes available."
	case unfinished:
		return nil
	default:
		refused.Message = "a cluster of this name exists"
		refused.Advice = fmt.Sprintf("To manage it here, import it: terraform import ADDRESS %s/%s", spec.Namespace, spec.Name)
	}
	return refused
}

// change makes the cluster what wanted says, and takes away what prior said and
// wanted does not. It gives the cluster before and after.
func change(ctx context.Context, client api, prior, wanted supervisor.ClusterSpec, told func(string, time.Duration)) (before, after *supervisor.Cluster, err error) {
	pruned := false
	err = persist(ctx, client, wanted, told, func(ctx context.Context) error {
		sent, live, err := settle(ctx, client, wanted, true)
		if err != nil {
			return err
		}
		if before == nil {
			before = live
		}
		if live.Deleting() {
			return &fault.Error{
				Kind: fault.Unsupported, Op: "change Cluster " + wanted.Namespace + "/" + wanted.Name, Where: client.Where(),
				Message: "the cluster is being deleted", Advice: "When it is gone, the next apply makes it anew; better under another name.",
			}
		}
		sent = keepCNI(sent, live, prior)
		after, err = client.ApplyCluster(ctx, sent, false)
		if fault.KindOf(err) == fault.Invalid && !pruned {
			// What somebody else applied first may be in the way of what replaces it.
			pruned = true
			if _, changed, perr := client.PruneCluster(ctx, prior, sent); perr == nil && changed {
				after, err = client.ApplyCluster(ctx, sent, false)
			}
		}
		if err == nil {
			after, _, err = client.PruneCluster(ctx, prior, sent)
		}
		if err == nil {
			err = configureCNI(ctx, client, prior, sent, before.Version(), after.Version())
		}
		return err
	})
	return before, after, err
}

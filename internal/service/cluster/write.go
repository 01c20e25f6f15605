package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"k8s.io/utils/clock"

	"github.com/vksops/terraform-provider-vks/internal/domain/release"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// settle turns what the user asks for into what is sent: the class where none
// is named; and for a cluster that exists, the version and class it has got
// where they satisfy the request, so that a change of something else does not
// upgrade it by the way. live is nil for a cluster that does not exist.
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
	if b == "" || release.Compare(a, b) > 0 {
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
		sent, _, err := settle(ctx, client, spec, exists)
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
		return err
	})
	return before, after, err
}

// await waits until the cluster is what g says.
func await(ctx context.Context, follow watcher, clk clock.PassiveClock, what string, g goal, told func(string, time.Duration)) error {
	s := steady{clock: clk}
	return wait.For(ctx, wait.Options{What: what, Changes: follow.Changes(), Max: 5 * time.Second, Progress: told},
		func(ctx context.Context) (wait.Status, error) {
			c, err := follow.Get(ctx)
			if err != nil {
				return lookFailed(err)
			}
			status, err := check(c, g, clk.Now())
			if err != nil {
				return status, err
			}
			return s.hold(status), nil
		})
}

// steady lets a wait end only after it could have for a while.
type steady struct {
	clock clock.PassiveClock
	since time.Time
}

func (s *steady) hold(status wait.Status) wait.Status {
	if !status.Done {
		s.since = time.Time{}
		return status
	}
	if s.since.IsZero() {
		s.since = s.clock.Now()
	}
	status.Done = s.clock.Since(s.since) >= settleFor
	return status
}

// lookFailed: a cluster that vanished will not come back, a network may.
func lookFailed(err error) (wait.Status, error) {
	if errors.Is(err, fault.Transient) || errors.Is(err, fault.Unreachable) {
		return wait.Status{Pending: []wait.Pending{{What: "connection", Message: err.Error(), Layer: wait.LayerSupervisor}}}, nil
	}
	return wait.Status{}, err
}

// remove deletes the cluster and waits until it is gone.
func remove(ctx context.Context, client api, namespace, name string, told func(string, time.Duration)) error {
	live, err := client.GetCluster(ctx, namespace, name)
	if err != nil {
		return fault.Gone(err)
	}
	uid := live.UID()
	if !live.Deleting() {
		err := persist(ctx, client, live.Spec(), told, func(ctx context.Context) error {
			return fault.Gone(client.DeleteCluster(ctx, namespace, name, uid))
		})
		if err != nil {
			return err
		}
	}
	follow, err := client.WatchCluster(ctx, namespace, name)
	if err != nil {
		return err
	}
	return wait.For(ctx, wait.Options{What: "VKS cluster " + namespace + "/" + name + " to be gone", Changes: follow.Changes(), Max: 5 * time.Second, Progress: told},
		func(ctx context.Context) (wait.Status, error) {
			c, err := follow.Get(ctx)
			switch {
			case fault.IsNotFound(err):
				return wait.Status{Done: true}, nil
			case err != nil:
				return lookFailed(err)
			case c.UID() != uid:
				return wait.Status{Done: true}, nil // somebody made another
			}
			return leaving(c), nil
		})
}

// leaving says what holds a deletion back.
func leaving(c *supervisor.Cluster) wait.Status {
	status := wait.Status{Progress: progress(c, goal{}) + ", " + c.Phase()}
	conditions, _ := c.Conditions()
	for _, one := range conditions {
		if one.Type == "Deleting" && one.True() {
			status.Pending = append(status.Pending, wait.Pending{What: "Deleting", Message: messageOf(one), Layer: wait.LayerSupervisor})
		}
	}
	if finalizers := c.Finalizers(); len(finalizers) > 0 {
		status.Pending = append(status.Pending, wait.Pending{
			What: "finalizers", Layer: wait.LayerSupervisor,
			Message: strings.Join(finalizers, ", ") + " (do not remove them by hand: that leaves VMs and disks behind)",
		})
	}
	return status
}

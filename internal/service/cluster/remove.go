package cluster

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
	"github.com/vksops/terraform-provider-vks/internal/wait"
)

// lastLook bounds the look at what is left, whose own time is over.
const lastLook = 30 * time.Second

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
	// The watch ends with the wait.
	watching, stop := context.WithCancel(ctx)
	defer stop()
	follow, err := client.WatchCluster(watching, namespace, name)
	if err != nil {
		return err
	}
	err = wait.For(ctx, wait.Options{What: "VKS cluster " + namespace + "/" + name + " to be gone", Changes: follow.Changes(), Max: 5 * time.Second, Progress: told},
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
	return withRemains(ctx, client, namespace, name, err)
}

// leaving says what holds a deletion back.
func leaving(c *supervisor.Cluster) wait.Status {
	status := wait.Status{Progress: progress(c, goal{}) + ", " + c.Phase()}
	conditions, _ := c.Conditions()
	for _, one := range conditions {
		if one.Type == "Deleting" && one.True() {
			status.Pending = append(status.Pending, wait.Pending{What: "Deleting", Message: messageOf(one), Layer: layerOf("Deleting", one.Message)})
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

// withRemains adds the machines that are left to the error of a deletion that
// ran out of time.
func withRemains(ctx context.Context, client api, namespace, name string, err error) error {
	var timeout *wait.TimeoutError
	if !errors.As(err, &timeout) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	machines, listErr := client.Machines(ctx, namespace, name)
	text := machineList(machines)
	switch {
	case listErr != nil:
		text = "could not be listed: " + listErr.Error()
	case len(machines) == 0:
		text = "none are left: what remains is not a machine"
	}
	more := *timeout
	more.Pending = append(append([]wait.Pending(nil), timeout.Pending...), wait.Pending{What: "machines", Message: text, Layer: layerOf("Deleting", text)})
	return &more
}

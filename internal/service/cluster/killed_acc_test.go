package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/lab/await"
	"github.com/vksops/terraform-provider-vks/internal/supervisor"
)

// killed is a cluster whose applies do not live to their end.
type killed struct {
	t         *testing.T
	cli       *acctest.CLI
	namespace string
	platform  *supervisor.Client
}

// Terraform and the provider are killed in the middle of each operation. The
// next apply carries on, and in the end there is what was asked for, and no more.
func TestAccCluster_killed(t *testing.T) {
	acctest.OncePerProduct(t)
	t.Parallel()
	k := killed{t: t, cli: acctest.NewCLI(t), namespace: acctest.Name(t, "killed"), platform: platform(t)}
	const old, upgraded = "v1.33.6+vmware.1-fips", "v1.34.1+vmware.1"
	t.Cleanup(func() {
		if output, code := k.cli.Detached().Run(t, "destroy", "-auto-approve", "-input=false", "-no-color"); code != 0 {
			t.Errorf("destroy: %s", output)
		}
	})

	// OpenTofu may not have written down what it made just before it was killed.
	k.write("")
	k.cli.MustRun(t, applyArgs...)

	// The first machine is there, and nothing of the cluster is in state.
	k.apply("v1.33", `{ a = { replicas = 1 }, b = { replicas = 1 } }`, "10m", func(ctx context.Context, _ *supervisor.Cluster) error {
		made, err := k.platform.Machines(ctx, k.namespace, "prod")
		if err == nil && len(made) == 0 {
			err = errors.New("no machine yet")
		}
		return err
	})
	k.settled(old, map[string]int{"": 3, "a": 1, "b": 1})

	k.apply("v1.33", `{ a = { replicas = 2 }, b = { replicas = 1 }, c = { replicas = 1 } }`, "11m", has(func(s supervisor.ClusterSpec) bool { return len(s.Pools) == 3 }))
	k.settled(old, map[string]int{"": 3, "a": 2, "b": 1, "c": 1})

	k.apply("v1.33", `{ a = { autoscaler = { min = 1, max = 3 } }, c = { replicas = 1 } }`, "12m", has(func(s supervisor.ClusterSpec) bool { return len(s.Pools) == 2 }))
	k.settled(old, map[string]int{"": 3, "a": 2, "c": 1})

	k.apply("v1.34.1", `{ a = { autoscaler = { min = 1, max = 3 } }, c = { replicas = 1 } }`, "12m", has(func(s supervisor.ClusterSpec) bool { return s.Version == upgraded }))
	k.settled(upgraded, map[string]int{"": 3, "a": 2, "c": 1})

	k.cli.KillDuring(t, func(ctx context.Context) error {
		live, err := k.platform.GetCluster(ctx, k.namespace, "prod")
		if err == nil && !live.Deleting() {
			err = errors.New("it is not being deleted")
		}
		return err
	}, "destroy", "-auto-approve", "-input=false", "-no-color")
	k.cli.MustRun(t, "destroy", "-auto-approve", "-input=false", "-no-color")
	if left, err := k.platform.Machines(t.Context(), k.namespace, "prod"); err != nil || len(left) > 0 {
		t.Errorf("machines are left: %v, %v", left, err)
	}
	if _, err := k.platform.GetCluster(t.Context(), k.namespace, "prod"); !fault.IsNotFound(err) {
		t.Errorf("the cluster is left: %v", err)
	}
}

// has waits for a cluster to ask for something.
func has(what func(supervisor.ClusterSpec) bool) func(context.Context, *supervisor.Cluster) error {
	return func(_ context.Context, c *supervisor.Cluster) error {
		if !what(c.Spec()) {
			return errors.New("not written yet")
		}
		return nil
	}
}

// apply is killed when moment says so, and runs again. drain is a value that is
// changed in place.
func (k killed) apply(version, pools, drain string, moment func(context.Context, *supervisor.Cluster) error) {
	k.t.Helper()
	k.write(inline("vks_namespace.test.name", `kubernetes_version = "`+version+`"`, `node_pools = `+pools,
		`control_plane = { replicas = 3, node_drain_timeout = "`+drain+`" }`))
	k.cli.KillDuring(k.t, func(ctx context.Context) error {
		live, err := k.platform.GetCluster(ctx, k.namespace, "prod")
		if err != nil {
			return err
		}
		return moment(ctx, live)
	}, applyArgs...)
	k.cli.MustRun(k.t, applyArgs...)
}

var applyArgs = []string{"apply", "-auto-approve", "-input=false", "-no-color"}

// write writes the configuration of the namespace, and more.
func (k killed) write(more string) {
	k.t.Helper()
	text := fmt.Sprintf(`
terraform {
  required_providers {
    vks = { source = "vksops/vks" }
  }
}

resource "vks_namespace" "test" {
  name             = %q
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
}
`, k.namespace) + more
	if err := os.WriteFile(filepath.Join(k.cli.Dir(), "main.tf"), []byte(text), 0o600); err != nil {
		k.t.Fatal(err)
	}
}

// settled expects nothing more to do, for Terraform at once, and for the platform
// in a while: what the killed apply had written needs no second one.
func (k killed) settled(version string, pools map[string]int) {
	k.t.Helper()
	if output, code := k.cli.Run(k.t, "plan", "-detailed-exitcode", "-input=false", "-no-color"); code != 0 {
		k.t.Fatalf("the plan is not empty (exit %d):\n%s", code, output)
	}
	ctx, cancel := context.WithTimeout(k.t.Context(), 20*time.Minute)
	defer cancel()
	err := await.OK(ctx, "the machines", func(context.Context) error { return machines{k.t, k.namespace, version, pools}.problem() })
	if err != nil {
		k.t.Fatal(err)
	}
}

package cluster_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/lab/await"
)

func inNamespace(namespace string, lines ...string) string {
	return `
resource "vks_namespace" "test" {
  name             = "` + namespace + `"
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
}
` + inline("vks_namespace.test.name", lines...)
}

// A cluster that has got the address of an earlier one of its name is given up
// within minutes, with what to do; not after the hour of timeouts.create.
func TestAccCluster_staleEndpoint(t *testing.T) {
	acctest.Once(t)
	acctest.Traffic(t) // only the lab has the lever
	namespace := acctest.Name(t, "stale")
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: inNamespace(namespace, `annotations = { "lab.vks/load-balancer-ip" = "192.0.2.7" }`),
		ExpectError: regexp.MustCompile(`(?s)VKS cluster did not become available.*load\s+balancer\s+has\s+the\s+address\s+192\.0\.2\.7.*` +
			`another\s+name.*Not\s+true\s+at\s+the\s+end.*Available.*tainted`),
	}}})
}

// What blocks an upgrade is said at plan, with the words of the check.
func TestAccCluster_blockedUpgrade(t *testing.T) {
	acctest.Once(t)
	acctest.Env(t)
	namespace := acctest.Name(t, "blocked")
	set := func(status, message string) {
		t.Helper()
		check := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster", "metadata": map[string]any{"name": "prod"},
			"status": map[string]any{"conditions": []any{map[string]any{
				"type": "SystemChecksSucceeded", "status": status, "reason": "Checked", "message": message,
				"lastTransitionTime": metav1.Now().UTC().Format(time.RFC3339),
			}}},
		}}
		if _, err := statusOf(t, namespace).ApplyStatus(t.Context(), "prod", check, metav1.ApplyOptions{FieldManager: "checks", Force: true}); err != nil {
			t.Fatal(err)
		}
	}
	const skip = `annotations = { "kubernetes.vmware.com/dangerous-skip-misconfigured-software-check-for-update" = "" }`
	upgrade := func(lines ...string) string {
		return inNamespace(namespace, append(lines, `kubernetes_version = "v1.34"`, `wait_for = []`)...)
	}
	blocked := regexp.MustCompile(`(?s)Upgrade is blocked.*PodDisruptionBudget\s+shop/web.*dangerous-skip-misconfigured-software-check-for-update.*workload\s+cluster`)
	acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: inNamespace(namespace, `wait_for = []`)},
		{ // a PlanOnly step plans without a refresh first
			PreConfig: func() {
				reported(t, namespace, "SystemChecksSucceeded") // or the platform's own first report comes later
				set("False", "PodDisruptionBudget shop/web allows no disruption")
			},
			RefreshState: true,
		},
		{Config: upgrade(), PlanOnly: true, ExpectError: blocked},
		{Config: upgrade(skip), PlanOnly: true, ExpectNonEmptyPlan: true},
		{ // nothing else is held back
			Config: inNamespace(namespace, `wait_for = []`, `labels = { a = "b" }`),
		},
		{PreConfig: func() { set("True", "") }, RefreshState: true},
		{Config: upgrade(), PlanOnly: true, ExpectNonEmptyPlan: true},
	}})
}

// reported waits until the platform says anything of a condition.
func reported(t *testing.T, namespace, condition string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	err := await.OK(ctx, condition, func(ctx context.Context) error {
		live, err := statusOf(t, namespace).Get(ctx, "prod", metav1.GetOptions{})
		if err != nil {
			return err
		}
		conditions, _, _ := unstructured.NestedSlice(live.Object, "status", "conditions")
		for _, c := range conditions {
			if entry, ok := c.(map[string]any); ok && entry["type"] == condition {
				return nil
			}
		}
		return errors.New("not reported yet")
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A destroy that runs out of time names what holds the cluster: its finalizers,
// and the machines that are left.
func TestAccCluster_deletionHeld(t *testing.T) {
	acctest.Once(t)
	t.Parallel()
	cli, namespace := acctest.NewCLI(t), acctest.Name(t, "held")
	config := `
terraform {
  required_providers {
    vks = { source = "vksops/vks" }
  }
}
` + inNamespace(namespace, `wait_for = []`, `timeouts = { delete = "20s" }`)
	if err := os.WriteFile(filepath.Join(cli.Dir(), "main.tf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cli.MustRun(t, "apply", "-auto-approve", "-input=false", "-no-color")
	letGo := func(have []string) []string {
		return slices.DeleteFunc(have, func(f string) bool { return f == "example.com/held" })
	}
	args := []string{"destroy", "-auto-approve", "-input=false", "-no-color"}
	defer func() { // after a failure, too: others use this lab
		if t.Failed() {
			finalizers(t, namespace, letGo)
			_, _ = cli.Detached().Run(t, args...)
		}
	}()
	finalizers(t, namespace, func(have []string) []string { return append(have, "example.com/held") })
	output, code := cli.Run(t, args...)
	want := regexp.MustCompile(`(?s)Unable to delete VKS cluster.*finalizers:.*example\.com/held.*machines:.*owned\s+by.*timeouts\.delete`)
	if code == 0 || !want.MatchString(output) {
		t.Errorf("exit %d:\n%s", code, output)
	}
	// An apply that knows of it does not read as if all were well.
	if output, _ = cli.Run(t, "plan", "-input=false", "-no-color"); !strings.Contains(output, "is being deleted") {
		t.Errorf("the plan says nothing:\n%s", output)
	}
	finalizers(t, namespace, letGo)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	err := await.OK(ctx, "the destroy", func(context.Context) error {
		if output, code := cli.Run(t, args...); code != 0 {
			return errors.New(output)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// finalizers changes those of the cluster.
func finalizers(t *testing.T, namespace string, change func([]string) []string) {
	t.Helper()
	clusters := statusOf(t, namespace)
	for {
		live, err := clusters.Get(t.Context(), "prod", metav1.GetOptions{})
		if err == nil {
			live.SetFinalizers(change(live.GetFinalizers()))
			_, err = clusters.Update(t.Context(), live, metav1.UpdateOptions{})
		}
		if err == nil {
			return
		}
		if !apierrors.IsConflict(err) {
			t.Fatal(err)
		}
	}
}

package acctest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/lab/await"
)

// drift is what somebody does by hand: the plan shows exactly that, and an
// apply heals it.
func drift(t *testing.T, cli *acctest.CLI, tenant string) {
	t.Helper()
	must(t, cli, workload(cli, "-n", "velero", "patch", "schedule", tenant+"-critical", "--type", "merge", "-p", `{"spec":{"schedule":"0 3 * * 0"}}`)...)
	must(t, cli, workload(cli, "-n", "velero", "delete", "schedule", tenant+"-standard")...)
	must(t, cli, "sh", "-c", `printf %s "$2" | exec "$0" session.login -r -X PATCH "$1"`,
		program(t, "govc"), "/api/vcenter/namespaces/instances/"+tenant, `{"resource_spec":{"memory_limit":262144}}`)

	if output, code := cli.Run(t, "plan", "-detailed-exitcode", "-input=false", "-no-color", "-out=drift.plan"); code != 2 {
		t.Fatalf("the drift was not found (exit %d):\n%s", code, output)
	}
	want := map[string]string{
		"module.tenant.vks_namespace.this":                   "update memory_limit_mib",
		`module.tenant.vks_backup_schedule.tier["critical"]`: "update effective_schedule longest_gap_seconds",
		`module.tenant.vks_backup_schedule.tier["standard"]`: "create",
	}
	if diff := cmp.Diff(want, changes(t, cli, "drift.plan")); diff != "" {
		t.Errorf("planned (+) instead of (-):\n%s", diff)
	}
	cli.MustRun(t, "apply", "-input=false", "-no-color", "drift.plan")
	if output, code := cli.Run(t, "plan", "-detailed-exitcode", "-input=false", "-no-color"); code != 0 {
		t.Errorf("the plan after healing is not empty (exit %d):\n%s", code, output)
	}
}

// changes are what a plan does to each resource, and which known values it
// changes. That vCenter is still busy with what was done by hand is no change:
// config_status goes back to RUNNING by itself.
func changes(t *testing.T, cli *acctest.CLI, file string) map[string]string {
	t.Helper()
	var plan struct {
		Changes []struct {
			Address, Mode string
			Change        struct {
				Actions       []string
				Before, After map[string]any
				Unknown       map[string]any `json:"after_unknown"`
			}
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(cli.MustRun(t, "show", "-json", file)), &plan); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, c := range plan.Changes {
		if c.Mode != "managed" || slices.Equal(c.Change.Actions, []string{"no-op"}) {
			continue
		}
		words := c.Change.Actions
		if slices.Equal(words, []string{"update"}) {
			var names []string
			for name, before := range c.Change.Before {
				if name != "config_status" && c.Change.Unknown[name] != true && !cmp.Equal(before, c.Change.After[name]) {
					names = append(names, name)
				}
			}
			slices.Sort(names)
			words = append(words, names...)
		}
		found[c.Address] = strings.Join(words, " ")
	}
	return found
}

// backup runs through a schedule that the provider made, and is in the object store.
func backup(t *testing.T, cli *acctest.CLI, tenant string) {
	t.Helper()
	for _, app := range []string{"payments", "orders"} {
		must(t, cli, workload(cli, "create", "namespace", app)...)
		must(t, cli, workload(cli, "-n", app, "create", "configmap", "ledger", "--from-literal=balance=42")...)
	}
	must(t, cli, program(t, "velero"), "--kubeconfig", kubeconfig(cli), "backup", "create", "demo", "--from-schedule", tenant+"-critical")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	err := await.OK(ctx, "the backup to be completed", func(context.Context) error {
		phase := must(t, cli, workload(cli, "-n", "velero", "get", "backup", "demo", "-o", "jsonpath={.status.phase}")...)
		switch {
		case strings.Contains(phase, "Failed"):
			t.Fatalf("the backup is %s:\n%s", phase, must(t, cli, workload(cli, "-n", "velero", "get", "backup", "demo", "-o", "yaml")...))
		case phase != "Completed":
			return errors.New("it is " + phase)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if all := objects(t, cli, tenant); !slices.ContainsFunc(all, regexp.MustCompile(`prod/backups/demo/.*\.tar\.gz$`).MatchString) {
		t.Errorf("the object store has no content of the backup: %q", all)
	}
}

// nothingLeft asks everyone. Only backups stay.
func nothingLeft(t *testing.T, cli *acctest.CLI, tenant string) {
	t.Helper()
	output, code := cli.Exec(t, program(t, "kubectl"), "--kubeconfig", os.Getenv("LAB_SUPERVISOR_KUBECONFIG"), "get", "namespace", tenant)
	if code == 0 || !strings.Contains(output, "NotFound") {
		t.Errorf("the Supervisor still has namespace %s: %s", tenant, output)
	}
	if output = must(t, cli, program(t, "govc"), "namespace.ls"); strings.Contains(output, tenant) {
		t.Errorf("vCenter still has namespace %s:\n%s", tenant, output)
	}
	output = must(t, cli, program(t, "govc"), "find", "/", "-type", "p")
	if !strings.Contains(output, "Resources") || strings.Contains(output, tenant) {
		t.Errorf("vCenter still has resource pools of %s (or shows none at all):\n%s", tenant, output)
	}
	all := objects(t, cli, tenant)
	if len(all) == 0 {
		t.Error("destroy took the backups along")
	}
	for _, object := range all {
		if !strings.Contains(object, "prod/backups/demo/") {
			t.Errorf("beside backups there is still %s", object)
		}
	}
}

// objects are the names in the tenant's part of the bucket.
func objects(t *testing.T, cli *acctest.CLI, tenant string) []string {
	t.Helper()
	var names []string
	listing := must(t, cli, program(t, "s5cmd"), "--endpoint-url", os.Getenv("LAB_S3_URL"), "ls",
		fmt.Sprintf("s3://%s/%s/*", os.Getenv("LAB_S3_BUCKET"), tenant))
	for line := range strings.Lines(listing) {
		if fields := strings.Fields(line); len(fields) > 0 {
			names = append(names, fields[len(fields)-1])
		}
	}
	return names
}

// program is one that the lab comes with.
func program(t *testing.T, name string) string {
	t.Helper()
	return filepath.Join(acctest.Root(t), ".cache", "bin", name)
}

func kubeconfig(cli *acctest.CLI) string { return filepath.Join(cli.Dir(), "kubeconfig") }

// workload is a kubectl command for the tenant's cluster.
func workload(cli *acctest.CLI, args ...string) []string {
	return append([]string{"kubectl", "--kubeconfig", kubeconfig(cli)}, args...)
}

// must runs a program, or one of the lab's, that has to succeed.
func must(t *testing.T, cli *acctest.CLI, command ...string) string {
	t.Helper()
	path := command[0]
	if path == "kubectl" {
		path = program(t, path)
	}
	output, code := cli.Exec(t, path, command[1:]...)
	if code != 0 {
		t.Fatalf("%s ended with %d:\n%s", strings.Join(command, " "), code, output)
	}
	return output
}

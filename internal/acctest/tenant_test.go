package acctest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
	"github.com/vksops/terraform-provider-vks/internal/lab/traffic"
)

// TestAccTenant is the main job with the example as users have it: one apply,
// an empty second plan that reads each object once, tools that are not ours
// agreeing with the state, no secret in state, drift found and healed, a backup by
// the real Velero, and a destroy that leaves backups only.
func TestAccTenant(t *testing.T) {
	t.Parallel()
	tenant := acctest.Name(t, "tenant")
	cli := newTenant(t, tenant)
	t.Cleanup(func() { cleanUp(t, cli) })

	cli.MustRun(t, "apply", "-auto-approve", "-input=false", "-no-color")
	t.Run("second plan", func(t *testing.T) { secondPlan(t, cli, tenant) })
	t.Run("others agree", func(t *testing.T) { othersAgree(t, cli, tenant) })
	t.Run("no secret in state", func(t *testing.T) { noSecret(t, cli) })
	t.Run("drift", func(t *testing.T) { drift(t, cli, tenant) })
	t.Run("backup", func(t *testing.T) { backup(t, cli, tenant) })
	cli.MustRun(t, "destroy", "-auto-approve", "-input=false", "-no-color")
	t.Run("nothing is left", func(t *testing.T) { nothingLeft(t, cli, tenant) })
}

func newTenant(t *testing.T, tenant string) *acctest.CLI {
	t.Helper()
	cli := acctest.NewCLI(t, "examples/tenant", "examples/modules")
	for key, value := range map[string]string{
		"tenant": tenant, "backup_bucket": os.Getenv("LAB_S3_BUCKET"), "backup_url": os.Getenv("LAB_S3_URL"),
		"backup_access_key_id": os.Getenv("LAB_S3_ACCESS_KEY"), "backup_secret_access_key": os.Getenv("LAB_S3_SECRET_KEY"),
	} {
		cli.Setenv("TF_VAR_"+key, value)
	}
	for key, value := range map[string]string{
		"GOVC_URL": "https://" + os.Getenv("VKS_VCENTER_SERVER"), "GOVC_USERNAME": os.Getenv("VKS_USERNAME"),
		"GOVC_PASSWORD": os.Getenv("VKS_PASSWORD"), "GOVC_TLS_CA_CERTS": os.Getenv("VKS_VCENTER_CA_FILE"),
		"GOVC_PERSIST_SESSION": "false",
		"AWS_ACCESS_KEY_ID":    os.Getenv("LAB_S3_ACCESS_KEY"), "AWS_SECRET_ACCESS_KEY": os.Getenv("LAB_S3_SECRET_KEY"), "AWS_REGION": "us-east-1",
	} {
		cli.Setenv(key, value)
	}
	// With dev_overrides init only fetches modules; what it says of the provider is no failure.
	if output, code := cli.Run(t, "init", "-backend=false", "-input=false", "-no-color"); code != 0 && !strings.Contains(output, "overrides") {
		t.Fatalf("init: %s", output)
	}
	return cli
}

func secondPlan(t *testing.T, cli *acctest.CLI, tenant string) {
	t.Helper()
	log := acctest.Traffic(t)
	mark, err := log.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	output, code := cli.Run(t, "plan", "-detailed-exitcode", "-input=false", "-no-color")
	if code != 0 {
		t.Fatalf("the second plan is not empty (exit %d):\n%s", code, output)
	}
	requests, err := log.Requests(t.Context(), traffic.Query{Since: mark})
	if err != nil {
		t.Fatal(err)
	}
	reads := map[string]int{}
	for _, r := range requests {
		if r.Method != "GET" && !isLogin(r.Path) && strings.Contains(r.Target+r.Path, tenant) {
			t.Errorf("a plan wrote: %s %s %s", r.Method, r.Target, r.Path)
		}
		if r.Method == "GET" && strings.Contains(r.Target+r.Path, tenant) {
			reads[r.Target+" "+r.Path]++
		}
	}
	if len(reads) < 5 {
		t.Fatalf("the log shows %d reads of the tenant's objects, too few to be true: %v", len(reads), reads)
	}
	for what, n := range reads {
		if n > 1 {
			t.Errorf("%s was read %d times in one plan", what, n)
		}
	}
}

func isLogin(path string) bool { return path == "/api/session" || path == "/wcp/login" }

func othersAgree(t *testing.T, cli *acctest.CLI, tenant string) {
	t.Helper()
	text, code := cli.Exec(t, filepath.Join(acctest.Root(t), "scripts", "kubeconfig"), tenant, "prod")
	if code != 0 {
		t.Fatalf("kubeconfig: %s", text)
	}
	if err := os.WriteFile(kubeconfig(cli), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"govc namespace.ls":            {[]string{"govc", "namespace.ls"}, tenant},
		"govc find resource pools":     {[]string{"govc", "find", "/", "-type", "p"}, "Namespaces/" + tenant},
		"govc namespace.info":          {[]string{"govc", "namespace.info", "-json", tenant}, `"RUNNING"`},
		"kubectl get clusters":         {[]string{"kubectl", "--kubeconfig", os.Getenv("LAB_SUPERVISOR_KUBECONFIG"), "get", "clusters", "-A"}, tenant + `\s+prod\s`},
		"velero schedule get":          {[]string{"velero", "--kubeconfig", kubeconfig(cli), "schedule", "get"}, tenant + `-critical\s+Enabled`},
		"velero backup-location get":   {[]string{"velero", "--kubeconfig", kubeconfig(cli), "backup-location", "get"}, `offsite\s+aws\s.*Available`},
		"velero server answers client": {[]string{"velero", "--kubeconfig", kubeconfig(cli), "version", "--timeout", "2m"}, `Server:\s+Version: v`},
	} {
		output, code := cli.Exec(t, program(t, c.args[0]), c.args[1:]...)
		if code != 0 || !regexp.MustCompile(c.want).MatchString(output) {
			t.Errorf("%s (exit %d) does not show %q:\n%s", name, code, c.want, output)
		}
	}
}

func noSecret(t *testing.T, cli *acctest.CLI) {
	t.Helper()
	state, err := os.ReadFile(filepath.Join(cli.Dir(), "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(state), os.Getenv("LAB_S3_BUCKET")) {
		t.Error("the state has no bucket: this is not the state that is meant")
	}
	for _, secret := range []string{"LAB_S3_SECRET_KEY", "VKS_PASSWORD"} {
		if value := os.Getenv(secret); value == "" || strings.Contains(string(state), value) {
			t.Errorf("the state has the value of %s (or the variable is empty)", secret)
		}
	}
}

func cleanUp(t *testing.T, cli *acctest.CLI) {
	t.Helper()
	// The test's own context is over here; a failed test must not leave a tenant in the lab.
	if _, err := os.Stat(filepath.Join(cli.Dir(), "terraform.tfstate")); err != nil || !t.Failed() {
		return
	}
	if output, code := cli.Detached().Run(t, "destroy", "-auto-approve", "-input=false", "-no-color"); code != 0 {
		t.Logf("clean-up: %s", output)
	}
}

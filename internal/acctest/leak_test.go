package acctest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
)

// TestAccNoLeak takes a cluster through its life, with credentials opened and used
// in both ways, a change, changes that fail, an import and the end, and then looks
// for the very secrets that went over the wire: in state and its backups, in plans,
// in logs at TRACE and in everything that was printed.
func TestAccNoLeak(t *testing.T) {
	acctest.OncePerProduct(t)
	t.Parallel()
	l := newLife(t)
	t.Run("life", l.live)
	if t.Failed() {
		return
	}
	known := l.wire.secrets(t)
	t.Run("the search finds what is there", func(t *testing.T) { planted(t, known) })
	t.Run("the search reads all", l.readsAll)
	for _, leak := range search(t, l.cli.Dir(), known) {
		t.Error(leak)
	}
}

// life is one configuration whose every command is logged and kept.
type life struct {
	cli       *acctest.CLI
	wire      *wire
	namespace string
}

func newLife(t *testing.T) *life {
	t.Helper()
	l := &life{cli: acctest.NewCLI(t), namespace: acctest.Name(t, "leak")}
	l.wire = tap(t)
	for key, value := range l.wire.env() {
		l.cli.Setenv(key, value)
	}
	// The password comes as users are told to pass it on: as an ephemeral variable.
	l.cli.Setenv("TF_VAR_password", os.Getenv("VKS_PASSWORD"))
	l.cli.Setenv("VKS_PASSWORD", "")
	l.cli.Setenv("TF_VAR_namespace", l.namespace)
	l.cli.Setenv("TF_LOG", "TRACE")
	l.cli.Setenv("TF_LOG_PATH", filepath.Join(l.cli.Dir(), "trace.log"))
	l.cli.Setenv("KUBECTL", program(t, "kubectl"))
	l.write(t, "main.tf", leakConfig)
	t.Cleanup(func() {
		if t.Failed() {
			l.cli.Detached().Run(t, "destroy", "-auto-approve", "-input=false", "-no-color")
		}
	})
	return l
}

func (l *life) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(l.cli.Dir(), name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run keeps what a command printed, and wants it to end as expected.
func (l *life) run(t *testing.T, fails bool, args ...string) string {
	t.Helper()
	output, code := l.cli.Run(t, args...)
	name := strings.Join(args, "_")
	l.write(t, filepath.Join("printed", strings.ReplaceAll(name, string(filepath.Separator), "_")), output)
	if (code != 0) != fails {
		t.Fatalf("%s ended with %d:\n%s", name, code, output)
	}
	return output
}

// apply plans into a file, shows that, and applies it.
func (l *life) apply(t *testing.T, name string, fails bool, options ...string) string {
	t.Helper()
	plan := name + ".plan"
	l.run(t, false, append([]string{"plan", "-input=false", "-no-color", "-out=" + plan}, options...)...)
	l.run(t, false, "show", "-json", plan)
	return l.run(t, fails, "apply", "-input=false", "-no-color", plan)
}

func (l *life) live(t *testing.T) {
	l.apply(t, "create", false)
	for _, way := range []string{"login", "secret"} {
		used, err := os.ReadFile(filepath.Join(l.cli.Dir(), "used-"+way))
		if err != nil || !strings.Contains(string(used), "namespace/kube-system") {
			t.Fatalf("the kubeconfig by %s was not used: %q, %v", way, used, err)
		}
	}
	l.apply(t, "update", false, "-var=replicas=2")

	// Admission says no, and the cluster has no Velero: the one is told by the
	// Supervisor, the other by the cluster itself, reached in each way.
	for _, auth := range []string{"login", "secret"} {
		output := l.apply(t, "fail-"+auth, true, "-var=replicas=2", "-var=fail=true", "-var=auth="+auth)
		for _, want := range []string{"Unable to update VKS cluster", "Velero"} {
			if !strings.Contains(output, want) {
				t.Errorf("the failed change does not say %q:\n%s", want, output)
			}
		}
	}
	l.run(t, false, "state", "rm", "vks_cluster.test")
	l.run(t, false, "import", "-input=false", "-no-color", "vks_cluster.test", l.namespace+"/prod")
	l.apply(t, "imported", false, "-var=replicas=2")
	l.run(t, false, "show", "-json")
	l.run(t, false, "destroy", "-auto-approve", "-input=false", "-no-color")
}

// readsAll: what is no secret is found in every kind of thing that is searched.
func (l *life) readsAll(t *testing.T) {
	found := map[string]bool{}
	for _, leak := range search(t, l.cli.Dir(), map[string][]string{"name": {l.namespace}}) {
		found[leak.where] = true
	}
	for _, where := range []string{
		"terraform.tfstate.backup", "trace.log", "create.plan!tfplan", "update.plan!tfstate", "fail-secret.plan!tfplan",
		"printed/show_-json_create.plan", "printed/apply_-input=false_-no-color_create.plan", "printed/apply_-input=false_-no-color_fail-login.plan",
		"printed/destroy_-auto-approve_-input=false_-no-color",
	} {
		if !found[where] {
			t.Errorf("%s does not have the namespace's name: it was not searched", where)
		}
	}
	log, err := os.ReadFile(filepath.Join(l.cli.Dir(), "trace.log"))
	if err != nil || !strings.Contains(string(log), "[TRACE] provider.terraform-provider-vks") {
		t.Errorf("the log has nothing of the provider at TRACE (%v)", err)
	}
}

const leakConfig = `
terraform {
  required_providers {
    vks = { source = "vksops/vks" }
  }
}

variable "namespace" {
  type = string
}

variable "password" {
  type      = string
  ephemeral = true
}

variable "replicas" {
  type    = number
  default = 1
}

variable "fail" {
  type    = bool
  default = false
}

variable "auth" {
  type    = string
  default = "auto"
}

provider "vks" {
  vcenter  = { password = var.password }
  workload = { auth = var.auth }
}

resource "vks_namespace" "test" {
  name             = var.namespace
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
}

resource "vks_cluster" "test" {
  name               = "prod"
  namespace          = vks_namespace.test.name
  kubernetes_version = "v1.33"
  vm_class           = "best-effort-small"
  storage_class      = "gold-policy"
  network            = { pods = ["192.168.0.0/16"], services = ["10.96.0.0/12"] }
  control_plane      = {}
  node_pools         = { workers = { replicas = var.replicas } }
  variables          = var.fail ? jsonencode({ noSuchVariable = 1 }) : null
}

data "vks_cluster" "test" {
  id = vks_cluster.test.id
}

ephemeral "vks_kubeconfig" "login" {
  cluster_id = vks_cluster.test.id
  auth       = "login"
}

ephemeral "vks_kubeconfig" "secret" {
  cluster_id = vks_cluster.test.id
  auth       = "secret"
}

locals {
  use = "umask 077; f=$(mktemp); printf %s \"$CONFIG\" >$f; \"$KUBECTL\" --kubeconfig $f get namespaces -o name >used-$WAY; rc=$?; rm -f $f; exit $rc"
}

resource "terraform_data" "used" {
  triggers_replace = var.replicas

  provisioner "local-exec" {
    command     = local.use
    environment = { WAY = "login", CONFIG = ephemeral.vks_kubeconfig.login.kubeconfig }
  }

  provisioner "local-exec" {
    command     = local.use
    environment = { WAY = "secret", CONFIG = ephemeral.vks_kubeconfig.secret.kubeconfig }
  }
}

resource "vks_backup_schedule" "test" {
  count      = var.fail ? 1 : 0
  cluster_id = "${var.namespace}/prod"
  name       = "nightly"
  schedule   = "@daily"
}
`

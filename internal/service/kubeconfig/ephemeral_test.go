package kubeconfig_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
)

func factories(t *testing.T) map[string]func() (tfprotov6.ProviderServer, error) {
	t.Helper()
	all := acctest.TwoFactories(t)
	all["echo"] = echoprovider.NewProviderServer()
	return all
}

func echoed(auth, name string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("echo.test", tfjsonpath.New("data").AtMapKey(auth).AtMapKey(name), check)
}

// The cluster is made in the same apply: at plan its id is not known, and the
// ephemeral resources wait for it.
func TestAccKubeconfig(t *testing.T) {
	log := acctest.Traffic(t)
	variables := config.Variables{"name": config.StringVariable(acctest.Name(t, "kubeconfig"))}
	pem := knownvalue.StringRegexp(regexp.MustCompile(`-----BEGIN `))
	acctest.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t),
		Steps: []resource.TestStep{{
			Config:          configuration,
			ConfigVariables: variables,
			ConfigStateChecks: []statecheck.StateCheck{
				echoed("default", "token", knownvalue.Null()),
				echoed("default", "client_key", pem),
				echoed("login", "token", knownvalue.StringRegexp(regexp.MustCompile(`^[^.]+\.[^.]+\.[^.]+$`))),
				echoed("login", "client_key", knownvalue.Null()),
				echoed("login", "host", knownvalue.StringRegexp(regexp.MustCompile(`^https://.*:6443$`))),
				echoed("login", "cluster_ca_certificate", pem),
				echoed("login", "expiration", knownvalue.NotNull()),
				echoed("login", "kubeconfig", knownvalue.StringRegexp(regexp.MustCompile(`(?s)kind: Config.*token: `))),
				echoed("secret", "token", knownvalue.Null()),
				echoed("secret", "client_key", pem),
				echoed("secret", "client_certificate", pem),
				echoed("secret", "expiration", knownvalue.NotNull()),
			},
		}, {
			// All tokens end; the next run logs in anew.
			PreConfig: func() {
				if err := log.ExpireSessions(t.Context()); err != nil {
					t.Fatal(err)
				}
			},
			Config:          configuration,
			ConfigVariables: variables,
			ConfigStateChecks: []statecheck.StateCheck{
				echoed("login", "token", knownvalue.StringRegexp(regexp.MustCompile(`^[^.]+\.[^.]+\.[^.]+$`))),
			},
		}},
	})
}

// A cluster that nothing acts on has no control plane: who opens it learns that,
// and whose it is, by each way.
func TestAccKubeconfig_notUp(t *testing.T) {
	acctest.Once(t)
	namespace := acctest.Name(t, "kubeconfig")
	base := `
resource "vks_namespace" "test" {
  name             = "` + namespace + `"
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
}

resource "vks_cluster" "test" {
  name               = "prod"
  namespace          = vks_namespace.test.name
  kubernetes_version = "v1.34"
  vm_class           = "best-effort-small"
  storage_class      = "gold-policy"
  annotations        = { "cluster.x-k8s.io/paused" = "" }
  network            = { pods = ["192.168.0.0/16"], services = ["10.96.0.0/12"] }
  control_plane      = {}
  wait_for           = []
  timeouts           = { delete = "5m" }
}
`
	opened := func(auth string) string {
		return base + "ephemeral \"vks_kubeconfig\" \"test\" {\n  cluster_id = vks_cluster.test.id\n  auth = \"" + auth + "\"\n}\n"
	}
	const want = `(?s)Unable to read kubeconfig.*VKS\s+cluster\s+kubeconfig-\w+/prod.*cannot\s+be\s+reached\s+yet.*Layer:\s+Supervisor.*wait_for`
	acctest.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t),
		Steps: []resource.TestStep{
			{Config: opened("login"), ExpectError: regexp.MustCompile(want)},
			{Config: opened("secret"), ExpectError: regexp.MustCompile(want)},
			{Config: opened("auto"), ExpectError: regexp.MustCompile(want)},
			// Controllers have to act for the cluster to go away.
			{Config: strings.Replace(base, `{ "cluster.x-k8s.io/paused" = "" }`, "{}", 1)},
		},
	})
}

// What an account may not read is named, with what it takes.
func TestAccKubeconfig_forbidden(t *testing.T) {
	acctest.Once(t)
	acctest.Env(t)
	namespace := acctest.Name(t, "kubeconfig")
	config := func(role, auth string) string {
		permissions := ""
		if role != "" {
			permissions = `permissions = [{ principal = "developer", domain = "vsphere.local", type = "USER", role = "` + role + `" }]`
		}
		text := `
provider "other" {
  vcenter = { username = "` + os.Getenv("LAB_DEVELOPER_USERNAME") + `", password = "` + os.Getenv("LAB_DEVELOPER_PASSWORD") + `" }
}

resource "vks_namespace" "test" {
  name             = "` + namespace + `"
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
  ` + permissions + `
}

resource "vks_cluster" "test" {
  name               = "prod"
  namespace          = vks_namespace.test.name
  kubernetes_version = "v1.34"
  vm_class           = "best-effort-small"
  storage_class      = "gold-policy"
  network            = { pods = ["192.168.0.0/16"], services = ["10.96.0.0/12"] }
  control_plane      = {}
}
`
		if auth != "" {
			text += "ephemeral \"vks_kubeconfig\" \"test\" {\n  provider = other\n  cluster_id = vks_cluster.test.id\n  auth = \"" + auth + "\"\n}\n"
		}
		return text
	}
	acctest.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t),
		Steps: []resource.TestStep{
			{Config: config("", "")},
			{Config: config("", "login"), ExpectError: regexp.MustCompile(`(?s)Unable to read kubeconfig.*takes\s+a\s+role\s+in\s+the\s+vSphere\s+Namespace\s+` + namespace)},
			{Config: config("VIEW", "")},
			{Config: config("VIEW", "login")},
			{Config: config("VIEW", "secret"), ExpectError: regexp.MustCompile(`(?s)Unable to read kubeconfig.*EDIT\s+or\s+OWNER`)},
			{Config: config("VIEW", "")},
		},
	})
}

func TestAccKubeconfig_errors(t *testing.T) {
	open := func(id string) string {
		return `
ephemeral "vks_kubeconfig" "test" {
  cluster_id = "` + id + `"
}
`
	}
	fails := func(id, want string) resource.TestStep {
		return resource.TestStep{Config: open(id), ExpectError: regexp.MustCompile(want)}
	}
	acctest.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t),
		Steps: []resource.TestStep{
			fails("prod", `is\s+not\s+a\s+cluster\s+id`),
			fails("-", `Invalid cluster_id`),
			fails("no-such-namespace/prod", `(?s)VKS cluster not found.*cluster_id = vks_cluster`),
		},
	})
}

// configuration is inline: the test harness takes no directory with a provider block in it.
const configuration = `
variable "name" { type = string }

resource "vks_namespace" "test" {
  name             = var.name
  vm_classes       = ["best-effort-small"]
  storage_policies = { gold-policy = {} }
}

resource "vks_cluster" "test" {
  name               = "prod"
  namespace          = vks_namespace.test.name
  kubernetes_version = "v1.34"
  vm_class           = "best-effort-small"
  storage_class      = "gold-policy"

  network = {
    pods     = ["192.168.0.0/16"]
    services = ["10.96.0.0/12"]
  }

  control_plane = {}
}

ephemeral "vks_kubeconfig" "login" {
  cluster_id = vks_cluster.test.id
  auth       = "login"
}

ephemeral "vks_kubeconfig" "secret" {
  cluster_id = vks_cluster.test.id
  auth       = "secret"
}

provider "other" {
  workload = { auth = "secret" }
}

ephemeral "vks_kubeconfig" "default" {
  provider   = other
  cluster_id = vks_cluster.test.id
}

# Ephemeral values may reach a provider's configuration, and this one echoes it.
provider "echo" {
  data = {
    login   = ephemeral.vks_kubeconfig.login
    secret  = ephemeral.vks_kubeconfig.secret
    default = ephemeral.vks_kubeconfig.default
  }
}

resource "echo" "test" {}
`

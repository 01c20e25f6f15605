package kubeconfig_test

import (
	"regexp"
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
	all := acctest.Factories(t)
	all["echo"] = echoprovider.NewProviderServer()
	return all
}

func echoed(auth, name string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("echo.test", tfjsonpath.New("data").AtMapKey(auth).AtMapKey(name), check)
}

// The cluster is made in the same apply: at plan its id is not known, and the
// ephemeral resources wait for it.
func TestAccKubeconfig(t *testing.T) {
	pem := knownvalue.StringRegexp(regexp.MustCompile(`-----BEGIN `))
	acctest.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t),
		Steps: []resource.TestStep{{
			Config:          configuration,
			ConfigVariables: config.Variables{"name": config.StringVariable(acctest.Name(t, "kubeconfig"))},
			ConfigStateChecks: []statecheck.StateCheck{
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
		}},
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

# Ephemeral values may reach a provider's configuration, and this one echoes it.
provider "echo" {
  data = {
    login  = ephemeral.vks_kubeconfig.login
    secret = ephemeral.vks_kubeconfig.secret
  }
}

resource "echo" "test" {}
`

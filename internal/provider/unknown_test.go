package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
)

// A plan validates with variables that are unknown, and plans with their values
// and with what only an apply makes known. Nothing that needs no connection may
// stumble over that.
func TestUnknownProviderAttributes(t *testing.T) {
	const (
		all = `
  vcenter = {
    server = VALUE, username = VALUE, password = VALUE, ca_pem = VALUE, ca_file = VALUE, insecure = VALUE
  }
  supervisor = {
    name = VALUE, server = VALUE, ca_pem = VALUE, ca_file = VALUE, insecure = VALUE
    kubeconfig_file = VALUE, kubeconfig_context = VALUE, token = VALUE, token_file = VALUE
  }
  workload = { kubeconfig_file = VALUE, kubeconfig_context = VALUE, auth = VALUE }
`
		blocks = "\n  vcenter = VALUE\n  supervisor = VALUE\n  workload = VALUE\n"
		others = "  deletion_protection = VALUE\n  capacity_check = VALUE\n  request_timeout = VALUE\n  max_retries = VALUE\n  requests_per_second = VALUE\n"
		// variables are unknown where a plan validates, and null where it plans.
		variable   = "\nvariable \"nothing\" {\n  default = null\n}\n"
		later      = "terraform_data.later.output"
		laterBlock = "terraform_data.block.output"
	)
	config := func(block, value, body string) string {
		return "provider \"vks\" {" + strings.ReplaceAll(block, "VALUE", value) + "}\n" + variable +
			"resource \"terraform_data\" \"later\" {\n  input = \"x\"\n}\nresource \"terraform_data\" \"block\" {\n  input = {}\n}\n" + body
	}
	const apart = `
resource "vks_backup_schedule" "test" {
  cluster_id = terraform_data.later.output
  name       = "nightly"
  schedule   = "@daily"
}
`
	for name, c := range map[string]struct{ config, want string }{
		"each attribute null":            {config: config(all+others, "var.nothing", apart)},
		"each block null":                {config: config(blocks, "var.nothing", apart)},
		"each attribute to come":         {config: config(all, later, apart)},
		"each block to come":             {config: config(blocks, laterBlock, apart)},
		"an attribute that is needed":    {config(all, later, namespaceOf("conn")), `(?s)vcenter\.server,\s+vcenter\.username.*known\s+after\s+apply`},
		"a block that is needed":         {config(blocks, laterBlock, namespaceOf("conn")), `(?s)attribute:\s+vcenter\s+is\s+only\s+known\s+after\s+apply`},
		"a default that all have":        {config("\n"+others, later, apart), `Unknown provider attribute`},
		"two ways, as variables allow":   {config("\n  supervisor = { server = \"sv\", kubeconfig_file = \"f\" }\n", "", apart), `(?s)Only\s+one\s+of\s+kubeconfig_file\s+and\s+server`},
		"two CAs that are given at last": {strings.Replace(config("\n  vcenter = { ca_pem = var.nothing, ca_file = var.nothing }\n", "", apart), "null", `"x"`, 1), `(?s)Only\s+one\s+of\s+ca_pem\s+and\s+ca_file`},
	} {
		t.Run(name, func(t *testing.T) {
			step := resource.TestStep{Config: c.config, PlanOnly: true, ExpectNonEmptyPlan: true}
			if c.want != "" {
				step = resource.TestStep{Config: c.config, PlanOnly: true, ExpectError: regexp.MustCompile(c.want)}
			}
			acctest.Test(t, resource.TestCase{Steps: []resource.TestStep{step}})
		})
	}
}

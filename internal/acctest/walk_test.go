package acctest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vksops/terraform-provider-vks/internal/acctest"
)

// TestAccWalk takes the README's walk through the lab, as it is printed, but
// for starting the lab: with the CLI that is printed, and with the other one.
func TestAccWalk(t *testing.T) {
	t.Parallel()
	acctest.Env(t)
	lab := os.Getenv("LAB_DIR")
	if lab == "" {
		t.Skip("no lab to walk through")
	}
	_, rest, _ := strings.Cut(readme(t), "```sh\nmake lab ")
	_, rest, _ = strings.Cut(rest, "\n")
	walk, _, found := strings.Cut(rest, "```")
	if !found || !strings.Contains(walk, "source .lab/env") {
		t.Fatal("the README has no walk through the lab")
	}
	for _, program := range []string{"LAB_TERRAFORM", "LAB_TOFU"} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			cli := acctest.NewCLI(t, "examples/tenant", "examples/modules")
			cli.Setenv("TF_VAR_tenant", acctest.Name(t, "walk"))
			script := strings.NewReplacer(".lab/", lab+"/", "LAB_TERRAFORM", program).Replace(walk)
			output, code := cli.Exec(t, "bash", "-ec", "cd ../..\n"+script)
			if code != 0 || !strings.Contains(output, "module.tenant.vks_backup_schedule.tier[\"critical\"]") {
				t.Errorf("exit %d:\n%s", code, output)
			}
		})
	}
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(acctest.Root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAccTenantElsewhere plans the example as a user with another platform and
// other wishes has it: by variables alone.
func TestAccTenantElsewhere(t *testing.T) {
	t.Parallel()
	cli := newTenant(t, acctest.Name(t, "elsewhere"))
	variables := `{
		"quota": {"memory_mib": 11111},
		"storage_policy_limit_mib": 22222,
		"vm_classes": ["best-effort-medium", "guaranteed-medium"],
		"permissions": [{"principal": "sre", "domain": "example.com", "type": "GROUP", "role": "OWNER"}],
		"kubernetes_version": "v1.34",
		"cluster": {
			"name": "main", "control_plane_replicas": 3, "control_plane_vm_class": "guaranteed-medium", "vm_class": "best-effort-medium",
			"pods": "172.30.0.0/16", "services": "10.120.0.0/16", "node_pools": {"blue": 4}
		},
		"backup_region": "eu-central-1", "backup_force_path_style": false, "backup_credentials_version": 7,
		"velero_image": "registry.example.com/velero:v1", "velero_plugin_image": "registry.example.com/plugin:v1",
		"protection": {"all": {"rpo": "4h", "retention": "48h", "namespaces": ["*"]}},
		"headroom": {"host_failures_to_tolerate": 2, "warning_percent": 60},
		"deletion_protection": true
	}`
	if err := os.WriteFile(filepath.Join(cli.Dir(), "terraform.tfvars.json"), []byte(variables), 0o600); err != nil {
		t.Fatal(err)
	}
	cli.MustRun(t, "plan", "-input=false", "-no-color", "-out=elsewhere.plan")
	plan := cli.MustRun(t, "show", "-json", "elsewhere.plan")
	for _, want := range []string{
		`"memory_limit_mib":11111`, `"cpu_limit_mhz":null`, `"limit_mib":22222`, `"vm_classes":["best-effort-medium","guaranteed-medium"]`, `"principal":"sre"`,
		`"kubernetes_version":"v1.34"`, `"name":"main"`, `"replicas":3`, `"vm_class":"guaranteed-medium"`, `"vm_class":"best-effort-medium"`,
		`"pods":["172.30.0.0/16"]`, `"services":["10.120.0.0/16"]`, `"blue":{`, `"replicas":4`,
		`"region":"eu-central-1"`, `"force_path_style":false`, `"credentials_wo_version":7`,
		`"velero_image":"registry.example.com/velero:v1"`, `"plugins":["registry.example.com/plugin:v1"]`, `"retention":"48h"`,
		`"host_failures_to_tolerate":2`, `"warning_percent":60`, `"critical_percent":90`, `"deletion_protection":true`,
	} {
		if !strings.Contains(plan, want) {
			t.Errorf("the plan does not have %s", want)
		}
	}
}

// TestExamplePassesOn keeps a variable of the module from being out of reach.
func TestExamplePassesOn(t *testing.T) {
	t.Parallel()
	examples := filepath.Join(acctest.Root(t), "examples")
	module, err := os.ReadFile(filepath.Join(examples, "modules", "tenant", "variables.tf"))
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.ReadFile(filepath.Join(examples, "tenant", "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	variables := regexp.MustCompile(`(?m)^variable "(\w+)"`).FindAllStringSubmatch(string(module), -1)
	if len(variables) < 10 {
		t.Fatalf("only %d variables were found", len(variables))
	}
	for _, v := range variables {
		if !regexp.MustCompile(`(?m)^  ` + v[1] + ` +=`).Match(root) {
			t.Errorf("examples/tenant does not pass on %s", v[1])
		}
	}
}

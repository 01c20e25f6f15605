package acctest_test

import (
	"os"
	"path/filepath"
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
